"""Verify one deployed color: look once at everything that is measured of it."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.open_step import open_step
from handlers.services.verification import ROLL_BACK, verify


def _verify_color(event: Mapping[str, Any]) -> dict[str, str]:
    context = runtime.context()
    opened = open_step(context, event)
    verified = (
        verify(context, opened.rollout, opened.step.color, opened.now) if opened else ROLL_BACK
    )
    return {"verdict": verified.verdict, "reaction": verified.reaction}


lambda_handler = traced(_verify_color)
