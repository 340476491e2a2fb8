"""Verification goes on: colors that run the release are looked at again while people are asked.

One that turns bad late withdraws the question, and the machine rolls back.
"""

from contextlib import suppress
from datetime import datetime

from handlers.domain.history.audit import EventKind, machine_entry
from handlers.domain.model.errors import NotThere, ShingoError
from handlers.domain.model.evidence import Evidence
from handlers.domain.model.outcomes import DecisionOutcome, DeploymentOutcome
from handlers.domain.model.rollout import ColorProgress, Decision, Rollout, Stage, condemned
from handlers.domain.model.verification_settings import Reaction
from handlers.domain.verification.observation import observe
from handlers.observability import count, logger
from handlers.services.approvals import follow_up
from handlers.services.context import Context
from handlers.services.observation import observation_tools
from handlers.slack.messages import health_text
from handlers.slack.messages.evidence_text import evidence_message


def look_back(context: Context, rollout: Rollout, now: datetime) -> Rollout:
    """Look again at every color that runs the release, and record what is seen.

    A look that fails changes nothing: the next one is not far, and the question stays.
    """
    for progress in rollout.colors.values():
        if progress.stage is Stage.RELEASED and progress.evidence is not None:
            rollout = _look_back(context, rollout, progress, now)
    return rollout


def has_failed_late(rollout: Rollout) -> bool:
    """Whether a color turned bad after it had been let through."""
    return any(
        color.stage is Stage.FAILED
        and color.outcome in {DeploymentOutcome.UNHEALTHY, DeploymentOutcome.UNVERIFIED}
        for color in rollout.colors.values()
    )


def withdraw_questions(context: Context, rollout: Rollout, now: datetime) -> None:
    """Withdraw what people are asked, because a color failed late; safe to do again."""
    reason = next((c.failure for c in rollout.colors.values() if c.stage is Stage.FAILED), "")
    decision = Decision(outcome=DecisionOutcome.WITHDRAWN, by="shingo", at=now, reason=reason)
    for question in rollout.open_questions:
        # One that is about to be asked finds the failure itself, the next time it is looked at.
        with suppress(NotThere):
            approval, _ = context.gateways.approvals.decide(question, decision)
            follow_up(context, approval, approval.decision or decision)


def _look_back(
    context: Context, rollout: Rollout, progress: ColorProgress, now: datetime
) -> Rollout:
    application = context.settings.applications[rollout.application]
    try:
        evidence = observe(rollout, progress.color, application, observation_tools(context), now)
    except ShingoError as error:
        logger().warning("could not look back at %s: %s", progress.color, error)
        return rollout
    changes: dict[str, object] = {"stage": Stage.RELEASED, "evidence": evidence}
    has_failed = evidence.reaction is Reaction.ROLL_BACK
    if has_failed:
        changes |= condemned(evidence) | {"detail": evidence.detail}
    rollout, is_ours = context.gateways.rollouts.settle_color(
        rollout.id, progress, now=now, **changes
    )
    if is_ours and has_failed:
        _tell(context, rollout, progress.color, evidence)
    return rollout


def _tell(context: Context, rollout: Rollout, color: str, evidence: Evidence) -> None:
    said = f"{evidence.verdict}: {evidence.detail}"
    once = rollout.colors[color].deployment
    entry = machine_entry(
        rollout, EventKind.LATE_FAILURE, evidence.at, color=color, detail=said, once=once
    )
    context.gateways.audit.note(entry)
    count("LateFailures", color=color, application=rollout.application)
    asked = next((c.color for c in rollout.colors.values() if c.open_questions), "")
    teller = context.rollout_board
    teller.say(rollout, health_text.late_failure(color, asked, evidence.detail))
    teller.say(rollout, evidence_message(rollout.colors[color], evidence))
