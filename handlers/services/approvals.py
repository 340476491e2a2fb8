"""Answers to questions, from whichever door they come: Slack's buttons or the API.

The record decides, the token follows: one conditional write makes an answer count, and only
then is the machine woken. Every answer is checked at the moment it is given: who gives it, and
whether what was shown still holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from handlers.domain.approvals.approval import (
    Approval,
    Subject,
    already_decided,
    answer_key,
    approval_decision,
    approver_ids,
    refusal,
)
from handlers.domain.approvals.approval_snapshot import snapshot_differences
from handlers.domain.config.approval_rules import (
    ApprovalAnswer,
    ApprovalRules,
    Person,
    is_complete,
    is_named,
)
from handlers.domain.history.audit import Actor, EventKind, identified, question_entry
from handlers.domain.model.errors import ShingoError, SlackUnavailable
from handlers.domain.model.execution_names import EXECUTION_NAME
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.observability import about, logger
from handlers.services.context import Context
from handlers.services.decisions import apply_decision
from handlers.services.snapshot import take_snapshot
from handlers.slack.dialogs import reject_dialog
from handlers.slack.messages import question_text

UNKNOWN: Final = "This question is not known any more."
NO_GROUPS: Final = "Slack cannot say who may answer right now. Try again in a minute."


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came of an answer."""

    counts: bool
    text: str = ""
    """A sentence for the one who answered; empty where the board says it all."""


def answer_question(
    context: Context, approval_id: str, outcome: DecisionOutcome, actor: Actor, reason: str = ""
) -> Reply:
    """Count an answer, or say why it does not count."""
    now, approval = context.now(), _find_question(context, approval_id)
    rules, actor = _rules(context, approval), identified(context.settings.people, actor)
    if approval is None or rules is None:
        return Reply(counts=False, text=UNKNOWN)
    if outcome is DecisionOutcome.LOOK_AGAIN and approval.about is not Subject.HEALTH:
        return Reply(counts=False, text="There is nothing to look at again.")
    rollout = context.gateways.rollouts.read(approval.rollout)
    about(rollout, approval.color)
    if approval.decision is not None:
        return _answer_decided(context, approval, outcome, actor, now)
    person = _authorize(context, approval, rules, outcome, actor)
    if isinstance(person, Reply):
        return person
    if outcome is DecisionOutcome.APPROVED:
        given = ApprovalAnswer(
            by=actor.id,
            at=now,
            groups=tuple(sorted(person.groups)),
            source=actor.source,
            caller=actor.caller,
        )
        return _approve(context, approval, rules, given, rollout)
    decision = Decision(
        outcome=outcome,
        by=actor.id,
        at=now,
        reason=reason,
        source=actor.source,
        caller=actor.caller,
    )
    return _decide(context, approval, decision, actor)


def open_reject_dialog(context: Context, approval_id: str, actor: Actor, trigger: str) -> Reply:
    """Ask somebody who may reject why; the trigger of their click lives three seconds."""
    approval = _find_question(context, approval_id)
    rollout = context.gateways.rollouts.get(approval.rollout) if approval else None
    rules, actor = _rules(context, approval), identified(context.settings.people, actor)
    if approval is None or rollout is None or rules is None:
        return Reply(counts=False, text=UNKNOWN)
    person = _authorize(context, approval, rules, DecisionOutcome.REJECTED, actor)
    if isinstance(person, Reply):
        return person
    try:
        dialog = reject_dialog(rollout, approval.color, approval.id)
        context.gateways.slack.open_dialog(trigger, dialog)
    except SlackUnavailable as error:
        logger().warning("slack: %s", error)
        return Reply(counts=False, text="The dialog could not be opened. Press it again.")
    return Reply(counts=True)


def look_up_person(context: Context, rules: ApprovalRules, actor: Actor) -> Person:
    """Look up which of the rules' groups somebody is in, and whether they are a full member.

    Slack is asked only for what the rules need.

    Raises:
        SlackUnavailable: Slack cannot say, so nobody is taken to be in a group or a member.
    """
    person, users = Person(id=actor.id, caller=actor.caller), rules.people.slack_ids(actor.id)
    is_enough = is_named(rules, person) and not rules.must_include
    if is_enough or not users:
        return person
    slack, groups = context.gateways.slack, {*rules.groups, *rules.must_include}
    members = slack.members_of(groups)
    found = (each for each in groups if not users.isdisjoint(members[each]))
    is_member = not rules.is_for_anyone or any(
        slack.account(each).is_full_member(context.settings.team) for each in users
    )
    return replace(person, groups=frozenset(found), is_outsider=not is_member)


def _find_question(context: Context, approval_id: str) -> Approval | None:
    return (
        context.gateways.approvals.get(approval_id)
        if EXECUTION_NAME.fullmatch(approval_id)
        else None
    )


def _rules(context: Context, approval: Approval | None) -> ApprovalRules | None:
    application = context.settings.applications.get(approval.application) if approval else None
    return application.rules.get(approval.color) if application and approval else None


def _authorize(
    context: Context,
    approval: Approval,
    rules: ApprovalRules,
    outcome: DecisionOutcome,
    actor: Actor,
) -> Person | Reply:
    """Return who answers, if their answer counts now; otherwise audit that it was tried."""
    try:
        person = look_up_person(context, rules, actor)
    except SlackUnavailable:
        return Reply(counts=False, text=NO_GROUPS)
    now = context.now()
    refused = refusal(approval, rules, person, outcome, now)
    if not refused:
        return person
    kind = EventKind.REFUSED_CLICK
    context.gateways.audit.note(question_entry(approval, kind, actor, now, detail=refused))
    return Reply(counts=False, text=refused)


def _differences(context: Context, approval: Approval, rollout: Rollout) -> list[str]:
    """Say what was shown with the question and does not hold any more."""
    try:
        seen = take_snapshot(rollout, context.gateways.ecs, context.gateways.load_balancers)
    except ShingoError:
        return ["What was shown could not be checked: AWS did not answer."]
    return snapshot_differences(approval.evidence, seen)


def _approve(
    context: Context,
    approval: Approval,
    rules: ApprovalRules,
    given: ApprovalAnswer,
    rollout: Rollout,
) -> Reply:
    """Count one person's approval, and decide the question if nobody else is needed."""
    approvals, now = context.gateways.approvals, given.at
    actor = Actor(id=given.by, source=given.source, caller=given.caller)
    key = answer_key(given.by)
    if changed := _differences(context, approval, rollout):
        outcome, said = DecisionOutcome.ASK_AGAIN, " ".join(changed)
        stale = Decision(outcome=outcome, by=actor.id, at=now, reason=said)
        approval, _ = approvals.decide(approval.id, stale)
        return _answer_decided(context, approval, DecisionOutcome.APPROVED, actor, now)
    is_repeat = key in approval.answers
    with_it = {key: given, **approval.answers}
    if is_complete(rules, with_it.values()):
        # Nobody else is needed: the decision holds the answer, in one write.
        return _decide(context, approval, approval_decision(rules, with_it.values()), actor)
    approval = approvals.approve(approval.id, key, given)
    answers = approval.answers.values()
    if approval.decision is not None:
        return _answer_decided(context, approval, DecisionOutcome.APPROVED, actor, now)
    if is_complete(rules, answers):
        return _decide(context, approval, approval_decision(rules, answers), actor)
    if is_repeat:
        return _answer_repeated(approval.answers[key], given, rules, answers)
    once = f"{approval.id}-{key}"
    entry = question_entry(approval, EventKind.ANSWERED, actor, now, once=once)
    context.gateways.audit.note(entry)
    _show_approvers(context, approval, now)
    return Reply(counts=True, text=question_text.missing_approvals(rules, answers))


def _answer_repeated(
    before: ApprovalAnswer,
    given: ApprovalAnswer,
    rules: ApprovalRules,
    answers: Iterable[ApprovalAnswer],
) -> Reply:
    """Tell a person who comes by another way that they are counted already.

    Who comes the same way is told nothing: it may be one click that was delivered again.
    """
    if (before.source, before.caller) == (given.source, given.caller):
        return Reply(counts=True)
    missing = question_text.missing_approvals(rules, answers)
    return Reply(counts=True, text=f"You have approved this already, by another way. {missing}")


def _show_approvers(context: Context, approval: Approval, now: datetime) -> None:
    """Put who has approved so far on the rollout's record and its board."""
    rollouts, so_far = context.gateways.rollouts, approver_ids(approval)
    if approval.about is Subject.HEALTH:
        rollout = rollouts.record_doubt_approvals(
            approval.rollout, approval.color, approval.id, so_far, now=now
        )
    else:
        rollout = rollouts.change_color(
            approval.rollout, approval.color, now=now, approved_by=so_far
        )
    context.rollout_board.show(rollout)


def _decide(context: Context, approval: Approval, decision: Decision, actor: Actor) -> Reply:
    """Make it the decision with one conditional write; then apply it."""
    approval, is_ours = context.gateways.approvals.decide(approval.id, decision)
    stands = approval.decision or decision
    if is_ours:
        apply_decision(context, approval, stands)
    if is_ours and actor.id in {stands.by, *stands.others}:
        return Reply(counts=True)
    return _answer_decided(context, approval, decision.outcome, actor, decision.at)


def _answer_decided(
    context: Context, approval: Approval, outcome: DecisionOutcome, actor: Actor, now: datetime
) -> Reply:
    """Say who was first; the same answer delivered again is told nothing."""
    stands = approval.decision
    if stands is None:
        return Reply(counts=False, text=UNKNOWN)
    if stands.outcome == outcome and actor.id in {stands.by, *stands.others}:
        # Its first delivery may have died before it woke the machine.
        apply_decision(context, approval, stands)
        return Reply(counts=True)
    if stands.outcome == DecisionOutcome.ASK_AGAIN and actor.id == stands.by:
        return _answer_stale(context, approval, stands, actor)
    said = already_decided(stands)
    entry = question_entry(approval, EventKind.REFUSED_CLICK, actor, now, detail=said)
    context.gateways.audit.note(entry)
    return Reply(counts=False, text=said)


def _answer_stale(context: Context, approval: Approval, decision: Decision, actor: Actor) -> Reply:
    """Have the question asked again, and tell whoever found it stale why; idempotent."""
    kind, said = EventKind.STALE_CLICK, decision.reason
    entry = question_entry(approval, kind, actor, decision.at, detail=said, once=approval.id)
    context.gateways.audit.note(entry)
    apply_decision(context, approval, decision)
    return Reply(counts=False, text=f"Not counted: {said} The question is asked again.")
