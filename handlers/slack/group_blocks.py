"""A group's board: one Slack message that lists each application, drawn from the record."""

from collections.abc import Sequence
from typing import Final

from handlers.domain.model import console_links
from handlers.domain.model.durations import in_words
from handlers.domain.model.group import Group, Part
from handlers.slack.board_blocks import MAX_HEADER, MAX_SECTION, Block
from handlers.slack.messages.group_text import (
    group_outcome_line,
    group_request_line,
    group_title,
    member_line,
)
from handlers.slack.messages.markup import plain

LINES_PER_SECTION: Final = 5
"""Applications in one section of 3,000 characters: 200 of them are 40 of a message's 50 blocks."""

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


def group_board(group: Group) -> list[Block]:
    lines = [f"{_MARKS[member.part]} {member_line(group, member)}" for member in group.in_turn]
    sections = ["\n".join(batch) for batch in _batches(lines)]
    ending = [_section(group_outcome_line(group))] if not group.is_open else []
    return [
        {"type": "header", "text": {"type": "plain_text", "text": group_title(group)[:MAX_HEADER]}},
        _section(group_request_line(group)),
        *map(_section, sections),
        *ending,
        {"type": "context", "elements": [{"type": "mrkdwn", "text": _footer(group)}]},
    ]


def _batches(lines: Sequence[str]) -> list[Sequence[str]]:
    return [lines[at : at + LINES_PER_SECTION] for at in range(0, len(lines), LINES_PER_SECTION)]


def _footer(group: Group) -> str:
    text = f"<{console_links.execution(group.execution)}|execution {plain(group.id)}>"
    return f"{text} · took {in_words(group.ended - group.started)}" if group.ended else text


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:MAX_SECTION]}}
