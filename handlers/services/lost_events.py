"""A second look at the events that no function took.

Nearly all that an event tells is found by looking in any case: a deployment's end by its step's
timeout, an execution's end by the sweep, an alarm by the next question, a fleet's drift by its
schedule; and two minutes after its warning an instance is gone. The push of an image alone would
be told by nothing else.
"""

from datetime import datetime, timedelta
from typing import Final

from handlers.domain.admission.image_push import is_of_image
from handlers.domain.model.lost_event import LostEvent
from handlers.observability import count, logger
from handlers.services.context import Context
from handlers.services.image_pushes import follow_push

MOST: Final = 20
"""Times that the queue is asked in one sweep, for ten events each."""
OLD: Final = timedelta(days=1)
"""What happened longer ago than this is not followed any more."""


def follow_lost_events(context: Context) -> None:
    """Follow the pushes among the lost events, and empty the queue.

    What cannot be followed stays in the queue for the next sweep, until it is old.
    """
    queue = context.gateways.lost_events
    for _ in range(MOST):
        found = queue.take()
        for lost in found:
            said = {"source": lost.event.get("source", ""), "why": lost.why}
            logger().warning("an event was lost", extra=said)
            count("LostEvents", source=said["source"] or "unknown")
            if _is_done_with(context, lost):
                queue.delete(lost)
        if not found:
            return


def _is_done_with(context: Context, lost: LostEvent) -> bool:
    """Follow a lost event, if it is worth that; say whether it may go."""
    if not is_of_image(lost.event) or _is_old(lost, context.now()):
        return True
    try:
        follow_push(context, lost.event, was_lost=True)
    except Exception:  # noqa: BLE001 - a function has failed on it before, whatever the reason
        # It must not keep the sweep from the others.
        logger().exception("a lost event could not be followed")
        return False
    return True


def _is_old(lost: LostEvent, now: datetime) -> bool:
    try:
        happened = datetime.fromisoformat(lost.event["time"])
    except (KeyError, TypeError, ValueError):
        return True
    return now - happened > OLD
