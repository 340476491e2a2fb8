"""Deploy the release to one color, and wait for ECS by task token."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services import deployment, group_coordination, task_tokens
from handlers.services.open_step import open_step
from handlers.services.release import register_revisions
from handlers.services.rollout_lock import require_lock


def _deploy_color(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return
    step, rollout, now = opened.step, opened.rollout, opened.now
    if deployment.answer_if_ended(context, rollout, step.color, step.token, returning=False):
        return
    rollout = group_coordination.apply_group_failure(context, rollout)
    # An answer may have come just before a color that was let through turned bad.
    if rollout.roll_back_asked or rollout.has_failed_late:
        task_tokens.yield_to_rollback(context, step.token)
        return
    require_lock(context, rollout)
    rollout = register_revisions(context, rollout)
    to_release = deployment.color_deployment(context, rollout, step.color, returning=False)
    deployment.start_or_poll(context, to_release, step, now)


lambda_handler = traced(_deploy_color)
