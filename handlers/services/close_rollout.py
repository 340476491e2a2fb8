"""Ending a rollout, whoever ended it: nothing stays open, held or clickable."""

from contextlib import suppress
from datetime import datetime

from handlers.domain.history.audit import HUMAN_SOURCES, decision_entry
from handlers.domain.history.outcome_resolution import Resolution
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services.context import Context


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

    One may be decided already by a handler that ended right after: then nobody else follows that
    decision any more, so it is noted here.
    """
    withdrawn = Decision(outcome=DecisionOutcome.WITHDRAWN, by="shingo", at=now)
    for question in rollout.open_questions:
        # One whose id is all that was recorded is nobody's to answer.
        with suppress(NotThere):
            approval, _ = context.gateways.approvals.decide(question, withdrawn)
            stands = approval.decision or withdrawn
            if stands.source in HUMAN_SOURCES:
                context.gateways.audit.note(decision_entry(approval, stands))
