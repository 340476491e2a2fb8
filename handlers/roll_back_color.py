"""Put one color back to what it ran when the rollout began, and wait for ECS by task token."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.step_input import parse_step
from handlers.observability import about, traced
from handlers.services import deployment, group_coordination, task_tokens
from handlers.services.redrive import resumed

NOT_CHANGED = {"outcome": "not_changed"}


def _roll_back_color(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    step, now = parse_step(event), context.now()
    rollout = resumed(context, context.gateways.rollouts.read(step.rollout))
    about(rollout, step.color)
    if not rollout.is_open:
        return
    group_coordination.fails(context, rollout)
    if not rollout.colors[step.color].changed:
        task_tokens.answer_if_open(context, step.token, NOT_CHANGED)
    elif deployment.has_ended(rollout, step.color, returning=True):
        deployment.answer(context, rollout, step.color, step.token, returning=True)
    else:
        deployment.bring(
            context, deployment.errand(context, rollout, step.color, returning=True), step, now
        )


lambda_handler = traced(_roll_back_color)
