"""What the applications of one group do to one another: hold, release and stop.

In step, all of them come to a color before any is asked about it: that is the barrier.

Tested in `test_group_verbs.py`.
"""

from handlers.domain.approvals.approval import Subject
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.group import Group, Order, Part, held_by
from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Rollout
from handlers.domain.model.step_input import Step
from handlers.observability import logger
from handlers.services.context import Context
from handlers.services.group_members import (
    member_end,
    record_ended_members,
    record_member_end,
)
from handlers.services.rollback import request_rollback_with_group, take_back_with_group
from handlers.services.task_tokens import answer_if_open, yield_to_rollback


def hold_or_stop(context: Context, rollout: Rollout, step: Step) -> bool:
    """Hold a rollout at the barrier, or stop it because its group is stopped.

    Returns:
        Whether nobody is to be asked about the color now.
    """
    group = context.gateways.groups.get(rollout.group)
    if group is None:
        return False
    if _is_in_step(group, rollout.application, step):
        group = join_barrier(context, group, rollout.application, step)
        if held_by(group, rollout.application, step.color):
            context.group_board.show(group)
            return True
    if not group.stops_the_rest:
        return False
    # This one was not on record yet, or not to be seen, when the others were stopped; or the
    # failure was found just now; or Step Functions, which stops the rollouts of a group that is
    # stopped at best effort, has not.
    take_back_with_group(context, rollout, stop_reason(group))
    yield_to_rollback(context, step.token)
    stop_rollouts(context, group)
    return True


def join_barrier(context: Context, group: Group, application: str, step: Step) -> Group:
    """Record that an application has come to a color, and by which token it waits there.

    The last to come finds all the others there, and releases the barrier. A token that is lost is
    not missed: its callback times out, and the machine comes back here.
    """
    records = context.gateways.groups
    group = records.record_arrival(group.id, application, color=step.color, token=step.token)
    if held_by(group, application, step.color):
        group = record_ended_members(context, group)
    if not held_by(group, application, step.color):
        group = records.clear_token(group.id, application)
        release_barrier(context, group)
        context.group_board.show(group)
    return group


def release_barrier(context: Context, group: Group) -> None:
    """Have those asked that are held before a color to which all the others have come."""
    for member in group.of(Part.OPEN):
        if member.token and not held_by(group, member.application, member.color):
            answer_if_open(context, member.token, {"outcome": DecisionOutcome.ASK_AGAIN})


def stop_rollouts(context: Context, group: Group) -> None:
    """Take every open rollout of a group back, as people would; those not begun never begin.

    Idempotent: each rollout is taken back once, by a write to its record.
    """
    for member in group.of(Part.OPEN):
        rollout = context.gateways.rollouts.get(member.rollout)
        if rollout is not None and rollout.is_open:
            take_back_with_group(context, rollout, stop_reason(group))
        if member.token:
            yield_to_rollback(context, member.token)


def settle_application(
    context: Context, group_id: str, application: str, *, error: str, returning: bool
) -> RolloutOutcome:
    """Record how an application's rollout ended: a failure stops the rest, else others go on.

    Idempotent, also late: what has been recorded stays, and what follows is done again.

    Args:
        context: what is given.
        group_id: the group.
        application: one of its own.
        error: of the execution, as Step Functions names it; empty where it had none.
        returning: whether it was to go back.

    Returns:
        How the rollout ended.
    """
    group = context.gateways.groups.read(group_id)
    member = group.members[application]
    end = member_end(context, group, member, error, returning=returning)
    group = record_member_end(context, group, member, end, returning=returning)
    if group.stops_the_rest:
        stop_rollouts(context, group)
    elif not returning:
        release_barrier(context, group)
    context.group_board.show(group)
    return end[0]


def record_group_failure(context: Context, rollout: Rollout) -> None:
    """Record on its group that a rollout goes back, so that no other goes on meanwhile.

    Going back does not depend on it: settling the application records the failure as well.
    """
    if not rollout.group:
        return
    records = context.gateways.groups
    try:
        group = records.get(rollout.group)
        if group is not None and not group.failed:
            records.mark_failed_once(group.id, rollout.application)
    except ShingoError as error:
        logger().warning("its group does not know yet that it goes back: %s", error)


def apply_group_failure(context: Context, rollout: Rollout) -> Rollout:
    """Record on a rollout that it is to go back, if its group has failed or was ended.

    The step that stops the group's rollouts may have failed, or not have found this one yet.
    """
    group = context.gateways.groups.get(rollout.group) if rollout.group else None
    if group is None or not group.stops_the_rest:
        return rollout
    return request_rollback_with_group(context, rollout, stop_reason(group))


def stop_reason(group: Group) -> str:
    """Say why the rest is stopped."""
    if group.failed:
        return f"{group.failed}, of the same release, failed"
    return "the release that it is part of was ended"


def _is_in_step(group: Group, application: str, step: Step) -> bool:
    """Whether an application is to wait at a color for the others."""
    is_open = application in group.members and group.members[application].part is Part.OPEN
    in_step = group.order is Order.IN_STEP and not group.stops_the_rest
    return in_step and is_open and step.about != Subject.HEALTH
