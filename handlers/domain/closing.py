"""Ending a rollout, whoever ended it: nothing stays open, held or clickable."""

from datetime import datetime
from typing import Protocol

from handlers.domain.approval import Approval
from handlers.domain.conclusion import Conclusion
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Decision, Rollout


class Rollouts(Protocol):
    """What closing needs of the record."""

    def get(self, rollout: str) -> Rollout | None: ...
    def close(self, rollout: str, *, outcome: str, cause: str, now: datetime) -> Rollout | None: ...


class Approvals(Protocol):
    """What closing needs of the questions."""

    def decide(self, approval: str, decision: Decision) -> tuple[Approval, bool]: ...


class Locks(Protocol):
    """What closing needs of the locks."""

    def free(self, application: str, execution: str) -> None: ...


def close(
    rollout: Rollout,
    conclusion: Conclusion,
    *,
    rollouts: Rollouts,
    approvals: Approvals,
    locks: Locks,
    now: datetime,
) -> tuple[Rollout, bool]:
    """End a rollout; running it again changes nothing.

    Returns:
        The rollout as it ended, and whether it was this call that ended it.
    """
    for question in rollout.open_questions:
        approvals.decide(question, Decision(outcome=Outcome.WITHDRAWN, by="shingo", at=now))
    closed = rollouts.close(rollout.id, outcome=conclusion.outcome, cause=conclusion.cause, now=now)
    # Last, so that whoever takes the lock next finds this rollout ended.
    locks.free(rollout.application, rollout.execution)
    return closed or rollouts.get(rollout.id) or rollout, closed is not None
