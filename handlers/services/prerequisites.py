"""Waiting before the first question, for an image or a turn: what ends such a wait, and how.

The record says what is waited for. An event, or a callback that times out, only makes a handler
look; when the wait is over it answers the token. The machine then prepares the rollout again, or
finishes it.
"""

from datetime import datetime

from handlers.domain.config.applications import Application
from handlers.domain.model.durations import in_words
from handlers.domain.model.errors import NotPushed
from handlers.domain.model.lock_and_wait import Wait
from handlers.domain.model.outcomes import Arrived, DecisionOutcome, RolloutOutcome
from handlers.domain.model.prerequisite import Awaited, Awaits, id_of, image_wait, turn_wait
from handlers.domain.model.rollout import Rollout
from handlers.observability import about
from handlers.services.context import Context
from handlers.services.open_step import OpenedStep
from handlers.services.task_tokens import answer_if_open

WaitEnd = Arrived | DecisionOutcome | RolloutOutcome
"""What ends such a wait: what was waited for, somebody's word, or that it took too long."""


def await_image(context: Context, opened: OpenedStep) -> None:
    """Wait for the image of a rollout, or for its scan.

    The look comes after the wait is on record, so a push in between is seen.
    """
    record_wait(context, opened)
    _end_wait_if_over(context, opened.rollout, opened.step.token, opened.now)


def follow_image(context: Context, application: Application) -> Rollout | None:
    """Look for the image that a rollout of the application waits for; return that rollout."""
    wait = context.gateways.waits.get(image_wait(application.name))
    rollout = context.gateways.rollouts.get(wait.rollout) if wait else None
    waits = rollout is not None and rollout.is_open and rollout.awaits is not None
    if wait is None or rollout is None or not waits or rollout.waits_its_turn:
        return None
    about(rollout)
    _end_wait_if_over(context, rollout, wait.token, context.now())
    return rollout


def record_wait(context: Context, opened: OpenedStep) -> None:
    """Have whatever ends the wait of a step find its token."""
    rollout = opened.rollout
    if rollout.awaits is not None:
        where = id_of(rollout.awaits, rollout.application)
        wait = Wait(id=where, rollout=rollout.id, token=opened.step.token, since=opened.now)
        context.gateways.waits.put(wait)


def end_wait(
    context: Context, rollout: Rollout, token: str, outcome: WaitEnd, cause: str = ""
) -> None:
    """Answer a token with all that the machine knows of the rollout; one that is gone is done."""
    answer = {
        "rollout": rollout.id,
        "application": rollout.application,
        "outcome": outcome,
        "cause": cause,
    }
    answer_if_open(context, token, answer)


def end_wait_of(context: Context, rollout: Rollout, outcome: WaitEnd) -> None:
    """End the wait of a rollout that waits for an image or for its turn, if it does."""
    if rollout.awaits is None:
        return
    wait = context.gateways.waits.get(id_of(rollout.awaits, rollout.application))
    if wait is not None and wait.rollout == rollout.id:
        end_wait(context, rollout, wait.token, outcome)


def rollout_waiting_for_turn(context: Context, application: str) -> Rollout | None:
    """Return the rollout that waits its turn, if one does."""
    wait = context.gateways.waits.get(turn_wait(application))
    rollout = context.gateways.rollouts.get(wait.rollout) if wait else None
    return rollout if rollout and rollout.is_open and rollout.waits_its_turn else None


def _end_wait_if_over(context: Context, rollout: Rollout, token: str, now: datetime) -> None:
    """End the wait for an image, or for its scan, if it has come or is given up."""
    awaited = rollout.awaits
    if rollout.roll_back_asked:
        end_wait(context, rollout, token, rollout.roll_back_asked.outcome)
    elif awaited is None or _is_there(context, rollout, awaited):
        end_wait(context, rollout, token, Arrived.PUSHED)
    elif now >= awaited.until:
        end_wait(context, rollout, token, *_expiry(awaited))


def _is_there(context: Context, rollout: Rollout, awaited: Awaited) -> bool:
    repository = context.settings.applications[rollout.application].repository
    if awaited.kind is Awaits.SCAN:
        scanned = awaited.repository or repository
        return not context.gateways.images.scan(scanned, awaited.digest).is_pending
    try:
        return bool(context.gateways.images.pinned(repository, rollout.release.name))
    except NotPushed:
        return False


def _expiry(awaited: Awaited) -> tuple[RolloutOutcome, str]:
    """Return how a rollout ends whose image, or its scan, has not come in time, and why."""
    waited = in_words(awaited.until - awaited.since)
    if awaited.kind is Awaits.SCAN:
        cause = f"The scan of {awaited.what} had not ended after {waited}."
        return RolloutOutcome.IMAGE_UNFIT, cause
    return RolloutOutcome.IMAGE_NOT_FOUND, f"{awaited.what} was not pushed within {waited}."
