"""Ending a rollout, whoever ended it: nothing stays open, held or clickable."""

from contextlib import suppress
from datetime import datetime
from typing import Protocol

from handlers.domain.approvals.approval import Approval
from handlers.domain.history.audit import HUMAN_SOURCES, AuditEntry, decision_entry
from handlers.domain.history.outcome_resolution import Resolution
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Decision, Rollout


class Rollouts(Protocol):
    """What closing needs of the record."""

    def get(self, rollout: str) -> Rollout | None: ...
    def close(
        self, rollout: str, *, outcome: RolloutOutcome, cause: str, now: datetime
    ) -> Rollout | None: ...


class Approvals(Protocol):
    """What closing needs of the questions."""

    def decide(self, approval: str, decision: Decision) -> tuple[Approval, bool]: ...


class Audit(Protocol):
    """What closing needs of the audit."""

    def note(self, entry: AuditEntry) -> None: ...


def close(
    rollout: Rollout,
    conclusion: Resolution,
    *,
    rollouts: Rollouts,
    approvals: Approvals,
    audit: Audit,
    now: datetime,
) -> tuple[Rollout, bool]:
    """End a rollout; running it again changes nothing.

    Returns:
        The rollout as it ended, and whether it was this call that ended it.
    """
    close_questions(rollout, approvals=approvals, audit=audit, now=now)
    closed = rollouts.close(rollout.id, outcome=conclusion.outcome, cause=conclusion.cause, now=now)
    return closed or rollouts.get(rollout.id) or rollout, closed is not None


def close_questions(rollout: Rollout, *, approvals: Approvals, audit: Audit, now: datetime) -> None:
    """Withdraw the questions that are open on a rollout's record; safe to do again.

    One may be decided already by a handler that ended right after: then nobody else follows that
    decision any more, so it is noted here.
    """
    withdrawn = Decision(outcome=DecisionOutcome.WITHDRAWN, by="shingo", at=now)
    for question in rollout.open_questions:
        # One whose id is all that was recorded is nobody's to answer.
        with suppress(NotThere):
            approval, _ = approvals.decide(question, withdrawn)
            stands = approval.decision or withdrawn
            if stands.source in HUMAN_SOURCES:
                audit.note(decision_entry(approval, stands))
