"""Answers to questions, from whichever door they come: Slack's buttons or the API.

The record decides, the token follows: one conditional write makes an answer count, and only
then is the machine woken. Every answer is checked at the moment it is given: who gives it, and
whether what was shown still holds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.domain.approvals.approval import (
    Approval,
    Subject,
    already_decided,
    answer_key,
    refusal,
)
from handlers.domain.approvals.approval_snapshot import snapshot_differences, take_snapshot
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules, Person, is_complete
from handlers.domain.history.audit import HUMAN_SOURCES, AuditEntry, EventKind, decision_entry
from handlers.domain.model.errors import ShingoError, SlackUnavailable, TokenGone
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout, Stage
from handlers.observability import about, logger
from handlers.services.context import Context
from handlers.slack.messages import question_text

KNOWN_ID: Final = re.compile(r"[\w.-]{1,80}", re.ASCII)
"""What the ids of questions and rollouts look like; nothing else is looked up."""
UNKNOWN: Final = "This question is not known any more."
NO_GROUPS: Final = "Slack cannot say who is in which group right now. Try again in a minute."


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came of an answer."""

    counts: bool
    text: str = ""
    """A sentence for the one who answered; empty where the board says it all."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who answers, and through which door."""

    id: str
    source: str


def answer(
    context: Context, approval_id: str, outcome: DecisionOutcome, actor: Actor, reason: str = ""
) -> Reply:
    """Count an approval or a rejection, or say why it does not count."""
    now = context.now()
    approval = (
        context.gateways.approvals.get(approval_id) if KNOWN_ID.fullmatch(approval_id) else None
    )
    rules = _rules(context, approval)
    if approval is None or rules is None:
        return Reply(counts=False, text=UNKNOWN)
    if outcome is DecisionOutcome.LOOK_AGAIN and approval.about is not Subject.HEALTH:
        return Reply(counts=False, text="There is nothing to look at again.")
    rollout = context.gateways.rollouts.read(approval.rollout)
    about(rollout, approval.color)
    if approval.decision is not None:
        return _after_the_decision(context, approval, outcome, actor, now)
    refused = refused_now(context, approval, outcome, actor)
    if refused:
        return Reply(counts=False, text=refused)
    if outcome is not DecisionOutcome.APPROVED:
        decision = Decision(
            outcome=outcome, by=actor.id, at=now, reason=reason, source=actor.source
        )
        return _decide(context, approval, decision, actor)
    return _approve(context, approval, rollout, rules, actor)


def refused_now(
    context: Context, approval: Approval, outcome: DecisionOutcome, actor: Actor
) -> str:
    """Say why somebody's answer would not count now, and note that it was tried."""
    now, rules = context.now(), _rules(context, approval)
    if rules is None:
        return UNKNOWN
    try:
        refused = refusal(approval, rules, acting(context, rules, actor), outcome, now)
    except SlackUnavailable:
        return NO_GROUPS
    if refused is None:
        return ""
    _note(context, EventKind.REFUSED_CLICK, approval, actor, now, detail=refused.reason)
    return refused.reason


def _approve(
    context: Context, approval: Approval, rollout: Rollout, rules: ApprovalRules, actor: Actor
) -> Reply:
    now, changed = context.now(), _what_changed(context, approval, rollout)
    if changed:
        said = " ".join(changed)
        stale = Decision(outcome=DecisionOutcome.ASK_AGAIN, by=actor.id, at=now, reason=said)
        approval, _ = context.gateways.approvals.decide(approval.id, stale)
        return _after_the_decision(context, approval, DecisionOutcome.APPROVED, actor, now)
    groups = tuple(sorted(acting(context, rules, actor).groups))
    given = ApprovalAnswer(by=actor.id, at=now, groups=groups, source=actor.source)
    is_repeat = answer_key(actor.id) in approval.answers
    with_it = {answer_key(actor.id): given, **approval.answers}
    if is_complete(rules, with_it.values()):
        # Nobody else is needed: the decision holds the answer, in one write.
        return _decide(context, approval, _approval_of(rules, with_it.values()), actor)
    approval = context.gateways.approvals.approve(approval.id, answer_key(actor.id), given)
    if approval.decision is not None:
        return _after_the_decision(context, approval, DecisionOutcome.APPROVED, actor, now)
    if is_complete(rules, approval.answers.values()):
        return _decide(context, approval, _approval_of(rules, approval.answers.values()), actor)
    if is_repeat:
        return Reply(counts=True)
    once = f"{approval.id}-{answer_key(actor.id)}"
    _note(context, EventKind.ANSWERED, approval, actor, now, once=once)
    so_far = _names(approval.answers.values())
    if approval.about is Subject.HEALTH:
        rollout = context.gateways.rollouts.answer_doubt(
            approval.rollout,
            approval.color,
            approval.id,
            now=now,
            **{"doubt.approved_by": so_far},
        )
    else:
        rollout = context.gateways.rollouts.change_color(
            approval.rollout, approval.color, now=now, approved_by=so_far
        )
    context.rollout_board.show(rollout)
    return Reply(
        counts=True, text=question_text.missing_approvals(rules, approval.answers.values())
    )


def _decide(context: Context, approval: Approval, decision: Decision, actor: Actor) -> Reply:
    """Make it the decision with one conditional write; then note it, and wake the machine."""
    approval, is_ours = context.gateways.approvals.decide(approval.id, decision)
    stands = approval.decision or decision
    if is_ours:
        follow_up(context, approval, stands)
    if is_ours and actor.id in {stands.by, *stands.others}:
        return Reply(counts=True)
    return _after_the_decision(context, approval, decision.outcome, actor, decision.at)


def _after_the_decision(
    context: Context, approval: Approval, outcome: DecisionOutcome, actor: Actor, now: datetime
) -> Reply:
    """The same answer delivered again says nothing; anyone else learns who was first."""
    stands = approval.decision
    if stands is None:
        return Reply(counts=False, text=UNKNOWN)
    if stands.outcome == outcome and actor.id in {stands.by, *stands.others}:
        # Its first delivery may have died before it woke the machine.
        follow_up(context, approval, stands)
        return Reply(counts=True)
    if stands.outcome == DecisionOutcome.ASK_AGAIN and actor.id == stands.by:
        return _was_stale(context, approval, stands, actor)
    _note(context, EventKind.REFUSED_CLICK, approval, actor, now, detail=already_decided(stands))
    return Reply(counts=False, text=already_decided(stands))


def _was_stale(context: Context, approval: Approval, decision: Decision, actor: Actor) -> Reply:
    """Have the question asked again, and say to whoever found it stale why; safe to do again."""
    said = decision.reason
    _note(
        context, EventKind.STALE_CLICK, approval, actor, decision.at, detail=said, once=approval.id
    )
    follow_up(context, approval, decision)
    return Reply(counts=False, text=f"Not counted: {said} The question is asked again.")


def follow_up(context: Context, approval: Approval, decision: Decision) -> None:
    """Note a decision, put it on the rollout's record and wake the machine; safe to do again.

    Whoever finds a decision follows it: the handler that made it may have ended right after.
    """
    if decision.source in HUMAN_SOURCES:
        context.gateways.audit.note(decision_entry(approval, decision))
    if approval.about is Subject.HEALTH:
        _follow_up_doubt(context, approval, decision)
    elif decision.outcome != DecisionOutcome.ASK_AGAIN:
        context.gateways.rollouts.decide_color(approval.rollout, approval.color, decision)
    try:
        context.gateways.executions.answer(approval.token, {"outcome": decision.outcome})
    except TokenGone:
        logger().info("the token is gone; the next look finds the decision")


def _follow_up_doubt(context: Context, approval: Approval, decision: Decision) -> None:
    """Say on the record what becomes of a color whose verdict is unclear."""
    stages = {DecisionOutcome.APPROVED: Stage.RELEASED, DecisionOutcome.LOOK_AGAIN: Stage.VERIFYING}
    changes: dict[str, object] = {"doubt.decision": decision}
    if decision.outcome in stages:
        changes["stage"] = stages[decision.outcome]
    if decision.outcome != DecisionOutcome.ASK_AGAIN:
        context.gateways.rollouts.answer_doubt(
            approval.rollout, approval.color, approval.id, now=decision.at, **changes
        )


def _rules(context: Context, approval: Approval | None) -> ApprovalRules | None:
    application = context.settings.applications.get(approval.application) if approval else None
    return application.rules.get(approval.color) if application and approval else None


def acting(context: Context, rules: ApprovalRules, actor: Actor) -> Person:
    """Look up which of the rules' groups somebody is in, now, where that matters.

    Raises:
        SlackUnavailable: Slack cannot say, so nobody is taken to be in a group.
    """
    is_named = actor.id in rules.users and not rules.must_include
    if is_named or not rules.asks_for_groups or actor.source != "slack":
        return Person(id=actor.id)
    groups = {*rules.groups, *rules.must_include}
    light = context.gateways.slack
    return Person(
        id=actor.id, groups=frozenset(each for each in groups if actor.id in light.members(each))
    )


def _what_changed(context: Context, approval: Approval, rollout: Rollout) -> list[str]:
    try:
        seen = take_snapshot(rollout, context.gateways.ecs, context.gateways.load_balancers)
    except ShingoError:
        return ["What was shown could not be checked: AWS did not answer."]
    return snapshot_differences(approval.evidence, seen)


def _approval_of(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> Decision:
    """Make one decision of the first approvals that suffice; later ones came second."""
    given: list[ApprovalAnswer] = []
    for each in sorted(answers, key=lambda answer: (answer.at, answer.by)):
        given.append(each)
        if is_complete(rules, given):
            break
    *others, last = given
    names = tuple(each.by for each in others)
    return Decision(
        outcome=DecisionOutcome.APPROVED, by=last.by, at=last.at, others=names, source=last.source
    )


def _names(answers: Iterable[ApprovalAnswer]) -> tuple[str, ...]:
    return tuple(each.by for each in sorted(answers, key=lambda each: each.at))


def _note(
    context: Context,
    kind: EventKind,
    approval: Approval,
    actor: Actor,
    now: datetime,
    *,
    detail: str = "",
    once: str = "",
) -> None:
    context.gateways.audit.note(
        AuditEntry(
            rollout=approval.rollout,
            application=approval.application,
            at=now,
            kind=kind,
            actor=actor.id,
            source=actor.source,
            color=approval.color,
            detail=detail,
            id=once,
        )
    )
