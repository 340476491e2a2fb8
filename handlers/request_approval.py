"""Ask people whether the release may go to one color, and have the answer sent to the token."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from handlers import runtime
from handlers.domain.applications import Application
from handlers.domain.approval import Approval
from handlers.domain.errors import TokenGone
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Decision, Rollout, Stage
from handlers.domain.step import Step, parse_step
from handlers.observe import about, count, traced
from handlers.slack import words


class Approvals(Protocol):
    def ask(self, approval: Approval) -> None: ...
    def wait_with(self, approval: str, token: str) -> Approval: ...
    def decide(self, approval: str, decision: Decision) -> tuple[Approval, bool]: ...


class Rollouts(Protocol):
    def change_color(
        self, rollout: str, color: str, *, now: datetime, **changes: object
    ) -> Rollout: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of asking."""

    rollout: Rollout
    approval: Approval
    is_new: bool


def ask(
    step: Step,
    rollout: Rollout,
    application: Application,
    *,
    approvals: Approvals,
    rollouts: Rollouts,
    now: datetime,
) -> Asked:
    """Open the question, or look again at the one that is open.

    Safe to run twice: a question that was asked is taken up again with the new token, and one
    that was answered or has expired meanwhile says so in its `decision`.
    """
    progress = rollout.colors[step.color]
    if not progress.approval:
        approval = _new(step, rollout, application, now)
        approvals.ask(approval)
        opened = {"approval": approval.id, "stage": Stage.ASKING}
        rollout = rollouts.change_color(rollout.id, step.color, now=now, **opened)
        return Asked(rollout=rollout, approval=approval, is_new=True)
    approval = approvals.wait_with(progress.approval, step.token)
    if approval.decision is None and now >= approval.until:
        expired = Decision(outcome=Outcome.EXPIRED, by="shingo", at=now)
        approval, _ = approvals.decide(approval.id, expired)
    if approval.decision is not None:
        # The click that decided may have died before it could note this.
        rollout = rollouts.change_color(rollout.id, step.color, now=now, decision=approval.decision)
    return Asked(rollout=rollout, approval=approval, is_new=False)


def _new(step: Step, rollout: Rollout, application: Application, now: datetime) -> Approval:
    release = rollout.release
    return Approval(
        id=secrets.token_urlsafe(18),
        rollout=rollout.id,
        application=rollout.application,
        color=step.color,
        release=release.revision or ", ".join(release.images.values()),
        token=step.token,
        asked=now,
        until=now + application.expires_after,
        approvers=application.approvers,
    )


def _request_approval(event: Mapping[str, Any]) -> None:
    step = parse_step(event)
    rollouts, approvals, now = runtime.rollouts(), runtime.approvals(), runtime.now()
    rollout = rollouts.read(step.rollout)
    about(rollout, step.color)
    application = runtime.applications()[rollout.application]
    asked = ask(step, rollout, application, approvals=approvals, rollouts=rollouts, now=now)
    teller = runtime.teller()
    rollout = teller.show(asked.rollout)
    if asked.is_new:
        teller.announce(rollout, words.announcement(rollout, step.color, application.approvers))
    if asked.approval.decision is not None:
        count("Answers", outcome=asked.approval.decision.outcome, application=application.name)
        try:
            runtime.executions().answer(step.token, {"outcome": asked.approval.decision.outcome})
        except TokenGone:
            return


lambda_handler = traced(_request_approval)
