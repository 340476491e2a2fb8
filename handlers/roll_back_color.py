"""Put one color back to what it ran when the rollout began, and wait for ECS by task token."""

from collections.abc import Mapping
from typing import Any

from handlers import grouping, runtime, tokens, waiting
from handlers.domain.step import parse_step
from handlers.observe import about, traced
from handlers.resuming import resumed

NOT_CHANGED = {"outcome": "not_changed"}


def _roll_back_color(event: Mapping[str, Any]) -> None:
    step, now = parse_step(event), runtime.now()
    rollout = resumed(runtime.rollouts().read(step.rollout))
    about(rollout, step.color)
    if not rollout.is_open:
        return
    grouping.fails(rollout)
    if not rollout.colors[step.color].changed:
        tokens.answer_if_open(step.token, NOT_CHANGED)
    elif waiting.has_ended(rollout, step.color, returning=True):
        waiting.answer(rollout, step.color, step.token, returning=True)
    else:
        waiting.bring(waiting.errand(rollout, step.color, returning=True), step, now)


lambda_handler = traced(_roll_back_color)
