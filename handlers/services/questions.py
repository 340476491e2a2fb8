"""Asking people about a color, and seeing to it that their answer reaches the machine.

The question is whether the color may get the release or, where verification could not tell,
whether it may keep it.

Tested in `test_request_approval.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from handlers.domain.approvals.approval import Approval, Subject, expires
from handlers.domain.approvals.question import (
    asked_before,
    asked_by,
    is_on_record,
    new_question,
    question_changes,
)
from handlers.domain.config.approval_rules import ApprovalRules, reminders_due
from handlers.domain.history.audit import SHINGO, EventKind, question_entry
from handlers.domain.model.errors import Refused
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.observability import count
from handlers.services import group_coordination
from handlers.services.context import Context
from handlers.services.decisions import apply_decision
from handlers.services.open_step import OpenedStep
from handlers.services.reverification import (
    verify_released_colors,
    withdraw_for_late_failure,
)
from handlers.services.snapshot import take_snapshot
from handlers.services.task_tokens import yield_to_rollback


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of asking."""

    rollout: Rollout
    approval: Approval
    is_new: bool


def request_approval(context: Context, opened: OpenedStep) -> None:
    """Ask people about the color of a step, or see what has become of the question.

    The machine comes here again whenever its callback times out: to remind people, to let the
    question expire, to find an answer whose token was gone, and to verify again the colors that run
    the release already.
    """
    step, rollout, now = opened.step, opened.rollout, opened.now
    if rollout.roll_back_asked:
        yield_to_rollback(context, step.token)
        return
    rules = context.settings.applications[rollout.application].rules[step.color]
    is_again = bool(asked_before(step, rollout))
    if rollout.group and not is_again and group_coordination.hold_or_stop(context, rollout, step):
        return
    asked = _find_or_ask(context, opened, rules)
    if asked is None:
        return
    if asked.approval.decision is not None:
        _pass_on(context, asked.approval, asked.approval.decision, step.token)
        return
    rollout = asked.rollout
    if is_again:
        rollout = verify_released_colors(context, rollout, now)
    if rollout.has_failed_late:
        withdraw_for_late_failure(context, rollout, now)
    rollout = context.rollout_board.show(rollout)
    if rollout.board_is_behind and expires(asked.approval, rules):
        rollout = _postpone(context, asked.approval, now + rules.expires_after)
    if not rollout.has_failed_late:
        _audit_and_remind(context, replace(asked, rollout=rollout), rules, now)


def _find_or_ask(context: Context, opened: OpenedStep, rules: ApprovalRules) -> Asked | None:
    """Take up the question that this step has asked, or ask one; None where none is to be asked."""
    step, rollout, now = opened.step, opened.rollout, opened.now
    asked = asked_before(step, rollout)
    found = _take_up(context, opened, asked, rules) if asked else None
    if found and not (found.decision and found.decision.outcome == DecisionOutcome.ASK_AGAIN):
        return Asked(rollout=rollout, approval=found, is_new=False)
    shown = take_snapshot(rollout, context.gateways.ecs, context.gateways.load_balancers)
    # An earlier run may have got no further than to choose the id.
    chosen = "" if found else asked
    question = new_question(step, rollout, shown, rules, now, question=chosen or context.new_id())
    return _ask(context, question) if chosen else _record_and_ask(context, question, rollout, rules)


def _take_up(
    context: Context, opened: OpenedStep, asked: str, rules: ApprovalRules
) -> Approval | None:
    """Have the answer sent to the new token; the question may be decided, or expire now.

    It expires only where Slack shows it to people at that moment. None where no more than its id
    was recorded. Idempotent: one conditional write decides.
    """
    now, approval = opened.now, context.gateways.approvals.replace_token(asked, opened.step.token)
    if approval is None:
        return None
    is_due = approval.decision is None and expires(approval, rules) and now >= approval.until
    if is_due and not context.rollout_board.show(opened.rollout).board_is_behind:
        expired = Decision(outcome=DecisionOutcome.EXPIRED, by=SHINGO.id, at=now)
        approval, _ = context.gateways.approvals.decide(approval.id, expired)
    return approval


def _postpone(context: Context, approval: Approval, until: datetime) -> Rollout:
    """Have a question that nobody may be able to see expire later.

    At every look at which Slack does not take it, it gets its whole time again. What bounds that is
    the time of the whole execution.
    """
    context.gateways.approvals.postpone(approval.id, until)
    is_health = approval.about is Subject.HEALTH
    return context.gateways.rollouts.postpone_question(
        approval.rollout, approval.color, approval.id, until, is_about_health=is_health
    )


def _record_and_ask(
    context: Context, approval: Approval, rollout: Rollout, rules: ApprovalRules
) -> Asked | None:
    """Put a new question to people; None where the color has moved on since it was seen.

    Its id is recorded first, once: of two runs one asks, and one that ended in between left no
    question that nobody can see.
    """
    color, changes = rollout.colors[approval.color], question_changes(approval, rules)
    asked = {approval.id: asked_by(rules, is_about_health=approval.about is Subject.HEALTH)}
    rollout = context.gateways.rollouts.ask_about(
        rollout.id, color, now=approval.asked, asked=asked, **changes
    )
    return _ask(context, approval) if is_on_record(approval, rollout) else None


def _ask(context: Context, approval: Approval) -> Asked | None:
    """Record a question whose id is on the rollout's record, unless that has changed since.

    If the rollout was ended in between, nothing could close a question that was not there yet:
    it is closed here.
    """
    approvals = context.gateways.approvals
    approvals.ask(approval)
    withdrawn = Decision(outcome=DecisionOutcome.WITHDRAWN, by=SHINGO.id, at=approval.asked)
    try:
        rollout = context.gateways.rollouts.read(approval.rollout)
    except Refused:
        # No retry follows, and nobody may find an open question.
        approvals.decide(approval.id, withdrawn)
        raise
    is_left = is_on_record(approval, rollout)
    if not is_left or rollout.roll_back_asked or not rollout.is_open:
        approval, _ = approvals.decide(approval.id, rollout.roll_back_asked or withdrawn)
    return Asked(rollout=rollout, approval=approval, is_new=True) if is_left else None


def _pass_on(context: Context, approval: Approval, decision: Decision, token: str) -> None:
    """Bring a decision to the token that was not known, or was gone, when it was made."""
    if decision.outcome == DecisionOutcome.EXPIRED:
        said = "nobody answered in time"
        _audit(context, approval, EventKind.EXPIRED, decision.at, said, once=approval.id)
    count("Answers", outcome=decision.outcome, application=approval.application)
    apply_decision(context, replace(approval, token=token), decision)


def _audit_and_remind(context: Context, asked: Asked, rules: ApprovalRules, now: datetime) -> None:
    """Audit a new question, and remind people of an old one."""
    approval = asked.approval
    if asked.is_new:
        _audit(context, approval, EventKind.ASKED, now, approval.release, once=approval.id)
    due = reminders_due(rules, approval.asked, now)
    if due > approval.reminded and context.gateways.approvals.remind(approval.id, due):
        context.rollout_board.remind(asked.rollout, approval, rules, now)
        once = f"{approval.id}-{due}"
        _audit(context, approval, EventKind.REMINDED, now, f"reminder {due}", once=once)


def _audit(
    context: Context, approval: Approval, kind: EventKind, at: datetime, detail: str, *, once: str
) -> None:
    entry = question_entry(approval, kind, SHINGO, at, detail=detail, once=once)
    context.gateways.audit.note(entry)
