"""Deploying one color: start a deployment, poll ECS for its end, record that end.

Going back is deploying the recorded revision, so both ways share this. What follows from what was
read is decided in `domain/deployments`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers.domain.deployments.color_deployment import (
    ColorDeployment,
    end_changes,
    has_ended,
    intent_changes,
    is_replaced_by_release,
    start_changes,
    start_obstacle,
)
from handlers.domain.deployments.deployment_outcome import (
    DeploymentEnd,
    ExpectedDeployment,
    crash_loop,
    judge_deployment,
    old_tasks_text,
)
from handlers.domain.deployments.diagnostics import deployment_reasons, failed_since, sentence
from handlers.domain.history.audit import AuditEntry, EventKind, rollout_entry
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.lock_and_wait import Wait
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import Rollout, short_name
from handlers.domain.model.service import Service
from handlers.domain.model.step_input import Step
from handlers.observability import count
from handlers.services import task_tokens
from handlers.services.context import Context
from handlers.slack.messages import deployment_text

USUAL_DEADLINE: Final = timedelta(minutes=30)
"""Where neither the settings nor the record, of an older version, say one."""


def color_deployment(
    context: Context, rollout: Rollout, color: str, *, returning: bool
) -> ColorDeployment:
    """Say which revision a color is to reach, and how long that may take."""
    application = context.settings.applications.get(rollout.application)
    recorded = timedelta(seconds=rollout.deadline_seconds) or USUAL_DEADLINE
    allowed = application.deadline if application else recorded
    return ColorDeployment(rollout=rollout, color=color, returning=returning, allowed=allowed)


def start_or_poll(context: Context, deployment: ColorDeployment, step: Step, now: datetime) -> None:
    """Start the deployment once, have ECS's events answer the token, and poll ECS once.

    The poll comes after the wait is on record, so a deployment that ended in between is seen.
    """
    started = start(context, deployment, now)
    if isinstance(started, DeploymentEnd):
        record(context, deployment, started, step.token, now)
        return
    if not started.is_started:
        # The color has moved on, or goes the other way: the step that comes next finds it.
        return
    _wait(context, started, step.token, now)
    if not deployment.is_started:
        rollout = context.rollout_board.show(started.rollout)
        text = deployment_text.deployment_started(
            started.color, started.revision, returning=started.returning
        )
        context.rollout_board.say(rollout, text, is_routine=True)
    if started.rollout.roll_back_asked and not started.returning:
        # Asked while the deployment was started, when there was no wait to end yet.
        task_tokens.yield_to_rollback(context, step.token)
        return
    end = poll(context, started, now)
    if end is not None:
        record(context, started, end, step.token, now)


def start(
    context: Context, deployment: ColorDeployment, now: datetime
) -> ColorDeployment | DeploymentEnd:
    """Start the deployment, unless it was started already; or say why it must not start.

    Idempotent: UpdateService has no client token, so the intention is recorded before it, and a
    primary deployment that is already on the revision is taken for ours. The intention is recorded
    only from where the color was seen: a run that comes late must not deploy to a color that goes
    back by now. If such a run did all the same, the way back starts anew.
    """
    if deployment.is_started and not deployment.returning:
        return deployment
    service = _service(context, deployment)
    if deployment.is_started and not _is_replaced(context, deployment, service, now):
        return deployment
    obstacle = start_obstacle(deployment, service)
    if obstacle is not None:
        return obstacle
    intent = intent_changes(deployment)
    rollouts, seen = context.gateways.rollouts, deployment.progress
    rollout, _ = rollouts.settle_color(deployment.rollout.id, seen, now=now, **intent)
    deployment = replace(deployment, rollout=rollout)
    if not deployment.is_intended:
        return deployment
    started = deployment.adoptable(service) or context.gateways.ecs.deploy(
        seen.cluster, seen.service, deployment.revision
    )
    changes = start_changes(deployment, started)
    rollout, _ = rollouts.settle_color(rollout.id, deployment.progress, now=now, **changes)
    return replace(deployment, rollout=rollout)


def poll(context: Context, deployment: ColorDeployment, now: datetime) -> DeploymentEnd | None:
    """Ask ECS once how the deployment ended, and why.

    Returns:
        None while it is on its way; what keeps it from having ended is then on the board.
    """
    service = _service(context, deployment)
    end = _end(context, deployment, service, now)
    if service is not None and (end is None or end.outcome is DeploymentOutcome.OVERDUE):
        # One that came to its deadline by crashing has failed.
        end = _crash_loop(context, deployment, service) or end
    if service is not None and end is None:
        _show_old_tasks(context, deployment, service, now)
    if end is None or end.outcome is DeploymentOutcome.COMPLETED or service is None:
        return end
    if deployment.returning and end.outcome is DeploymentOutcome.SCALED_TO_ZERO:
        return DeploymentEnd(outcome=DeploymentOutcome.COMPLETED)
    if is_replaced_by_release(deployment, service, end, now):
        # The next step starts it anew.
        return None
    why = _reasons(context, service, deployment.progress.deployment)
    return DeploymentEnd(outcome=end.outcome, detail=sentence(end.detail, *why))


def record(
    context: Context, deployment: ColorDeployment, end: DeploymentEnd, token: str, now: datetime
) -> None:
    """Record how it ended, answer the token, then tell people: Slack must not hold the machine.

    The audit comes first: once the end is on record, another run only answers the token. Two events
    of ECS may wake two handlers at once, and the machine may be rolling back already when the
    slower one writes: the record takes one end, from where the color was seen.
    """
    context.gateways.audit.note(_audit_entry(deployment, end, now))
    rollout, is_first = record_end(context, deployment, end, now)
    answer_if_ended(context, rollout, deployment.color, token, returning=deployment.returning)
    if not is_first:
        return
    is_routine = end.outcome is DeploymentOutcome.COMPLETED
    context.rollout_board.say(rollout, _thread_text(deployment, end), is_routine=is_routine)
    direction = "back" if deployment.returning else "release"
    count("Deployments", outcome=end.outcome, color=deployment.color, direction=direction)
    context.rollout_board.show(rollout)


def record_end(
    context: Context, deployment: ColorDeployment, end: DeploymentEnd, now: datetime
) -> tuple[Rollout, bool]:
    """Put an end on record, unless another is, or the color has moved on since it was seen.

    Returns:
        The rollout as it then stands, and whether it was this call that recorded its end.
    """
    changes, seen = end_changes(deployment, end), deployment.progress
    return context.gateways.rollouts.settle_color(deployment.rollout.id, seen, now=now, **changes)


def answer_if_ended(
    context: Context, rollout: Rollout, color: str, token: str, *, returning: bool
) -> bool:
    """Send the recorded end, if there is one, to a token; one that is gone finds it later.

    Returns:
        Whether the end is on record.
    """
    progress = rollout.colors[color]
    is_over = has_ended(progress, returning=returning)
    if is_over:
        outcome = str(progress.stage) if returning else progress.outcome
        task_tokens.answer_if_open(context, token, {"outcome": outcome})
    return is_over


def _show_old_tasks(
    context: Context, deployment: ColorDeployment, service: Service, now: datetime
) -> None:
    """Show how many old tasks serve on beside the new ones, when that has changed."""
    progress = deployment.progress
    text = old_tasks_text(service, progress.deployment)
    if text == progress.detail:
        return
    rollout, is_shown = context.gateways.rollouts.settle_color(
        deployment.rollout.id, progress, now=now, detail=text
    )
    if is_shown:
        context.rollout_board.show(rollout)


def _service(context: Context, deployment: ColorDeployment) -> Service | None:
    progress = deployment.progress
    return context.gateways.ecs.service(progress.cluster, progress.service)


def _wait(context: Context, deployment: ColorDeployment, token: str, now: datetime) -> None:
    """Have ECS's events about the service find the token."""
    arn = deployment.progress.service_arn
    if not arn:
        # A record that an older version made.
        service = _service(context, deployment)
        arn = service.arn if service else ""
    if not arn:
        return
    wait = Wait(
        id=arn,
        rollout=deployment.rollout.id,
        color=deployment.color,
        returning=deployment.returning,
        token=token,
        since=now,
    )
    context.gateways.waits.put(wait)


def _end(
    context: Context, deployment: ColorDeployment, service: Service | None, now: datetime
) -> DeploymentEnd | None:
    progress = deployment.progress
    expected = ExpectedDeployment(
        deployment=progress.deployment,
        revision=deployment.revision,
        previous="" if deployment.returning else progress.previous,
        deadline=deployment.deadline,
    )
    since = deployment.history_since(service)
    ecs = context.gateways.ecs
    history = ecs.deployment_history(progress.cluster, progress.service, since) if since else ()
    return judge_deployment(expected, service, history, now)


def _crash_loop(
    context: Context, deployment: ColorDeployment, service: Service
) -> DeploymentEnd | None:
    """Count the failed tasks of a deployment that ECS's circuit breaker would not end."""
    progress, primary = deployment.progress, service.primary
    is_ours = primary is not None and primary.id == progress.deployment
    if service.has_lasting_breaker or not is_ours:
        return None
    try:
        stopped = context.gateways.ecs.tasks(service.cluster, service.name, stopped=True)
    except ShingoError:
        # The next look counts them.
        return None
    # From its intention on, which is recorded before ECS is asked for anything.
    failed = failed_since(stopped, progress.deployment, progress.times[deployment.stage])
    return crash_loop(service, len(failed))


def _is_replaced(
    context: Context, deployment: ColorDeployment, service: Service | None, now: datetime
) -> bool:
    end = _end(context, deployment, service, now)
    return service is not None and is_replaced_by_release(deployment, service, end, now)


def _reasons(context: Context, service: Service, deployment: str) -> Sequence[str]:
    """Return why a deployment got no further, in the words of ECS and the load balancer."""
    ecs, balancers = context.gateways.ecs, context.gateways.load_balancers
    try:
        targets = {
            lb.target_group: balancers.targets(lb.target_group) for lb in service.load_balancers
        }
        stopped = ecs.tasks(service.cluster, service.name, stopped=True)
        running = ecs.tasks(service.cluster, service.name)
    except ShingoError:
        # The outcome stands without its reasons, and must not wait for them.
        return ["Its tasks' reasons could not be read"]
    return deployment_reasons(service, deployment, stopped, running, targets)


def _audit_entry(deployment: ColorDeployment, end: DeploymentEnd, now: datetime) -> AuditEntry:
    return rollout_entry(
        deployment.rollout,
        EventKind.PUT_BACK if deployment.returning else EventKind.DEPLOYED,
        now,
        color=deployment.color,
        detail=sentence(f"{end.outcome}, on {short_name(deployment.revision)}", end.detail),
        once=f"{deployment.progress.deployment}:{end.outcome}",
    )


def _thread_text(deployment: ColorDeployment, end: DeploymentEnd) -> str:
    if not deployment.returning:
        return deployment_text.deployment_ended(deployment.color, end.outcome, end.detail)
    why = "" if end.outcome is DeploymentOutcome.COMPLETED else end.detail or end.outcome
    return deployment_text.color_put_back(deployment.color, deployment.revision, why)
