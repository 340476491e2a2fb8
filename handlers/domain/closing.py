"""Ending a rollout, whoever ended it: nothing stays open, held or clickable."""

from contextlib import suppress
from datetime import datetime
from typing import Protocol

from handlers.domain.approval import Approval
from handlers.domain.conclusion import Conclusion
from handlers.domain.errors import NotThere
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Decision, Rollout


class Rollouts(Protocol):
    """What closing needs of the record."""

    def get(self, rollout: str) -> Rollout | None: ...
    def close(self, rollout: str, *, outcome: str, cause: str, now: datetime) -> Rollout | None: ...


class Approvals(Protocol):
    """What closing needs of the questions."""

    def decide(self, approval: str, decision: Decision) -> tuple[Approval, bool]: ...


def close(
    rollout: Rollout,
    conclusion: Conclusion,
    *,
    rollouts: Rollouts,
    approvals: Approvals,
    now: datetime,
) -> tuple[Rollout, bool]:
    """End a rollout; running it again changes nothing.

    Returns:
        The rollout as it ended, and whether it was this call that ended it.
    """
    withdrawn = Decision(outcome=Outcome.WITHDRAWN, by="shingo", at=now)
    for question in rollout.open_questions:
        # One whose id is all that was recorded is nobody's to answer.
        with suppress(NotThere):
            approvals.decide(question, withdrawn)
    closed = rollouts.close(rollout.id, outcome=conclusion.outcome, cause=conclusion.cause, now=now)
    return closed or rollouts.get(rollout.id) or rollout, closed is not None
