"""Wait until the rollout before this one has ended; a newer push takes the place of an older one.

Only rollouts that a push started wait: whoever asks by hand is told that it is not their turn.
The look at the lock comes after the wait is on record, so an end in between is seen.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers import runtime
from handlers.domain.admission.precedence import take
from handlers.domain.model.durations import in_words
from handlers.domain.model.outcomes import Arrived, RolloutOutcome
from handlers.domain.model.rollout import Rollout
from handlers.observability import traced
from handlers.services import prerequisites, rollout_queue
from handlers.services.context import Context
from handlers.services.open_step import open_step


def _look(context: Context, rollout: Rollout, token: str, now: datetime) -> Rollout:
    """End the wait if it is over; return the rollout as it then is."""
    if rollout.roll_back_asked:
        prerequisites.end(context, rollout, token, rollout.roll_back_asked.outcome)
        return rollout
    holder = take(rollout, context.gateways.locks, context.gateways.executions)
    if holder.execution == rollout.execution or rollout.awaits is None:
        prerequisites.end(context, rollout, token, Arrived.FREE)
        return rollout
    if now >= rollout.awaits.until:
        waited = in_words(rollout.awaits.until - rollout.awaits.since)
        cause = f"It waited {waited} for {holder.rollout}, which still has {rollout.application}."
        prerequisites.end(context, rollout, token, RolloutOutcome.BUSY, cause)
        return rollout
    return rollout_queue.settle(
        context, rollout, context.gateways.rollouts.get(holder.rollout), now
    )


def _await_turn(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return
    rollout, token, now = opened.rollout, opened.step.token, opened.now
    # Of several that wait the newest goes on; the others are ended by the tokens that they left.
    rollout = rollout_queue.settle(
        context, rollout, prerequisites.one_that_waits(context, rollout.application), now
    )
    if rollout.awaits is not None and not rollout.roll_back_asked:
        prerequisites.remember(context, rollout, rollout.awaits, token, now)
    context.rollout_board.show(_look(context, rollout, token, now))


lambda_handler = traced(_await_turn)
