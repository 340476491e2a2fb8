"""Wait until the image that a rollout is to release has been pushed, or scanned.

The look comes after the wait is on record, so a push in between is seen. Entered anew each time
that the wait is looked at, for an event that was lost, and to let it expire.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services import prerequisites
from handlers.services.open_step import open_step


def _await_image(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return
    rollout, token, now = opened.rollout, opened.step.token, opened.now
    if rollout.awaits is not None:
        prerequisites.remember(context, rollout, rollout.awaits, token, now)
    prerequisites.look_for_image(context, rollout, token, now)


lambda_handler = traced(_await_image)
