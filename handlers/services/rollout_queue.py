"""Taking turns: a rollout that a push started takes the place of an older one, or waits for it."""

from datetime import datetime

from handlers.domain.admission.precedence import gives_way
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import Arrived, DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services import prerequisites, rollback
from handlers.services.context import Context


def supersede(context: Context, older: Rollout, newer: Rollout, now: datetime) -> None:
    """End a rollout that nobody has said yes to, for a newer push; safe to do again.

    Its open questions are decided first: an approval that was there before lets it go on.
    """
    name = newer.release.name
    by = rollback.SHINGO
    decision = Decision(outcome=DecisionOutcome.SUPERSEDED_BY_PUSH, by=by.id, at=now, reason=name)
    for question in older.open_questions:
        try:
            approval, _ = context.gateways.approvals.decide(question, decision)
        except NotThere:
            # It is about to be asked, and closed by whoever asks it.
            continue
        stands = approval.decision or decision
        if stands.outcome != DecisionOutcome.SUPERSEDED_BY_PUSH:
            return
    rollback.end_early(context, older, decision, by)


def settle(context: Context, rollout: Rollout, other: Rollout | None, now: datetime) -> Rollout:
    """Of two rollouts that pushes started, end the older if it can be; return ours as it is."""
    if other is None or other.id == rollout.id:
        return rollout
    if gives_way(rollout, other):
        supersede(context, rollout, other, now)
        return context.gateways.rollouts.read(rollout.id)
    if gives_way(other, rollout):
        supersede(context, other, rollout, now)
    return rollout


def free(context: Context, application: str, execution: str) -> None:
    """Free an application, if this execution (ARN) has it, and tell the rollout that waits for it.

    Safe to do again.
    """
    context.gateways.locks.free(application, execution)
    waits = prerequisites.one_that_waits(context, application)
    if waits is not None:
        prerequisites.wake(context, waits, Arrived.FREE)
