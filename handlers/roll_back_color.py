"""Put one color back to what it ran when the rollout began, and wait for ECS by task token."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services import deployment, group_coordination, task_tokens
from handlers.services.open_step import open_step
from handlers.services.rollout_lock import require_lock

NOT_CHANGED = {"outcome": "not_changed"}


def _roll_back_color(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return
    step, rollout, now = opened.step, opened.rollout, opened.now
    group_coordination.record_group_failure(context, rollout)
    if not rollout.colors[step.color].changed:
        task_tokens.answer_if_open(context, step.token, NOT_CHANGED)
        return
    if deployment.answer_if_ended(context, rollout, step.color, step.token, returning=True):
        return
    require_lock(context, rollout)
    back = deployment.color_deployment(context, rollout, step.color, returning=True)
    deployment.start_or_poll(context, back, step, now)


lambda_handler = traced(_roll_back_color)
