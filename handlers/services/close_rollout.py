"""Closing a rollout's record and its questions, by its last step or after its execution ended."""

from datetime import datetime

from handlers.domain.history.audit import HUMAN_SOURCES, SHINGO, decision_entry
from handlers.domain.history.outcome_resolution import Resolution
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services.context import Context
from handlers.services.decisions import decide_open_questions


def close(
    context: Context, rollout: Rollout, resolution: Resolution, now: datetime
) -> tuple[Rollout, bool]:
    """End a rollout; idempotent.

    Returns:
        The rollout as it ended, and whether it was this call that ended it.
    """
    rollouts = context.gateways.rollouts
    close_questions(context, rollout, now)
    closed = rollouts.close(rollout.id, outcome=resolution.outcome, cause=resolution.cause, now=now)
    return closed or rollouts.get(rollout.id) or rollout, closed is not None


def close_questions(context: Context, rollout: Rollout, now: datetime) -> None:
    """Withdraw the questions that are open on a rollout's record; idempotent.

    A person's decision may be on the question already, by a handler that ended right after. No step
    will apply it any more, so it is audited here.
    """
    withdrawn = Decision(outcome=DecisionOutcome.WITHDRAWN, by=SHINGO.id, at=now)
    for approval, stands in decide_open_questions(context, rollout, withdrawn):
        if stands.source in HUMAN_SOURCES:
            context.gateways.audit.note(decision_entry(approval, stands))
