"""Which of an application's rollouts goes on: one that a push started may wait for another's end.

A newer push takes the place of an older one, or waits for it. Only rollouts that a push started
wait: a person is told that the application is being rolled out.
"""

from dataclasses import replace
from datetime import datetime

from handlers.domain.admission.precedence import gives_way
from handlers.domain.history.audit import SHINGO
from handlers.domain.model.durations import in_words
from handlers.domain.model.outcomes import Arrived, DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services.context import Context
from handlers.services.decisions import decide_open_questions
from handlers.services.open_step import OpenedStep
from handlers.services.prerequisites import (
    end_wait,
    end_wait_of,
    record_wait,
    rollout_waiting_for_turn,
)
from handlers.services.rollback import take_back
from handlers.services.rollout_lock import take


def await_turn(context: Context, opened: OpenedStep) -> None:
    """Wait until the rollout before this one has ended, or one of the two gives way.

    The look at the lock comes after the wait is on record, so an end in between is seen.
    """
    rollout, now = opened.rollout, opened.now
    # Of several that wait the newest goes on; the others are ended by the tokens that they left.
    waiting = rollout_waiting_for_turn(context, rollout.application)
    rollout = _end_older(context, rollout, waiting, now)
    if not rollout.roll_back_asked:
        record_wait(context, replace(opened, rollout=rollout))
    context.rollout_board.show(_end_wait_if_over(context, rollout, opened.step.token, now))


def free_application(context: Context, application: str, execution: str) -> None:
    """Free an application, if this execution (ARN) has it, and wake the rollout that waits for it.

    Idempotent.
    """
    context.gateways.locks.free(application, execution)
    waiting = rollout_waiting_for_turn(context, application)
    if waiting is not None:
        end_wait_of(context, waiting, Arrived.FREE)


def _end_wait_if_over(context: Context, rollout: Rollout, token: str, now: datetime) -> Rollout:
    """End the wait if it is over; return the rollout as it then is."""
    if rollout.roll_back_asked:
        end_wait(context, rollout, token, rollout.roll_back_asked.outcome)
        return rollout
    holder = take(context, rollout)
    if holder.execution == rollout.execution or rollout.awaits is None:
        end_wait(context, rollout, token, Arrived.FREE)
        return rollout
    if now >= rollout.awaits.until:
        waited = in_words(rollout.awaits.until - rollout.awaits.since)
        cause = f"It waited {waited} for {holder.rollout}, which still has {rollout.application}."
        end_wait(context, rollout, token, RolloutOutcome.BUSY, cause)
        return rollout
    return _end_older(context, rollout, context.gateways.rollouts.get(holder.rollout), now)


def _end_older(context: Context, rollout: Rollout, other: Rollout | None, now: datetime) -> Rollout:
    """Of two rollouts that pushes started, end the older if it can be; return ours as it is."""
    if other is None or other.id == rollout.id:
        return rollout
    if gives_way(rollout, other):
        _supersede(context, rollout, other, now)
        return context.gateways.rollouts.read(rollout.id)
    if gives_way(other, rollout):
        _supersede(context, other, rollout, now)
    return rollout


def _supersede(context: Context, older: Rollout, newer: Rollout, now: datetime) -> None:
    """End a rollout that nobody has said yes to, for a newer push; idempotent.

    Its open questions are decided first: an approval that was there before lets it go on.
    """
    outcome = DecisionOutcome.SUPERSEDED_BY_PUSH
    decision = Decision(outcome=outcome, by=SHINGO.id, at=now, reason=newer.release.name)
    decided = decide_open_questions(context, older, decision)
    if all(stands.outcome == outcome for _, stands in decided):
        take_back(context, older, decision, SHINGO)
