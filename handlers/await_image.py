"""Wait until the image that a rollout is to release has been pushed, or scanned.

The look comes after the wait is on record, so a push in between is seen. Entered anew each time
that the wait is looked at, for an event that was lost, and to let it expire.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import about, traced
from handlers.services import prerequisites
from handlers.services.redrive import resumed


def _await_image(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    rollout = resumed(context, context.gateways.rollouts.read(event["rollout"]))
    token, now = event["token"], context.now()
    about(rollout)
    if not rollout.is_open:
        return
    if rollout.awaits is not None:
        prerequisites.remember(context, rollout, rollout.awaits, token, now)
    prerequisites.look_for_image(context, rollout, token, now)


lambda_handler = traced(_await_image)
