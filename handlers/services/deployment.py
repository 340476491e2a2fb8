"""Waiting for ECS: what deploying, rolling back and ECS's events do once a deployment runs."""

from datetime import datetime

from handlers.domain.deployments.deployment_outcome import Settled
from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.history.audit import AuditEntry, EventKind, rollout_entry
from handlers.domain.model.lock_and_wait import Wait
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import Rollout, Stage, short_name
from handlers.domain.model.step_input import Step
from handlers.observability import count
from handlers.services import task_tokens
from handlers.services.color_deployment import Errand, look, set_out, settle
from handlers.services.context import Context
from handlers.slack.messages import deployment_text


def errand(context: Context, rollout: Rollout, color: str, *, returning: bool) -> Errand:
    """Say where a color is to go."""
    allowed = context.settings.applications[rollout.application].deadline
    return Errand(rollout=rollout, color=color, returning=returning, allowed=allowed)


def bring(context: Context, task: Errand, step: Step, now: datetime) -> None:
    """Start the deployment once, have ECS's events wake the token, and look at it once.

    The look comes after the wait is on record, so a deployment that ended in between is seen.
    """
    begun = set_out(task, context.gateways.ecs, context.gateways.rollouts, now)
    if isinstance(begun, Settled):
        conclude(context, task, begun, step.token, now)
        return
    if not begun.is_under_way:
        # The color has moved on, or is on another errand: the step that looks next finds it.
        return
    service = context.gateways.ecs.service(begun.progress.cluster, begun.progress.service)
    if service is not None:
        wait = Wait(
            id=service.arn,
            rollout=step.rollout,
            color=step.color,
            returning=task.returning,
            token=step.token,
            since=now,
        )
        context.gateways.waits.put(wait)
    if not task.is_under_way:
        rollout = context.rollout_board.show(begun.rollout)
        context.rollout_board.say(
            rollout,
            deployment_text.deployment_started(
                step.color, begun.revision, returning=task.returning
            ),
        )
    if begun.rollout.roll_back_asked and not begun.returning:
        # Asked while the deployment was started, when there was no wait to end yet.
        task_tokens.yield_to_rollback(context, step.token)
        return
    settled = look(begun, context.gateways.ecs, context.gateways.load_balancers, now)
    if settled is not None:
        conclude(context, begun, settled, step.token, now)


def conclude(context: Context, task: Errand, settled: Settled, token: str, now: datetime) -> None:
    """Record how it ended, answer the token, then tell people: Slack must not hold the machine.

    The audit comes first: once the end is on record, another run only answers the token.
    """
    context.gateways.audit.note(_noted(task, settled, now))
    rollout, is_first = settle(task, settled, context.gateways.rollouts, now)
    if has_ended(rollout, task.color, returning=task.returning):
        answer(context, rollout, task.color, token, returning=task.returning)
    if not is_first:
        return
    context.rollout_board.say(rollout, _told(task, settled))
    direction = "back" if task.returning else "release"
    count("Deployments", outcome=settled.outcome, color=task.color, direction=direction)
    context.rollout_board.show(rollout)


def answer(context: Context, rollout: Rollout, color: str, token: str, *, returning: bool) -> None:
    """Send the recorded end to a token; a token that is gone finds it on the next look."""
    progress = rollout.colors[color]
    outcome = str(progress.stage) if returning else progress.outcome
    task_tokens.answer_if_open(context, token, {"outcome": outcome})


def _noted(task: Errand, settled: Settled, now: datetime) -> AuditEntry:
    said = sentence(f"{settled.outcome}, on {short_name(task.revision)}", settled.detail)
    return rollout_entry(
        task.rollout,
        EventKind.PUT_BACK if task.returning else EventKind.DEPLOYED,
        now,
        color=task.color,
        detail=said,
        once=f"{task.progress.deployment}:{settled.outcome}",
    )


def _told(task: Errand, settled: Settled) -> str:
    completed = settled.outcome is DeploymentOutcome.COMPLETED
    if not task.returning:
        return deployment_text.deployment_ended(task.color, settled.outcome, settled.detail)
    why = "" if completed else settled.detail or settled.outcome
    return deployment_text.color_put_back(task.color, task.revision, why)


def has_ended(rollout: Rollout, color: str, *, returning: bool) -> bool:
    """Whether the color's errand was settled before, by an earlier run or an event."""
    progress = rollout.colors[color]
    if returning:
        return progress.stage in {Stage.PUT_BACK, Stage.STRANDED}
    return bool(progress.outcome)
