"""Several applications rolled out as one release: what is recorded of them, and what follows.

Tested in `test_group_decisions.py`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypedDict

from handlers.domain.model.colors import COLORS
from handlers.domain.model.execution_names import MAX_NAME
from handlers.domain.model.outcomes import ERRORS, GroupOutcome, RolloutOutcome
from handlers.domain.model.rollout import Board

GROUP_ERRORS: Final[Mapping[GroupOutcome, str]] = {
    GroupOutcome.INVALID_INPUT: ERRORS[RolloutOutcome.INVALID_INPUT],
    GroupOutcome.NOBODY_CAN_ANSWER: ERRORS[RolloutOutcome.NOBODY_CAN_ANSWER],
    GroupOutcome.FAILED: "GroupFailed",
    GroupOutcome.FAULT: ERRORS[RolloutOutcome.FAULT],
}
"""Outcome of a group → the error name of the `Fail` state in which its execution ends."""
BEGIN: Final = "begin"
PUT_BACK: Final = "put back"
"""What the machine is to do next."""
AT_ONCE_AT_MOST: Final = 10
"""Rollouts of a group that run at once. Each registers one revision, at the worst all in the same
second, of which ECS takes 20 (and 50 of UpdateService): half is left to others of the account.
Colors with definitions of their own register one each; what is too much at once is sent again."""


class Order(StrEnum):
    """When one application goes on beside the others."""

    IN_ORDER = "in order"
    SIDE_BY_SIDE = "side by side"
    IN_STEP = "in step"
    """Side by side, and no application is asked about a color before all have the one before it."""


class IfOneFails(StrEnum):
    """What becomes of the applications that have completed when another fails."""

    STOP = "stop"
    ROLL_BACK = "roll back"


class Part(StrEnum):
    """Where one application of a group is."""

    WAITING = "waiting"
    OPEN = "open"
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_BEGUN = "not_begun"
    GOING_BACK = "going_back"
    PUT_BACK = "put_back"
    STRANDED = "stranded"


ON_THE_WAY: Final = frozenset({Part.WAITING, Part.OPEN})
ON_THE_WAY_BACK: Final = frozenset({Part.COMPLETED, Part.GOING_BACK})


@dataclass(frozen=True, kw_only=True)
class Member:
    """One application of a group."""

    application: str
    rollout: str
    """The name of its rollout."""
    part: Part = Part.WAITING
    outcome: RolloutOutcome | Literal[""] = ""
    """Of its rollout, once that has ended."""
    cause: str = ""
    color: str = ""
    """In step: the color that it has come to, and may be held before."""
    token: str = field(default="", repr=False)
    """In step: what waits there."""
    board: Board | None = None
    """Of its rollout, once that has one."""


class MemberChanges(TypedDict, total=False):
    """The attributes of a `Member` that one write sets."""

    part: Part
    outcome: RolloutOutcome
    cause: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """One release of several applications, as it is recorded."""

    id: str
    """Its execution's name, or one made of it, as a rollout's."""
    execution: str
    """Its execution's ARN."""
    applications: tuple[str, ...]
    tag: str
    requested_by: str
    reason: str
    order: Order
    if_one_fails: IfOneFails
    started: datetime
    members: Mapping[str, Member]
    failed: str | None = None
    """The application that failed first: from then on none begins."""
    board: Board | None = None
    outcome: GroupOutcome | Literal[""] = ""
    """How it ended; empty while it is open."""
    cause: str = ""
    ended: datetime | None = None
    board_is_behind: bool = False
    """Whether Slack has not taken what the record says."""
    is_mended: bool = False
    """Whether what its end left was looked through, once no step was left that could add to it."""
    requested_as: str = ""
    """What the input says of who asked, where that is another id of theirs."""

    @property
    def in_turn(self) -> tuple[Member, ...]:
        """Its applications, in the order in which they were asked for."""
        return tuple(self.members[name] for name in self.applications)

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def stops_the_rest(self) -> bool:
        """Whether no application goes on any more: one has failed, or the group was ended."""
        return bool(self.failed) or not (self.is_open or self.outcome == GroupOutcome.COMPLETED)

    def of(self, part: Part) -> tuple[Member, ...]:
        return tuple(member for member in self.in_turn if member.part is part)


def member_name(group: str, application: str) -> str:
    """Name an application's rollout: always the same, so that a repeated start starts one."""
    name = f"{group}.{application}"
    if len(name) <= MAX_NAME:
        return name
    once = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"{group[: MAX_NAME - len(application) - 12]}-{once}.{application}"


def returning_name(group: str, application: str) -> str:
    """Name the rollout that puts an application back."""
    return member_name(f"back-{group}", application)


def member_rollout(group: Group, member: Member, *, returning: bool) -> str:
    """Name an application's rollout, or the one that puts it back."""
    return returning_name(group.id, member.application) if returning else member.rollout


def execution_of(group: Group, rollout: str) -> str:
    """Write the ARN of a rollout's execution: the template names its machine beside the group's."""
    *place, machine, _ = group.execution.split(":")
    return ":".join([*place, f"{machine.removesuffix('-group')}-rollout", rollout])


def request_of(group: Group, application: str) -> dict[str, str]:
    """Write the input of one application's rollout."""
    told = {"requestedBy": group.requested_as or group.requested_by, "reason": group.reason}
    given = {name: text for name, text in told.items() if text}
    return {"application": application, "tag": group.tag, "group": group.id, **given}


def request_back(group: Group, application: str) -> dict[str, str]:
    """Write the input of the rollout that puts one application back."""
    return {
        "application": application,
        "rollBack": group.members[application].rollout,
        "requestedBy": group.requested_as or group.requested_by,
        "reason": f"{group.failed} failed, of the same release",
    }


def may_begin(group: Group) -> bool:
    """Whether another application may begin."""
    return group.is_open and not group.failed


def goes_back(group: Group) -> bool:
    """Whether there is something left to put back, now that no application is open."""
    to_go_back = bool(group.failed) and group.if_one_fails is IfOneFails.ROLL_BACK
    return to_go_back and bool(group.of(Part.COMPLETED))


def ended_part(outcome: RolloutOutcome, *, returning: bool) -> Part:
    """Say where an application is when its rollout has ended."""
    if returning:
        return Part.PUT_BACK if outcome == RolloutOutcome.PUT_BACK else Part.STRANDED
    return Part.COMPLETED if outcome == RolloutOutcome.COMPLETED else Part.FAILED


def held_by(group: Group, application: str, color: str) -> tuple[str, ...]:
    """Name the applications for which one waits before it is asked about a color.

    In step, all of them come to a color before any goes on. One that has ended holds nobody.
    """
    if group.order is not Order.IN_STEP or group.stops_the_rest:
        return ()
    others = [m for m in group.in_turn if m.application != application]
    behind = [m for m in others if m.part in {Part.WAITING, Part.OPEN}]
    return tuple(m.application for m in behind if _reached(m) < COLORS.index(color))


def resolve_group_outcome(group: Group, fault: str = "") -> tuple[GroupOutcome, str]:
    """Say how a group ended.

    Args:
        group: its record.
        fault: what went wrong outside of any application; empty where nothing did.

    Returns:
        The outcome, and the sentences that explain it.
    """
    completed = [m.application for m in group.of(Part.COMPLETED)]
    if len(completed) == len(group.applications):
        return GroupOutcome.COMPLETED, f"All of them run {group.tag}: {', '.join(completed)}."
    told = [_member_text(member) for member in group.in_turn if member.part is not Part.COMPLETED]
    told += [f"{', '.join(completed)}: completed."] if completed else []
    if group.failed:
        return GroupOutcome.FAILED, " ".join(told)
    return GroupOutcome.FAULT, " ".join(
        [fault or "It ended in a way that no step recorded.", *told]
    )


def _member_text(member: Member) -> str:
    name = member.application
    match member.part:
        case Part.FAILED:
            return f"{name}: {member.outcome}: {member.cause or 'see its board.'}"
        case Part.PUT_BACK:
            return f"{name}: completed, and was put back."
        case Part.STRANDED:
            return f"{name}: completed, and could not be put back: {member.cause}"
        case Part.OPEN | Part.GOING_BACK:
            return f"{name}: did not end; see its board."
        case _:
            return f"{name}: not begun."


def _reached(member: Member) -> int:
    return COLORS.index(member.color) if member.color else -1
