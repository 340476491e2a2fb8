"""What the applications of one group do to one another: hold back, let go, and stop."""

from datetime import timedelta
from typing import Final

from handlers.domain.approvals.approval import Subject
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.group import (
    ON_THE_WAY,
    ON_THE_WAY_BACK,
    Group,
    Member,
    Order,
    Part,
    ended_part,
    execution_of,
    held_by,
    rollout_of,
)
from handlers.domain.model.outcomes import GOES_NO_FURTHER, DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Rollout
from handlers.domain.model.step_input import Step
from handlers.observability import logger
from handlers.services import deployment, rollback, task_tokens
from handlers.services.context import Context

STARTING_TAKES_AT_MOST: Final = timedelta(hours=1)
"""What has not begun by then is not going to: in step, all applications begin at once."""


def hold_for_group(context: Context, rollout: Rollout, step: Step) -> bool:
    """Whether nobody is to be asked about a color yet, or any more, because of the group.

    In step, each application notes that it has come to the color, and by which token it waits.
    The last to come finds all the others there, and lets them go. A token that is lost is not
    missed: the look-again comes back here.
    """
    group = context.gateways.groups.get(rollout.group)
    if group is None:
        return False
    if _in_step(group, rollout.application, step):
        group = join_barrier(context, group, rollout.application, step)
        if held_by(group, rollout.application, step.color):
            context.group_board.show(group)
            return True
    if group.stops_the_rest:
        # This one was not on record yet, or not to be seen, when the others were stopped; or the
        # failure was found just now; or Step Functions, which stops the rollouts of a group that is
        # stopped at best effort, has not.
        rollback.stop_with_group(context, rollout, stop_reason(group))
        deployment.give_way(context, step.token)
        stop_group(context, group)
        return True
    return False


def _in_step(group: Group, application: str, step: Step) -> bool:
    is_open = application in group.members and group.members[application].part is Part.OPEN
    in_step = group.order is Order.IN_STEP and not group.stops_the_rest
    return in_step and is_open and step.about != Subject.HEALTH


def join_barrier(context: Context, group: Group, application: str, step: Step) -> Group:
    """Note that an application has come to a color; if it is held no more, let the others go."""
    records = context.gateways.groups
    come = {"color": step.color, "token": step.token}
    group = records.change_member(group.id, application, **come)
    if held_by(group, application, step.color):
        group = note_ended(context, group)
    if not held_by(group, application, step.color):
        group = records.change_member(group.id, application, token="")
        release_barrier(context, group)
        context.group_board.show(group)
    return group


def release_barrier(context: Context, group: Group) -> None:
    """Have those asked that are held before a color to which all the others have come."""
    for member in group.of(Part.OPEN):
        if member.token and not held_by(group, member.application, member.color):
            task_tokens.answer_if_open(
                context, member.token, {"outcome": DecisionOutcome.ASK_AGAIN}
            )


def stop_group(context: Context, group: Group) -> None:
    """Take every open rollout back, as people would; those not begun never begin.

    Safe to run twice: each rollout is taken back once, by a write to its record.
    """
    for member in group.of(Part.OPEN):
        rollout = context.gateways.rollouts.get(member.rollout)
        if rollout is not None and rollout.is_open:
            rollback.stop_with_group(context, rollout, stop_reason(group))
        if member.token:
            deployment.give_way(context, member.token)


def record_end(
    context: Context,
    group: Group,
    member: Member,
    outcome: RolloutOutcome,
    cause: str,
    *,
    returning: bool,
) -> Group:
    """Note how an application's rollout ended: a failure stops the rest, another lets others go.

    Safe to run twice, and late: what has been settled stays, and what follows is done again.
    """
    group = _note(context, group, member, outcome, cause, returning=returning)
    if group.stops_the_rest:
        stop_group(context, group)
    elif not returning:
        release_barrier(context, group)
    return group


def note_ended(context: Context, group: Group, *, is_over: bool = False) -> Group:
    """Note the end of every rollout that has ended; the step that should have may have failed.

    Without it the others would be held for ever, and the group would end without a word of it.

    `is_over` says that nothing of it can begin any more.
    """
    for member in (*group.of(Part.WAITING), *group.of(Part.OPEN), *group.of(Part.GOING_BACK)):
        returning = member.part is Part.GOING_BACK
        end = _end_of(context, group, member, returning=returning, is_over=is_over)
        if end is not None:
            group = _note(context, group, member, *end, returning=returning)
    return group


def note_left_ahead(context: Context, group: Group) -> Group:
    """Note of what had completed and was to go back that it did not even begin to."""
    for member in group.of(Part.COMPLETED):
        end = (RolloutOutcome.FAULT, "Its way back did not begin: put it back by hand.")
        group = _note(context, group, member, *end, returning=True)
    return group


def _end_of(
    context: Context, group: Group, member: Member, *, returning: bool, is_over: bool
) -> tuple[RolloutOutcome, str] | None:
    """Return the outcome and cause of an application's rollout; None where it may still go on."""
    name = rollout_of(group, member, returning=returning)
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


def _note(
    context: Context,
    group: Group,
    member: Member,
    outcome: RolloutOutcome,
    cause: str,
    *,
    returning: bool,
) -> Group:
    if member.part not in (ON_THE_WAY_BACK if returning else ON_THE_WAY):
        return group
    part = ended_part(outcome, returning=returning)
    changes = {"part": part, "outcome": outcome, "cause": cause, "token": ""}
    return context.gateways.groups.move_member(group.id, member, **changes)


def record_group_failure(context: Context, rollout: Rollout) -> None:
    """Note on its group that a rollout goes back, so that no other goes on meanwhile.

    Going back does not wait for it: whoever settles the application notes it as well.
    """
    if not rollout.group:
        return
    records = context.gateways.groups
    try:
        group = records.get(rollout.group)
        if group is not None and not group.failed:
            records.change(group.id, **{"failed?": rollout.application})
    except ShingoError as error:
        logger().warning("its group does not know yet that it goes back: %s", error)


def apply_group_failure(context: Context, rollout: Rollout) -> Rollout:
    """Note on a rollout that it is to go back, if its group has failed or was ended.

    Whoever was to stop it may not have come to it.
    """
    group = context.gateways.groups.get(rollout.group) if rollout.group else None
    if group is None or not group.stops_the_rest:
        return rollout
    stopping = rollback.group_stop_decision(context, stop_reason(group))
    return rollback.request_rollback(context, rollout, stopping, rollback.SHINGO)[0]


def stop_reason(group: Group) -> str:
    """Say why the rest is stopped."""
    if group.failed:
        return f"{group.failed}, of the same release, failed"
    return "the release that it is part of was ended"
