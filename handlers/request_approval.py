"""Ask people whether the release may go to one color, and have the answer sent to the token.

Entered anew each time that the wait is looked at: to remind people, to let the question
expire, and to find an answer whose token had gone stale.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from handlers import runtime, waiting
from handlers.answering import follow_up
from handlers.domain.approval import Approval
from handlers.domain.audit import Entry, Kind
from handlers.domain.evidence import Shown, gather
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Decision, Rollout, Stage
from handlers.domain.rules import OnExpiry, Rules, reminders_due
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


def open_question(
    step: Step, rollout: Rollout, shown: Mapping[str, Shown], rules: Rules, now: datetime
) -> Approval:
    """Make the question: bound to this release, and to what is shown of every color now."""
    release = rollout.release
    return Approval(
        id=secrets.token_urlsafe(18),
        rollout=rollout.id,
        application=rollout.application,
        color=step.color,
        requester=rollout.requested_by,
        release=release.revision or ", ".join(release.images.values()),
        evidence=shown,
        token=step.token,
        asked=now,
        until=now + rules.expires_after,
    )


def ask(
    rollout: Rollout, approval: Approval, rules: Rules, approvals: Approvals, rollouts: Rollouts
) -> Asked:
    """Put a new question to people."""
    approvals.ask(approval)
    rollout = rollouts.change_color(
        rollout.id,
        approval.color,
        now=approval.asked,
        approval=approval.id,
        stage=Stage.ASKING,
        until=approval.until,
        keeps_waiting=rules.on_expiry is OnExpiry.KEEP_WAITING,
        required=rules.required,
        approved_by=(),
    )
    return Asked(rollout=rollout, approval=approval, is_new=True)


def look_again(
    step: Step, rollout: Rollout, rules: Rules, approvals: Approvals, now: datetime
) -> Approval:
    """Take up the open question with the new token; it may be decided, or expire now.

    Safe to run twice: whoever decides does so by one conditional write.
    """
    approval = approvals.wait_with(rollout.colors[step.color].approval, step.token)
    expires = rules.on_expiry is OnExpiry.REJECT and now >= approval.until
    if approval.decision is None and expires:
        expired = Decision(outcome=Outcome.EXPIRED, by="shingo", at=now)
        approval, _ = approvals.decide(approval.id, expired)
    return approval


def _again_or_new(step: Step, rollout: Rollout, rules: Rules, now: datetime) -> Asked:
    approvals, rollouts = runtime.approvals(), runtime.rollouts()
    if rollout.colors[step.color].approval:
        approval = look_again(step, rollout, rules, approvals, now)
        stands = approval.decision
        if stands is None or stands.outcome != Outcome.ASK_AGAIN:
            return Asked(rollout=rollout, approval=approval, is_new=False)
    shown = gather(rollout, runtime.ecs(), runtime.balancers())
    approval = open_question(step, rollout, shown, rules, now)
    return ask(rollout, approval, rules, approvals, rollouts)


def _announce(asked: Asked, rules: Rules, now: datetime) -> None:
    approval, teller = asked.approval, runtime.teller()
    if asked.is_new:
        teller.announce(asked.rollout, words.announcement(asked.rollout, approval, rules))
        _note(Kind.ASKED, approval, now, approval.release, approval.id)
    due = reminders_due(rules, approval.asked, now)
    if due > approval.reminded and runtime.approvals().remind(approval.id, due):
        teller.announce(asked.rollout, words.reminder(asked.rollout, approval, rules, now))
        _note(Kind.REMINDED, approval, now, f"reminder {due}", f"{approval.id}-{due}")


def _note(kind: Kind, approval: Approval, now: datetime, detail: str, once: str) -> None:
    entry = Entry(
        rollout=approval.rollout,
        application=approval.application,
        at=now,
        kind=kind,
        actor="shingo",
        source="machine",
        color=approval.color,
        detail=detail,
        id=once,
    )
    runtime.audit().note(entry)


def _request_approval(event: Mapping[str, Any]) -> None:
    step, now = parse_step(event), runtime.now()
    rollout = runtime.rollouts().read(step.rollout)
    about(rollout, step.color)
    if rollout.roll_back_asked:
        waiting.give_way(step.token)
        return
    rules = runtime.applications()[rollout.application].rules[step.color]
    asked = _again_or_new(step, rollout, rules, now)
    decision = asked.approval.decision
    if decision is not None:
        if decision.outcome == Outcome.EXPIRED:
            said = "nobody answered in time"
            _note(Kind.EXPIRED, asked.approval, decision.at, said, asked.approval.id)
        count("Answers", outcome=decision.outcome, application=rollout.application)
        # The token that was known when it was decided is gone, or its click died before using it.
        follow_up(replace(asked.approval, token=step.token), decision)
        return
    runtime.teller().show(asked.rollout)
    _announce(asked, rules, now)


lambda_handler = traced(_request_approval)
