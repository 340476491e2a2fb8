"""Decisions about questions: the record decides, the token follows.

Tested in `test_approvals.py`.
"""

from contextlib import suppress

from handlers.domain.approvals.approval import Approval, Subject
from handlers.domain.history.audit import HUMAN_SOURCES, decision_entry
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout, Stage
from handlers.observability import logger
from handlers.services.context import Context
from handlers.services.task_tokens import answer_if_open


def decide_open_questions(
    context: Context, rollout: Rollout, decision: Decision
) -> list[tuple[Approval, Decision]]:
    """Give each question that is open on a rollout's record this decision, unless it has another.

    Returns:
        The questions, each with the decision that stands. One of which only the id is on record
        is left out: the step that is about to ask it reads the rollout again, and closes it.
    """
    decided = []
    for question in rollout.open_questions:
        with suppress(NotThere):
            approval, _ = context.gateways.approvals.decide(question, decision)
            decided.append((approval, approval.decision or decision))
    return decided


def withdraw_open_questions(context: Context, rollout: Rollout, decision: Decision) -> None:
    """Take every open question from people, and let the machine go on; idempotent."""
    for approval, stands in decide_open_questions(context, rollout, decision):
        apply_decision(context, approval, stands)


def apply_decision(context: Context, approval: Approval, decision: Decision) -> None:
    """Audit a decision, put it on the rollout's record and wake the machine; idempotent.

    Each handler that finds a decision applies it: the one that made it may have ended before.
    """
    if decision.source in HUMAN_SOURCES:
        context.gateways.audit.note(decision_entry(approval, decision))
    if approval.about is Subject.HEALTH:
        _record_health_decision(context, approval, decision)
    elif decision.outcome != DecisionOutcome.ASK_AGAIN:
        context.gateways.rollouts.decide_color(approval.rollout, approval.color, decision)
    if not answer_if_open(context, approval.token, {"outcome": decision.outcome}):
        logger().info("the token is gone; the next look finds the decision")


def _record_health_decision(context: Context, approval: Approval, decision: Decision) -> None:
    """Put on the record what becomes of a color whose verdict is unclear."""
    if decision.outcome == DecisionOutcome.ASK_AGAIN:
        return
    stages = {DecisionOutcome.APPROVED: Stage.RELEASED, DecisionOutcome.LOOK_AGAIN: Stage.VERIFYING}
    context.gateways.rollouts.decide_doubt(
        approval.rollout, approval.color, approval.id, decision, stages.get(decision.outcome)
    )
