"""The lines of a group's board, and how the group ended. Tested in `test_group_blocks.py`."""

from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Final

from handlers.domain.approvals.approval import mention
from handlers.domain.model import console_links
from handlers.domain.model.group import Group, Member, Order, Part, execution_of
from handlers.domain.model.outcomes import GroupOutcome
from handlers.slack.messages.markup import clipped, message_link, plain, with_people
from handlers.slack.messages.rollout_text import MAX_SUMMARY
from handlers.slack.messages.shortening import shortened

MAX_CAUSE: Final = 160
"""Characters of why one application failed; its own board has it all."""
MAX_OUTCOME: Final = 1_000
"""Characters of how a group ended, and why."""
MAX_NAMED: Final = 5
"""Applications that a title names."""

_PART_TEXTS: Final = {
    Part.WAITING: "waits its turn",
    Part.OPEN: "is being rolled out",
    Part.COMPLETED: "runs the release",
    Part.FAILED: "failed",
    Part.NOT_BEGUN: "was not begun",
    Part.GOING_BACK: "is going back",
    Part.PUT_BACK: "had completed, and was put back",
    Part.STRANDED: "had completed, and could not be put back",
}
_PART_TEXTS_OF_SEVERAL: Final = _PART_TEXTS | {
    Part.WAITING: "wait their turn",
    Part.OPEN: "are being rolled out; each has a board of its own",
    Part.COMPLETED: "run the release",
    Part.NOT_BEGUN: "were not begun",
    Part.GOING_BACK: "are going back",
    Part.PUT_BACK: "had completed, and were put back",
}
_OUTCOME_TEXTS: Final = {
    GroupOutcome.COMPLETED: "Completed.",
    GroupOutcome.NOBODY_CAN_ANSWER: (
        "Refused: nobody can approve it. Let somebody else ask, or mend who may answer."
    ),
    GroupOutcome.FAILED: "One failed, and the rest was stopped.",
    GroupOutcome.ABORTED: "The group's execution was stopped.",
    GroupOutcome.TIMED_OUT: "The group took longer than it may.",
    GroupOutcome.FAULT: "A step failed. Open the execution to see why.",
}


def group_title(group: Group) -> str:
    """Name a group: `web and api v1.42.0`."""
    names = list(group.applications[:MAX_NAMED])
    more = len(group.applications) - len(names)
    names = [", ".join(names), f"{more} more"] if more else [", ".join(names[:-1]), names[-1]]
    return f"{' and '.join(names)} {group.tag}"


def group_request_line(group: Group) -> str:
    """Say who asked for the group, in which order, and why."""
    who = mention(group.requested_by) if group.requested_by else "The API"
    why = f": {plain(group.reason)}" if group.reason else "."
    return f"{who} asked for these as one release, {group.order}{why}"


def member_line(group: Group, member: Member) -> str:
    """Say where one application is, with a link to its board, or else to its execution."""
    name = member.application
    if member.board:
        name = message_link(member.board, name)
    elif member.part not in {Part.WAITING, Part.NOT_BEGUN}:
        name = f"<{console_links.execution(execution_of(group, member.rollout))}|{name}>"
    text = f"*{name}* {_PART_TEXTS[member.part]}"
    if group.order is Order.IN_STEP and member.part is Part.OPEN and member.color:
        text += f" · at {member.color}"
    if member.part in {Part.FAILED, Part.STRANDED}:
        text += f": {with_people(clipped(member.cause or member.outcome, MAX_CAUSE))}"
    return text


def members_line(members: Sequence[Member], room: int = MAX_SUMMARY * 3) -> str:
    """Say where several applications of one part are, naming as many as fit into `room`."""
    names = [member.application for member in members]
    shown = list(takewhile(lambda length: length <= room, accumulate(len(n) + 2 for n in names)))
    left = len(names) - len(shown)
    listed = ", ".join(names[: len(shown)]) + (f" and {left} more" if left else "")
    texts = _PART_TEXTS if len(names) == 1 else _PART_TEXTS_OF_SEVERAL
    return f"*{len(names)}* {texts[members[0].part]}: {listed}"


def group_outcome_line(group: Group) -> str:
    """Say how the group ended, and why."""
    head = _OUTCOME_TEXTS.get(group.outcome, group.outcome) if group.outcome else ""
    return shortened(f"*{head}* {with_people(plain(group.cause))}", MAX_OUTCOME)


def group_summary(group: Group) -> str:
    """Say the board in one line, for notifications, screen readers and the announcement."""
    if not group.is_open:
        return shortened(f"{group_title(group)}: {group_outcome_line(group)}", MAX_SUMMARY)
    completed = len(group.of(Part.COMPLETED))
    return f"{group_title(group)}: {completed} of {len(group.applications)} completed"
