"""Verification goes on: colors that run the release are verified again while people are asked.

One that turns bad late withdraws the question, and the machine rolls back.
"""

from datetime import datetime

from handlers.domain.history.audit import SHINGO, EventKind, rollout_entry
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.evidence import Evidence
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import ColorProgress, Decision, Rollout, Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.domain.verification.verdict_record import late_changes_by
from handlers.observability import count, logger
from handlers.services.context import Context
from handlers.services.decisions import withdraw_open_questions
from handlers.services.observation import observe
from handlers.slack.messages import health_text
from handlers.slack.messages.evidence_text import evidence_message


def verify_released_colors(context: Context, rollout: Rollout, now: datetime) -> Rollout:
    """Observe every color that runs the release again, and record what is seen.

    An observation that fails changes nothing: the next one is not far, and the question stays.
    """
    for progress in rollout.colors.values():
        if progress.stage is Stage.RELEASED and progress.evidence is not None:
            rollout = _verify_again(context, rollout, progress, now)
    return rollout


def withdraw_for_late_failure(context: Context, rollout: Rollout, now: datetime) -> None:
    """Withdraw what people are asked, because a color failed late; idempotent."""
    reason = next((c.failure for c in rollout.colors.values() if c.stage is Stage.FAILED), "")
    outcome = DecisionOutcome.WITHDRAWN
    decision = Decision(outcome=outcome, by=SHINGO.id, at=now, reason=reason)
    withdraw_open_questions(context, rollout, decision)


def _verify_again(
    context: Context, rollout: Rollout, progress: ColorProgress, now: datetime
) -> Rollout:
    try:
        evidence = observe(context, rollout, progress.color, now)
    except ShingoError as error:
        logger().warning("could not look back at %s: %s", progress.color, error)
        return rollout
    rollout, is_ours = context.gateways.rollouts.settle_color(
        rollout.id, progress, now=now, **late_changes_by(evidence)
    )
    if is_ours and evidence.reaction is Reaction.ROLL_BACK:
        _report(context, rollout, progress.color, evidence)
    return rollout


def _report(context: Context, rollout: Rollout, color: str, evidence: Evidence) -> None:
    """Audit and count a late failure, and say it in the thread."""
    said = f"{evidence.verdict}: {evidence.detail}"
    kind, once = EventKind.LATE_FAILURE, rollout.colors[color].deployment
    entry = rollout_entry(rollout, kind, evidence.at, color=color, detail=said, once=once)
    context.gateways.audit.note(entry)
    count("LateFailures", color=color, application=rollout.application)
    asked = next((c.color for c in rollout.colors.values() if c.open_questions), "")
    board = context.rollout_board
    board.say(rollout, health_text.late_failure(color, asked, evidence.detail))
    board.say(rollout, evidence_message(rollout.colors[color], evidence))
