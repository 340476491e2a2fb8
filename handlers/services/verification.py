"""Verifying one deployed color: observe it once, record what follows, tell people.

Tested in `test_verify_color.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.domain.history.audit import AuditEntry, EventKind, rollout_entry
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.evidence import Evidence
from handlers.domain.model.outcomes import DecisionOutcome, Verdict
from handlers.domain.model.rollout import Rollout
from handlers.domain.model.verification_settings import Reaction
from handlers.domain.verification.color_evidence import unreachable_evidence
from handlers.domain.verification.verdict_record import changes_by, recorded_reaction
from handlers.observability import count, logger
from handlers.services.context import Context
from handlers.services.observation import observe
from handlers.slack.messages.evidence_text import evidence_message


@dataclass(frozen=True, kw_only=True)
class VerifiedColor:
    """What the machine is told of a color."""

    verdict: Verdict | DecisionOutcome
    reaction: Reaction


ROLL_BACK: Final = VerifiedColor(verdict=DecisionOutcome.ROLL_BACK, reaction=Reaction.ROLL_BACK)


def verify(context: Context, rollout: Rollout, color: str, now: datetime) -> VerifiedColor:
    """Observe a color, unless what follows is on record already.

    Idempotent: the verdict is recorded from where the color was seen, by one of several runs.
    """
    if verified := _on_record(rollout, color):
        return verified
    evidence, rollouts = _evidence(context, rollout, color, now), context.gateways.rollouts
    seen, changes = rollout.colors[color], changes_by(evidence)
    rollout, is_ours = rollouts.settle_color(rollout.id, seen, now=now, **changes)
    if not is_ours:
        # Another run was faster, and the color may have gone on since.
        again = VerifiedColor(verdict=evidence.verdict, reaction=Reaction.LOOK_AGAIN)
        return _on_record(rollout, color) or again
    count("Verdicts", verdict=evidence.verdict, color=color, application=rollout.application)
    rollout = context.rollout_board.show(rollout)
    if evidence.reaction is not Reaction.LOOK_AGAIN:
        context.gateways.audit.note(_audit_entry(rollout, color, evidence))
        text, is_routine = evidence_message(rollout.colors[color], evidence), _is_well(evidence)
        context.rollout_board.say(rollout, text, is_routine=is_routine)
    return VerifiedColor(verdict=evidence.verdict, reaction=evidence.reaction)


def _is_well(evidence: Evidence) -> bool:
    return evidence.reaction is Reaction.GO_ON


def _on_record(rollout: Rollout, color: str) -> VerifiedColor | None:
    """Return what is already on record; None where the color is still to be observed."""
    if rollout.roll_back_asked or not rollout.is_open or rollout.has_failed_late:
        return ROLL_BACK
    progress = rollout.colors[color]
    reaction = recorded_reaction(progress)
    if reaction is None or progress.evidence is None:
        return None
    return VerifiedColor(verdict=progress.evidence.verdict, reaction=reaction)


def _evidence(context: Context, rollout: Rollout, color: str, now: datetime) -> Evidence:
    try:
        return observe(context, rollout, color, now)
    except ShingoError as error:
        logger().warning("could not look at %s: %s", color, error)
        application = context.settings.applications[rollout.application]
        return unreachable_evidence(rollout.colors[color], application, str(error), now)


def _audit_entry(rollout: Rollout, color: str, evidence: Evidence) -> AuditEntry:
    return rollout_entry(
        rollout,
        EventKind.DOUBTED if evidence.reaction is Reaction.ASK else EventKind.VERIFIED,
        evidence.at,
        color=color,
        detail=f"{evidence.verdict}: {evidence.detail}",
        once=f"{rollout.colors[color].deployment}:{evidence.verdict}:{evidence.reaction}",
    )
