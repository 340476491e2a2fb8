"""Waiting before the first question, for an image or a turn: what ends such a wait, and how.

The record says what is waited for, and the token follows: an event, or the machine's own look
again, is only a hint to look. A wait that is over leads to preparing anew, or to the finish.
"""

from datetime import datetime

from handlers.domain.model.durations import in_words
from handlers.domain.model.errors import NotPushed
from handlers.domain.model.lock_and_wait import Wait
from handlers.domain.model.outcomes import Arrived, DecisionOutcome, RolloutOutcome
from handlers.domain.model.prerequisite import Awaited, Awaits, id_of, turn_wait
from handlers.domain.model.rollout import Rollout
from handlers.services import task_tokens
from handlers.services.context import Context

WaitEnd = Arrived | DecisionOutcome | RolloutOutcome
"""What ends such a wait: what was waited for, somebody's word, or that it took too long."""


def remember(
    context: Context, rollout: Rollout, awaited: Awaited, token: str, now: datetime
) -> None:
    """Have whatever ends this wait find its token."""
    wait = Wait(id=id_of(awaited, rollout.application), rollout=rollout.id, token=token, since=now)
    context.gateways.waits.put(wait)


def look_for_image(context: Context, rollout: Rollout, token: str, now: datetime) -> None:
    """End the wait for an image, or for its scan, if it is over."""
    awaited = rollout.awaits
    if rollout.roll_back_asked:
        end(context, rollout, token, rollout.roll_back_asked.outcome)
    elif awaited is None or _is_there(context, rollout, awaited):
        end(context, rollout, token, Arrived.PUSHED)
    elif now >= awaited.until:
        waited = in_words(awaited.until - awaited.since)
        if awaited.kind is Awaits.SCAN:
            cause = f"The scan of {awaited.what} had not ended after {waited}."
            end(context, rollout, token, RolloutOutcome.IMAGE_UNFIT, cause)
        else:
            cause = f"{awaited.what} was not pushed within {waited}."
            end(context, rollout, token, RolloutOutcome.IMAGE_NOT_FOUND, cause)


def end(context: Context, rollout: Rollout, token: str, outcome: WaitEnd, cause: str = "") -> None:
    """Answer a token with all that the machine knows of the rollout; one that is gone is done."""
    answer = {
        "rollout": rollout.id,
        "application": rollout.application,
        "outcome": outcome,
        "cause": cause,
    }
    task_tokens.answer_if_open(context, token, answer)


def one_that_waits(context: Context, application: str) -> Rollout | None:
    """Return the rollout that waits its turn, if one does."""
    wait = context.gateways.waits.get(turn_wait(application))
    rollout = context.gateways.rollouts.get(wait.rollout) if wait else None
    return rollout if rollout and rollout.is_open and rollout.waits_its_turn else None


def wake(context: Context, rollout: Rollout, outcome: WaitEnd) -> None:
    """End the wait of a rollout that waits for an image or for its turn, if it does."""
    wait = (
        context.gateways.waits.get(id_of(rollout.awaits, rollout.application))
        if rollout.awaits
        else None
    )
    if wait is not None and wait.rollout == rollout.id:
        end(context, rollout, wait.token, outcome)


def _is_there(context: Context, rollout: Rollout, awaited: Awaited) -> bool:
    repository = context.settings.applications[rollout.application].repository
    if awaited.kind is Awaits.SCAN:
        scanned = awaited.repository or repository
        return not context.gateways.images.scan(scanned, awaited.digest).is_pending
    try:
        return bool(context.gateways.images.pinned(repository, rollout.release.name))
    except NotPushed:
        return False
