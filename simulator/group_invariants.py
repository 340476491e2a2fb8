"""The invariants of groups: several applications that are one release."""

from typing import Any

from handlers.domain.model.colors import COLORS
from handlers.domain.model.group import GROUP_ERRORS, IfOneFails, Order, Part, returning_name
from handlers.domain.model.outcomes import CUT_SHORT, GroupOutcome, RolloutOutcome
from handlers.domain.model.rollout import Stage
from simulator.violations import record_violation

FROM_OUTSIDE = frozenset({"ABORTED", "TIMED_OUT"})
"""Statuses of an execution that was ended from outside."""
ABORTS = {CUT_SHORT[status] for status in FROM_OUTSIDE}


def check_before_deploy(simulation: Any, rollout: Any, color: str) -> None:
    """Check that no application gets a color once one of its group has failed.

    In step, none gets one before all have the one before it, or have ended.
    """
    group = simulation.outside.group_records.records.get(rollout.group)
    failed = simulation.groups.failed.get(rollout.group)
    invocation = simulation.lambdas.running
    if failed and failed < invocation.deadline - invocation.function.timeout:
        said = f"{rollout.id} gets {color} after {group.failed} has failed"
        record_violation(simulation, "a failure stops the rest", said)
    before = COLORS[: COLORS.index(color)][-1:]
    if group is None or group.order is not Order.IN_STEP or not before:
        return
    for member in group.members.values():
        other = simulation.outside.rollouts.records.get(member.rollout)
        is_behind = other is None or (
            other.is_open and Stage.RELEASED not in other.colors[before[0]].times
        )
        if member.rollout != rollout.id and is_behind and not group.failed:
            said = f"{rollout.id} gets {color} before {member.rollout} has {before[0]}"
            record_violation(simulation, "in step", said)


def check_at_the_end(simulation: Any) -> None:
    """Check what must hold of every group once nothing more happens."""
    executions = {each.name: each for each in simulation.groups.executions()}
    for group in simulation.outside.group_records.records.values():
        if group.is_open:
            record_violation(simulation, "closed", f"{group.id} is open after its end")
            continue
        _one_truth(simulation, group, executions[group.id])
        for member in group.members.values():
            _part_is_true(simulation, group, member)


def _one_truth(simulation: Any, group: Any, execution: Any) -> None:
    """Check that group, applications and execution agree on whether all completed."""
    records = simulation.outside.rollouts.records
    ends = [records[m.rollout].outcome for m in group.members.values() if m.rollout in records]
    completed = ends == [RolloutOutcome.COMPLETED] * len(group.applications)
    if group.outcome == GroupOutcome.COMPLETED and not completed:
        record_violation(simulation, "one truth", f"{group.id} is completed, of {ends}")
    # As with a rollout: an end from outside after all was done, or two faults of which one ends
    # the last step after its record and one refuses its retry.
    is_twofold = (
        execution.error == GROUP_ERRORS[GroupOutcome.FAULT]
        and len(simulation.fault_plan.injected) > 1
    )
    has_ended_late = execution.status in FROM_OUTSIDE or is_twofold
    late = has_ended_late and group.outcome == GroupOutcome.COMPLETED
    if (execution.status == "SUCCEEDED") is not (
        group.outcome == GroupOutcome.COMPLETED
    ) and not late:
        said = f"{group.id} is {group.outcome} and its execution {execution.status}"
        record_violation(simulation, "one truth", said)


def _ended_later(group: Any, rollout: Any) -> bool:
    return rollout is not None and rollout.ended >= group.ended


def _part_is_true(simulation: Any, group: Any, member: Any) -> None:
    """Check that the group's part of an application agrees with the application's records."""
    records = simulation.outside.rollouts.records
    rollout = records.get(member.rollout)
    back = records.get(returning_name(group.id, member.application))
    outcome = rollout.outcome if rollout else ""
    is_true = {
        Part.COMPLETED: outcome == RolloutOutcome.COMPLETED and back is None,
        Part.FAILED: outcome != RolloutOutcome.COMPLETED,
        Part.NOT_BEGUN: rollout is None,
        Part.PUT_BACK: back is not None and back.outcome == RolloutOutcome.PUT_BACK,
        Part.STRANDED: back is None or back.outcome != RolloutOutcome.PUT_BACK,
        # Whoever was to settle it was stopped, or found its record open: the group says so of it.
        Part.OPEN: group.outcome in {*ABORTS, GroupOutcome.FAULT} or _ended_later(group, rollout),
        Part.WAITING: rollout is None,
        Part.GOING_BACK: group.outcome in {*ABORTS, GroupOutcome.FAULT},
    }
    if not is_true[member.part]:
        said = f"{group.id} says {member.part} of {member.rollout}, which is {outcome or 'nothing'}"
        record_violation(simulation, "each part is true", said)
    to_go_back = group.failed and group.if_one_fails is IfOneFails.ROLL_BACK
    was_cut = group.outcome in {*ABORTS, GroupOutcome.FAULT}
    if to_go_back and member.part is Part.COMPLETED and not was_cut:
        record_violation(simulation, "none is left ahead", f"{member.rollout} was not put back")
