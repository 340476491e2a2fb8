"""What the record of a group says of each application: that it has begun, and how it ended.

Tested in `test_group_verbs.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.domain.model.group import (
    ON_THE_WAY,
    ON_THE_WAY_BACK,
    Group,
    Member,
    Part,
    ended_part,
    execution_of,
    may_begin,
    member_rollout,
    request_back,
    request_of,
    returning_name,
)
from handlers.domain.model.outcomes import GOES_NO_FURTHER, RolloutOutcome
from handlers.services.context import Context

STARTING_TAKES_AT_MOST: Final = timedelta(hours=1)
"""What has not begun by then is not going to: in step, all applications begin at once."""

End = tuple[RolloutOutcome, str]
"""How a rollout ended, and why."""


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The execution that begins an application, or its way back."""

    name: str
    document: Mapping[str, str]


def begin_member(
    context: Context, group_id: str, application: str, *, returning: bool
) -> Beginning | None:
    """Record that an application begins, or its way back; None where it does not.

    Idempotent: the name is always the same, so a second start starts nothing new.
    """
    group = context.gateways.groups.read(group_id)
    member = group.members[application]
    if not group.is_open or member.part not in (ON_THE_WAY_BACK if returning else ON_THE_WAY):
        # It has ended, or the group was stopped and redriven: what was said at its end stands.
        return None
    if returning:
        name, document = returning_name(group.id, application), request_back(group, application)
        part = Part.GOING_BACK
    else:
        name, document = member.rollout, request_of(group, application)
        may = member.part is Part.OPEN or may_begin(group)
        part = Part.OPEN if may else Part.NOT_BEGUN
    group = context.gateways.groups.move_member(group.id, member, part=part)
    context.group_board.show(group)
    if part is Part.NOT_BEGUN or group.members[application].part is not part:
        # Either it is not to begin, or it came to its end while this step was slow.
        return None
    return Beginning(name=name, document=document)


def member_end(
    context: Context, group: Group, member: Member, error: str, *, returning: bool
) -> End:
    """Return how an application's rollout ended by its record; a fault where it has none.

    The machine may have lost sight of a rollout (a timeout, a fault of its own): one that is still
    open then has failed as far as the group goes, and is taken back with the others.
    """
    rollout = context.gateways.rollouts.get(member_rollout(group, member, returning=returning))
    if rollout is not None and rollout.outcome:
        return rollout.outcome, rollout.cause
    cause = f"Its execution ended without a record ({error or 'no error name'})."
    return RolloutOutcome.FAULT, cause


def record_member_end(
    context: Context, group: Group, member: Member, end: End, *, returning: bool
) -> Group:
    """Record how an application's rollout ended, or the one that puts it back; idempotent."""
    if member.part not in (ON_THE_WAY_BACK if returning else ON_THE_WAY):
        return group
    outcome, cause = end
    part = ended_part(outcome, returning=returning)
    return context.gateways.groups.move_member(
        group.id, member, part=part, outcome=outcome, cause=cause, token=""
    )


def record_ended_members(context: Context, group: Group, *, is_over: bool = False) -> Group:
    """Record the end of every rollout that has ended; the step that should have may have failed.

    Without it the others would be held for ever, and the group would end without a word of it.

    `is_over` says that nothing of it can begin any more.
    """
    for member in (*group.of(Part.WAITING), *group.of(Part.OPEN), *group.of(Part.GOING_BACK)):
        returning = member.part is Part.GOING_BACK
        end = _end_of(context, group, member, returning=returning, is_over=is_over)
        if end is not None:
            group = record_member_end(context, group, member, end, returning=returning)
    return group


def record_not_put_back(context: Context, group: Group) -> Group:
    """Record of what had completed and was to go back that it did not even begin to."""
    for member in group.of(Part.COMPLETED):
        end = (RolloutOutcome.FAULT, "Its way back did not begin: put it back by hand.")
        group = record_member_end(context, group, member, end, returning=True)
    return group


def _end_of(
    context: Context, group: Group, member: Member, *, returning: bool, is_over: bool
) -> End | None:
    """Return how an application's rollout ended; None where it may still go on."""
    name = member_rollout(group, member, returning=returning)
    rollout = context.gateways.rollouts.get(name)
    if rollout is not None:
        return (rollout.outcome, rollout.cause) if rollout.outcome else None
    if is_over and member.part is Part.WAITING:
        return None
    if is_over or _leaves_no_record(context, group, name):
        return RolloutOutcome.FAULT, "It ended without a record."
    return None


def _leaves_no_record(context: Context, group: Group, rollout: str) -> bool:
    """Whether a rollout has no record and will have none: it ended, or was never begun."""
    status = context.gateways.executions.status(execution_of(group, rollout))
    is_late = context.now() - group.started > STARTING_TAKES_AT_MOST
    return status in GOES_NO_FURTHER or (not status and is_late)
