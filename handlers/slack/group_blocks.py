"""A group's board: one Slack message that lists each application, drawn from the record."""

from collections.abc import Container, Sequence
from typing import Final

from handlers.domain.model import console_links
from handlers.domain.model.durations import in_words
from handlers.domain.model.group import Group, Part
from handlers.slack.blocks import MAX_HEADER, MAX_SECTION, Block
from handlers.slack.message_budget import MOST, fits, within_budget
from handlers.slack.messages.group_text import (
    group_outcome_line,
    group_request_line,
    group_title,
    member_line,
    members_line,
)
from handlers.slack.messages.markup import plain
from handlers.slack.messages.shortening import parts_of, shortened

_MARKS: Final = {
    Part.WAITING: ":white_circle:",
    Part.OPEN: ":hourglass_flowing_sand:",
    Part.COMPLETED: ":white_check_mark:",
    Part.FAILED: ":x:",
    Part.NOT_BEGUN: ":no_entry_sign:",
    Part.GOING_BACK: ":leftwards_arrow_with_hook:",
    Part.PUT_BACK: ":leftwards_arrow_with_hook:",
    Part.STRANDED: ":warning:",
}


_FOLDED: Final = (
    frozenset[Part](),
    frozenset({Part.COMPLETED, Part.PUT_BACK}),
    frozenset({Part.COMPLETED, Part.PUT_BACK, Part.WAITING, Part.NOT_BEGUN}),
    frozenset(Part) - {Part.FAILED, Part.STRANDED},
    frozenset(Part),
)
"""The parts whose applications share one line, where one each is too long for a message: first
those that need nobody's attention, and last those that failed."""


def group_board(group: Group) -> list[Block]:
    """Draw a group with a line for each application, as far as one message holds them."""
    drawn = (_board(group, _lines(group, folded)) for folded in _FOLDED)
    return next(filter(fits, drawn), None) or within_budget(_board(group, _counts(group)))


def _board(group: Group, lines: Sequence[str]) -> list[Block]:
    ending = [group_outcome_line(group)] if not group.is_open else []
    parts = parts_of("\n".join(lines), MAX_SECTION)
    texts = [group_request_line(group), *parts, *ending]
    return [
        {"type": "header", "text": {"type": "plain_text", "text": group_title(group)[:MAX_HEADER]}},
        *map(_section, texts),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": _footer(group)}]},
    ]


def _lines(group: Group, folded: Container[Part]) -> list[str]:
    """Return a line for each application, and one for all those of each part that is folded."""
    own = [
        f"{_MARKS[member.part]} {member_line(group, member)}"
        for member in group.in_turn
        if member.part not in folded
    ]
    together = [(part, group.of(part)) for part in Part if part in folded]
    return [*own, *(f"{_MARKS[part]} {members_line(m)}" for part, m in together if m)]


def _counts(group: Group) -> list[str]:
    """Return a line for each part, with as many names as there is room for."""
    parts = [(part, group.of(part)) for part in Part]
    room = MOST // (2 * len(parts))
    return [f"{_MARKS[part]} {members_line(m, room)}" for part, m in parts if m]


def _footer(group: Group) -> str:
    text = f"<{console_links.execution(group.execution)}|execution {plain(group.id)}>"
    return f"{text} · took {in_words(group.ended - group.started)}" if group.ended else text


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": shortened(text, MAX_SECTION)}}
