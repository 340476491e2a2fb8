"""A question to people about one color of one rollout, and the rules of its answer."""

from dataclasses import dataclass
from datetime import datetime

from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Decision


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A question as it is recorded. Its id is all that a button carries."""

    id: str
    rollout: str
    application: str
    color: str
    release: str
    """What was asked about: the release's pinned images or revision."""
    token: str
    """The task token that the answer is sent to; a bearer credential."""
    asked: datetime
    until: datetime
    """When it expires."""
    approvers: tuple[str, ...]
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why an answer does not count, as a sentence for the one who gave it."""

    reason: str


def answer(
    approval: Approval, *, outcome: Outcome, by: str, at: datetime, reason: str = ""
) -> Decision | Refusal:
    """Decide whether this person's answer counts, and what it then is.

    The caller makes it count with one conditional write; this is only the rule.
    """
    if approval.decision is not None:
        return Refusal(reason=already_decided(approval.decision))
    if at >= approval.until:
        return Refusal(reason="This question has expired; the rollout is being ended.")
    if approval.approvers and by not in approval.approvers:
        may = ", ".join(f"<@{user}>" for user in approval.approvers)
        return Refusal(reason=f"You may not answer for {approval.application}. {may} may.")
    return Decision(outcome=outcome, by=by, at=at, reason=reason)


def already_decided(decision: Decision) -> str:
    """Tell who was first."""
    if decision.outcome == Outcome.EXPIRED:
        return "This question had already expired."
    if decision.outcome == Outcome.WITHDRAWN:
        return "This question was withdrawn: the rollout has ended."
    return f"<@{decision.by}> was first: {decision.outcome}."
