"""Ask people whether the release may go to one color, and have the answer sent to the token.

The question is whether it may get the release or, where verification could not tell, whether it
may keep it. Entered anew each time that the wait is looked at: to remind people, to let the
question expire, to find an answer whose token had gone stale, and to look again at the colors that
run the release already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from handlers import runtime
from handlers.domain.approvals.approval import Approval, Subject, expires
from handlers.domain.approvals.approval_snapshot import ColorSnapshot, take_snapshot
from handlers.domain.config.approval_rules import ApprovalRules, OnExpiry, reminders_due
from handlers.domain.history.audit import AuditEntry, EventKind
from handlers.domain.model.errors import Refused
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import ColorProgress, Decision, Doubt, Rollout, Stage
from handlers.domain.model.step_input import Step
from handlers.observability import count, traced
from handlers.services import deployment, group_coordination
from handlers.services.approvals import follow_up
from handlers.services.context import Context
from handlers.services.open_step import open_step
from handlers.services.reverification import has_failed_late, look_back, withdraw_questions
from handlers.slack.messages import health_text, question_text


class Approvals(Protocol):
    def ask(self, approval: Approval) -> None: ...
    def replace_token(self, approval: str, token: str) -> Approval | None: ...
    def decide(self, approval: str, decision: Decision) -> tuple[Approval, bool]: ...


class Rollouts(Protocol):
    def ask_about(
        self, rollout: str, seen: ColorProgress, *, now: datetime, **changes: object
    ) -> Rollout: ...
    def read(self, rollout: str) -> Rollout: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of asking."""

    rollout: Rollout
    approval: Approval
    is_new: bool


def open_question(
    step: Step,
    rollout: Rollout,
    shown: Mapping[str, ColorSnapshot],
    rules: ApprovalRules,
    now: datetime,
    *,
    asked: str,
) -> Approval:
    """Make the question of this id: bound to this release, and to what is shown of every color."""
    release = rollout.release
    return Approval(
        id=asked,
        rollout=rollout.id,
        application=rollout.application,
        color=step.color,
        about=Subject(step.about or Subject.RELEASE),
        requester=rollout.requested_by,
        release=release.revision or ", ".join(release.images.values()),
        evidence=shown,
        token=step.token,
        asked=now,
        until=now + rules.expires_after,
    )


def ask(
    rollout: Rollout,
    approval: Approval,
    rules: ApprovalRules,
    approvals: Approvals,
    rollouts: Rollouts,
) -> Asked | None:
    """Put a new question to people; None where the color has moved on since it was seen.

    Its id is recorded first, once: of two runs one asks, and one that ended in between left no
    question that nobody can see. Whoever ended the rollout in between could not close a question
    that was not there yet, so it is closed here.
    """
    color = rollout.colors[approval.color]
    changes = _recorded(approval, rules)
    rollout = rollouts.ask_about(rollout.id, color, now=approval.asked, **changes)
    return _put(approval, approvals, rollouts) if _is_on_record(approval, rollout) else None


def _put(approval: Approval, approvals: Approvals, rollouts: Rollouts) -> Asked | None:
    """Record a question whose id is on the rollout's record, unless that has changed since."""
    approvals.ask(approval)
    withdrawn = Decision(outcome=DecisionOutcome.WITHDRAWN, by="shingo", at=approval.asked)
    try:
        rollout = rollouts.read(approval.rollout)
    except Refused:
        # Nobody tries again, and nobody may find it.
        approvals.decide(approval.id, withdrawn)
        raise
    is_left = _is_on_record(approval, rollout)
    if not is_left or rollout.roll_back_asked or not rollout.is_open:
        approval, _ = approvals.decide(approval.id, rollout.roll_back_asked or withdrawn)
    return Asked(rollout=rollout, approval=approval, is_new=True) if is_left else None


def _is_on_record(approval: Approval, rollout: Rollout) -> bool:
    color = rollout.colors[approval.color]
    return approval.id in {color.approval, color.doubt.id if color.doubt else ""}


def _recorded(approval: Approval, rules: ApprovalRules) -> dict[str, object]:
    """Say what the rollout's record holds of an open question."""
    if approval.about is Subject.HEALTH:
        doubt = Doubt(id=approval.id, until=approval.until, required=rules.required)
        return {"stage": Stage.UNCLEAR, "doubt": doubt}
    return {
        "approval": approval.id,
        "stage": Stage.ASKING,
        "until": approval.until,
        "keeps_waiting": rules.on_expiry is OnExpiry.KEEP_WAITING,
        "required": rules.required,
        "approved_by": (),
    }


def asked_before(step: Step, rollout: Rollout) -> str:
    """Return the id of the question that this step has asked; empty where a new one is due.

    An answer to look again was followed once verification is unclear anew: that is a new question.
    """
    progress = rollout.colors[step.color]
    if step.about != Subject.HEALTH:
        return progress.approval
    doubt = progress.doubt
    answer = doubt.decision.outcome if doubt and doubt.decision else ""
    is_over = answer == DecisionOutcome.LOOK_AGAIN and progress.stage is Stage.UNCLEAR
    return doubt.id if doubt and not is_over else ""


def look_again(
    step: Step, asked: str, rules: ApprovalRules, approvals: Approvals, now: datetime
) -> Approval | None:
    """Take up the open question with the new token; it may be decided, or expire now.

    None where no more than its id was recorded. Safe to run twice: whoever decides does so by one
    conditional write.
    """
    approval = approvals.replace_token(asked, step.token)
    if approval is None:
        return None
    if approval.decision is None and expires(approval, rules) and now >= approval.until:
        expired = Decision(outcome=DecisionOutcome.EXPIRED, by="shingo", at=now)
        approval, _ = approvals.decide(approval.id, expired)
    return approval


def _again_or_new(
    context: Context, step: Step, rollout: Rollout, rules: ApprovalRules, now: datetime
) -> Asked | None:
    approvals, rollouts = context.gateways.approvals, context.gateways.rollouts
    asked = asked_before(step, rollout)
    found = look_again(step, asked, rules, approvals, now) if asked else None
    if found and not (found.decision and found.decision.outcome == DecisionOutcome.ASK_AGAIN):
        return Asked(rollout=rollout, approval=found, is_new=False)
    shown = take_snapshot(rollout, context.gateways.ecs, context.gateways.load_balancers)
    # An earlier run may have got no further than to choose the id.
    chosen = "" if found else asked
    question = open_question(step, rollout, shown, rules, now, asked=chosen or context.new_id())
    if chosen:
        return _put(question, approvals, rollouts)
    return ask(rollout, question, rules, approvals, rollouts)


def _announce(context: Context, asked: Asked, rules: ApprovalRules, now: datetime) -> None:
    approval, rollout, teller = asked.approval, asked.rollout, context.rollout_board
    is_doubt = approval.about is Subject.HEALTH
    if asked.is_new:
        detail = rollout.colors[approval.color].detail
        called = (
            health_text.health_announcement(rollout, approval, detail, rules)
            if is_doubt
            else question_text.release_announcement(rollout, approval, rules)
        )
        teller.announce(rollout, called)
        _note(context, EventKind.ASKED, approval, now, approval.release, once=approval.id)
    due = reminders_due(rules, approval.asked, now)
    if due > approval.reminded and context.gateways.approvals.remind(approval.id, due):
        said = health_text.health_reminder if is_doubt else question_text.release_reminder
        teller.announce(rollout, said(rollout, approval, rules, now))
        _note(
            context,
            EventKind.REMINDED,
            approval,
            now,
            f"reminder {due}",
            once=f"{approval.id}-{due}",
        )


def _note(
    context: Context, kind: EventKind, approval: Approval, now: datetime, detail: str, *, once: str
) -> None:
    entry = AuditEntry(
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
    context.gateways.audit.note(entry)


def _follow(context: Context, asked: Asked, decision: Decision, token: str) -> None:
    """Bring an answer to the token that was not known, or was gone, when it was given."""
    if decision.outcome == DecisionOutcome.EXPIRED:
        said = "nobody answered in time"
        _note(context, EventKind.EXPIRED, asked.approval, decision.at, said, once=asked.approval.id)
    count("Answers", outcome=decision.outcome, application=asked.approval.application)
    follow_up(context, replace(asked.approval, token=token), decision)


def _request_approval(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return
    step, rollout, now = opened.step, opened.rollout, opened.now
    if rollout.roll_back_asked:
        deployment.give_way(context, step.token)
        return
    rules = context.settings.applications[rollout.application].rules[step.color]
    is_again = bool(asked_before(step, rollout))
    if rollout.group and not is_again and group_coordination.hold_for_group(context, rollout, step):
        return
    asked = _again_or_new(context, step, rollout, rules, now)
    if asked is None:
        return
    if asked.approval.decision is not None:
        _follow(context, asked, asked.approval.decision, step.token)
        return
    if is_again:
        asked = replace(asked, rollout=look_back(context, asked.rollout, now))
    if has_failed_late(asked.rollout):
        withdraw_questions(context, asked.rollout, now)
    context.rollout_board.show(asked.rollout)
    if not has_failed_late(asked.rollout):
        _announce(context, asked, rules, now)


lambda_handler = traced(_request_approval)
