"""A group's board: one Slack message that lists each application, drawn from the record."""

from collections.abc import Sequence
from typing import Final

from handlers.domain.approvals.approval import mention
from handlers.domain.model.durations import in_words
from handlers.domain.model.group import Group, Member, Order, Part, execution_of
from handlers.domain.model.outcomes import GroupOutcome
from handlers.slack.board_blocks import MAX_HEADER, MAX_SECTION, Block, execution_url
from handlers.slack.messages import clipped, plain

LINES_A_SECTION: Final = 5
"""Applications in one section of 3,000 characters: 200 of them are 40 of a message's 50 blocks."""
MOST_CAUSE: Final = 160
"""Characters of why one application failed; its own board has it all."""
NAMED: Final = 5
"""Applications that a title names."""

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
_SAID: Final = {
    Part.WAITING: "waits its turn",
    Part.OPEN: "is being rolled out; its own board is in its channel",
    Part.COMPLETED: "runs the release",
    Part.FAILED: "failed",
    Part.NOT_BEGUN: "was not begun",
    Part.GOING_BACK: "is going back",
    Part.PUT_BACK: "had completed, and was put back",
    Part.STRANDED: "had completed, and could not be put back",
}
_ENDS: Final = {
    GroupOutcome.COMPLETED: "Completed.",
    GroupOutcome.FAILED: "One failed, and the rest was stopped.",
    GroupOutcome.ABORTED: "The group's execution was stopped.",
    GroupOutcome.TIMED_OUT: "The group took longer than it may.",
    GroupOutcome.FAULT: "A step failed. Open the execution to see why.",
}


def title(group: Group) -> str:
    """Name a group: `web and api v1.42.0`."""
    names = list(group.applications[:NAMED])
    more = len(group.applications) - len(names)
    names = [", ".join(names), f"{more} more"] if more else [", ".join(names[:-1]), names[-1]]
    return f"{' and '.join(names)} {group.tag}"


def board(group: Group) -> list[Block]:
    """Draw the whole board."""
    who = mention(group.requested_by) if group.requested_by else "The API"
    why = f": {plain(group.reason)}" if group.reason else "."
    head = f"{who} asked for these as one release, {group.order}{why}"
    lines = [_line(group, member) for member in group.in_turn]
    sections = ["\n".join(some) for some in _some(lines)]
    ending = [_section(_ending(group))] if not group.is_open else []
    return [
        {"type": "header", "text": {"type": "plain_text", "text": title(group)[:MAX_HEADER]}},
        _section(head),
        *map(_section, sections),
        *ending,
        {"type": "context", "elements": [{"type": "mrkdwn", "text": _footer(group)}]},
    ]


def summary(group: Group) -> str:
    """Say the board in one line, for notifications, screen readers and the announcement."""
    if not group.is_open:
        return f"{title(group)}: {_ending(group)}"[:MAX_SECTION]
    completed = len(group.of(Part.COMPLETED))
    return f"{title(group)}: {completed} of {len(group.applications)} completed"


def _some(lines: Sequence[str]) -> list[Sequence[str]]:
    return [lines[at : at + LINES_A_SECTION] for at in range(0, len(lines), LINES_A_SECTION)]


def _line(group: Group, member: Member) -> str:
    name = member.application
    if member.part not in {Part.WAITING, Part.NOT_BEGUN}:
        name = f"<{execution_url(execution_of(group, member.rollout))}|{name}>"
    said = f"{_MARKS[member.part]} *{name}* {_SAID[member.part]}"
    if group.order is Order.IN_STEP and member.part is Part.OPEN and member.color:
        said += f" · at {member.color}"
    if member.part in {Part.FAILED, Part.STRANDED}:
        said += f": {clipped(member.cause or member.outcome, MOST_CAUSE)}"
    return said


def _ending(group: Group) -> str:
    head = _ENDS.get(group.outcome, group.outcome) if group.outcome else ""
    return f"*{head}* {plain(group.cause)}"[:MAX_SECTION]


def _footer(group: Group) -> str:
    said = f"<{execution_url(group.execution)}|execution {plain(group.id)}>"
    return f"{said} · took {in_words(group.ended - group.started)}" if group.ended else said


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:MAX_SECTION]}}
