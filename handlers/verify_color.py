"""Verify one deployed color: look once at everything that is measured of it."""

from collections.abc import Mapping
from typing import Any, Final

from handlers import runtime
from handlers.domain.history.audit import AuditEntry, EventKind, rollout_entry
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.evidence import Evidence
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Rollout, Stage, condemned
from handlers.domain.model.verification_settings import Reaction
from handlers.domain.verification.observation import observe, unreachable_evidence
from handlers.observability import count, logger, traced
from handlers.services.observation import observation_tools
from handlers.services.open_step import open_step
from handlers.services.reverification import has_failed_late
from handlers.slack.messages.evidence_text import evidence_message

ROLL_BACK: Final[dict[str, str]] = {
    "verdict": DecisionOutcome.ROLL_BACK,
    "reaction": Reaction.ROLL_BACK,
}
_CONCLUDED: Final = {
    Stage.RELEASED: Reaction.GO_ON,
    Stage.UNCLEAR: Reaction.ASK,
    Stage.FAILED: Reaction.ROLL_BACK,
}
"""What an earlier run of this step has said, by where it left the color."""


def _follows(evidence: Evidence) -> dict[str, object]:
    """Say what of a color is recorded: the evidence, and where that leads."""
    changes: dict[str, object] = {"detail": evidence.detail, "evidence": evidence}
    match evidence.reaction:
        case Reaction.GO_ON:
            changes["stage"] = Stage.RELEASED
        case Reaction.ASK:
            changes["stage"] = Stage.UNCLEAR
        case Reaction.ROLL_BACK:
            changes |= condemned(evidence)
        case Reaction.LOOK_AGAIN:
            changes["stage"] = Stage.VERIFYING
    return changes


def _said(rollout: Rollout, color: str) -> dict[str, str] | None:
    """Return what is already on record; None where the color is still to be looked at."""
    if rollout.roll_back_asked or not rollout.is_open or has_failed_late(rollout):
        return ROLL_BACK
    progress = rollout.colors[color]
    if progress.stage in _CONCLUDED and progress.evidence is not None:
        return {"verdict": progress.evidence.verdict, "reaction": _CONCLUDED[progress.stage]}
    return None


def _noted(rollout: Rollout, color: str, evidence: Evidence) -> AuditEntry:
    kind = EventKind.DOUBTED if evidence.reaction is Reaction.ASK else EventKind.VERIFIED
    said = f"{evidence.verdict}: {evidence.detail}"
    once = f"{rollout.colors[color].deployment}:{evidence.verdict}:{evidence.reaction}"
    return rollout_entry(rollout, kind, evidence.at, color=color, detail=said, once=once)


def _verify_color(event: Mapping[str, Any]) -> dict[str, str]:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is None:
        return ROLL_BACK
    step, rollout, now = opened.step, opened.rollout, opened.now
    rollouts = context.gateways.rollouts
    if said := _said(rollout, step.color):
        return said
    application = context.settings.applications[rollout.application]
    try:
        evidence = observe(rollout, step.color, application, observation_tools(context), now)
    except ShingoError as error:
        logger().warning("could not look at %s: %s", step.color, error)
        evidence = unreachable_evidence(rollout, step.color, application, error, now)
    looked_at = rollout.colors[step.color]
    changes = _follows(evidence)
    rollout, is_ours = rollouts.settle_color(rollout.id, looked_at, now=now, **changes)
    if not is_ours:
        # Another run was faster, and the color may have gone on since.
        look_again = {"verdict": str(evidence.verdict), "reaction": str(Reaction.LOOK_AGAIN)}
        return _said(rollout, step.color) or look_again
    count("Verdicts", verdict=evidence.verdict, color=step.color, application=rollout.application)
    teller = context.rollout_board
    rollout = teller.show(rollout)
    if evidence.reaction is not Reaction.LOOK_AGAIN:
        context.gateways.audit.note(_noted(rollout, step.color, evidence))
        teller.say(rollout, evidence_message(rollout.colors[step.color], evidence))
    return {"verdict": evidence.verdict, "reaction": evidence.reaction}


lambda_handler = traced(_verify_color)
