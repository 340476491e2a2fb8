"""Deploy the release to one color, and wait for ECS by task token."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.admission.release import Revisions, revision_for
from handlers.domain.model.rollout import Rollout
from handlers.observability import traced
from handlers.services import deployment, group_coordination, task_tokens
from handlers.services.open_step import open_step
from handlers.services.reverification import has_failed_late
from handlers.services.rollout_lock import require_lock


def revision_of(rollout: Rollout, revisions: Revisions) -> str:
    """Return the one revision of this rollout, made from what the last color ran before it."""
    if rollout.release.revision:
        return rollout.release.revision
    last = list(rollout.colors.values())[-1]
    return revision_for(rollout.release, revisions.task_definition(last.previous), revisions)


def _deploy_color(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return
    step, rollout, now = opened.step, opened.rollout, opened.now
    if deployment.has_ended(rollout, step.color, returning=False):
        deployment.answer(context, rollout, step.color, step.token, returning=False)
        return
    rollout = group_coordination.apply_group_failure(context, rollout)
    # An answer may have come just before a color that was let through turned bad.
    if rollout.roll_back_asked or has_failed_late(rollout):
        task_tokens.yield_to_rollback(context, step.token)
        return
    require_lock(context, rollout)
    if not rollout.release.revision:
        revision = revision_of(rollout, context.gateways.ecs)
        rollout = context.gateways.rollouts.change(rollout.id, **{"release.revision": revision})
    deployment.bring(
        context, deployment.errand(context, rollout, step.color, returning=False), step, now
    )


lambda_handler = traced(_deploy_color)
