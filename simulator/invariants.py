"""The invariants of rollouts. Each has a name, with which its violations begin."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from handlers.domain.approvals.approval import Subject
from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Stage
from simulator import approved_revisions, group_invariants
from simulator.violations import record_violation

A_MOMENT = timedelta(minutes=2)


def check_before_deploy(simulation: Any, cluster: str, service: str, revision: str) -> None:
    """Check that a color which gets a release was approved, and that nothing forbids it by now."""
    rollouts = simulation.outside.rollouts.records.values()
    application, _, color = service.rpartition("-")
    _has_the_lock(simulation, application, color)
    own = [r for r in rollouts if r.application == application]
    about = [r for r in own if color in r.colors and r.release.revision_for(color) == revision]
    going = [r for r in about if r.colors[color].previous != revision]
    invocation = simulation.lambdas.running
    if not going or invocation is None or invocation.function.name != "DeployColor":
        return
    rollout = going[-1]
    approvals = simulation.outside.approvals.records.values()
    answers = [
        a.decision.outcome
        for a in approvals
        if a.rollout == rollout.id
        and a.color == color
        and a.about is Subject.RELEASE
        and a.decision is not None
    ]
    if DecisionOutcome.APPROVED not in answers:
        record_violation(simulation, "approved first", f"{color} was deployed after {answers}")
    approved_revisions.check_before_deploy(simulation, rollout, color)
    running = {e.name for e in simulation.executions() if e.status == "RUNNING"}
    others = [r.id for r in own if r.colors and r.is_open and r.id in running - {rollout.id}]
    if others:
        said = f"{rollout.id} deployed {color} while {others[0]} goes on"
        record_violation(simulation, "one rollout at a time", said)
    began = invocation.deadline - invocation.function.timeout
    asked = rollout.roll_back_asked
    if asked is not None and asked.at < began:
        record_violation(
            simulation, "approved first", f"{color} was deployed after a rollback was asked"
        )
    group_invariants.check_before_deploy(simulation, rollout, color)
    for other in rollout.colors.values():
        failed = other.times.get(Stage.FAILED)
        if other.stage is Stage.FAILED and other.color != color and failed < began:
            said = f"{color} was deployed though {other.color} had failed"
            record_violation(simulation, "not after a failure", said)
    # A call that was sent before comes when it comes: the way back has to begin anew then.
    back = rollout.colors[color].times.get(Stage.GOING_BACK)
    if back is not None and back < began:
        record_violation(
            simulation, "not after a rollback", f"{color} was deployed while it goes back"
        )
    if not rollout.is_open and rollout.ended < began:
        record_violation(simulation, "not after the end", f"{color} was deployed after the end")


def _has_the_lock(simulation: Any, application: str, color: str) -> None:
    """Check that who deploys, forward or back, held the application when its invocation began."""
    invocation = simulation.lambdas.running
    named = invocation.event.get("rollout") if invocation else None
    holder = simulation.outside.locks.held.get(application)
    if named and holder is not None and holder.rollout != named:
        began = invocation.deadline - invocation.function.timeout
        if holder.since is not None and holder.since < began:
            said = f"{named} deploys {color} while {holder.rollout} holds the lock"
            record_violation(simulation, "one rollout at a time", said)


def checked_settle(simulation: Any, settle: Callable[..., Any]) -> Callable[..., Any]:
    """Return the call with a check: a color is recorded as deployed only once it is."""

    def settled(rollout: str, seen: Any, **changes: Any) -> Any:
        result = settle(rollout, seen, **changes)
        if result[1]:
            _deployed_is_true(simulation, seen.service, changes["outcome"])
        return result

    return settled


def _deployed_is_true(simulation: Any, service: str, outcome: str) -> None:
    """Check that a color recorded as deployed runs the release, by a completed deployment."""
    primary = simulation.primary(service)
    recently = simulation.changed_by_others.get(service, simulation.now - 2 * A_MOMENT)
    was_left_alone = simulation.now - recently > A_MOMENT
    if outcome == RolloutOutcome.COMPLETED and was_left_alone:
        released = primary.task_definition.arn not in simulation.before.values()
        if not released or primary.rollout != "COMPLETED":
            record_violation(simulation, "deployed is true", f"{service} does not run the release")
        old = [each for each in simulation.service(service).deployments if each is not primary]
        if any(task.running for each in old for task in each.active_tasks()):
            said = f"{service} is called deployed while old tasks serve"
            record_violation(simulation, "deployed is true", said)


def checked_close(simulation: Any, close: Callable[..., Any]) -> Callable[..., Any]:
    """Return the call with a check: a rollout is recorded as completed only if every color is."""

    def closed(rollout: str, **ending: Any) -> Any:
        result = close(rollout, **ending)
        if result is not None and result.outcome == RolloutOutcome.COMPLETED:
            _success_is_true(simulation, rollout)
        return result

    return closed


def _success_is_true(simulation: Any, rollout: str) -> None:
    record = simulation.outside.rollouts.records[rollout]
    for color, service in ((color.color, color.service) for color in record.colors.values()):
        release = record.release.revision_for(color)
        primary = simulation.primary(service)
        recently = simulation.now - simulation.changed_by_others.get(
            service, simulation.now - 2 * A_MOMENT
        )
        if recently < A_MOMENT:
            continue
        runs = primary.task_definition.arn == release and primary.rollout == "COMPLETED"
        if not runs or not any(task.running for task in primary.active_tasks()):
            record_violation(
                simulation, "success is true", f"completed, and {service} does not run it"
            )


def effects(simulation: Any) -> Any:
    """Return what a second run of a handler must not change."""
    outside = simulation.outside
    return (
        len(outside.ecs_client.updates),
        {key: a.decision for key, a in outside.approvals.records.items()},
        sorted(outside.audit.records),
        len(outside.slack.messages),
        len(simulation.executions()),
        dict(outside.locks.held),
        len(list(simulation.world.task_definitions.all())),
    )


def check_idempotent(simulation: Any, before: Any, function: str) -> None:
    """Check that a handler is idempotent: its second run changed nothing more.

    Unless it finds what has happened since: a question that is entered again looks back.
    """
    if function == "RequestApproval" and simulation.alarm_overrides:
        return
    after = effects(simulation)
    names = ("updates", "decisions", "audit", "messages", "executions", "locks", "revisions")
    for name, one, other in zip(names, before, after, strict=True):
        if one != other:
            record_violation(
                simulation, "twice is once", f"{function} changed {name}: {one} → {other}"
            )
