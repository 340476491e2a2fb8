"""What is recorded of a color by its verdict, and what a record says of an earlier one."""

from typing import Final

from handlers.domain.model.evidence import Evidence
from handlers.domain.model.outcomes import DeploymentOutcome, Verdict
from handlers.domain.model.rollout import ColorChanges, ColorProgress, Stage
from handlers.domain.model.verification_settings import Reaction

_STAGES: Final = {
    Reaction.GO_ON: Stage.RELEASED,
    Reaction.ASK: Stage.UNCLEAR,
    Reaction.ROLL_BACK: Stage.FAILED,
    Reaction.LOOK_AGAIN: Stage.VERIFYING,
}
_REACTIONS: Final = {stage: reaction for reaction, stage in _STAGES.items()}


def changes_by(evidence: Evidence) -> ColorChanges:
    """Return what is recorded of a color: the evidence, and where that leads."""
    changes: ColorChanges = {"detail": evidence.detail, "evidence": evidence}
    if evidence.reaction is Reaction.ROLL_BACK:
        return {**changes, **condemned(evidence)}
    return {**changes, "stage": _STAGES[evidence.reaction]}


def late_changes_by(evidence: Evidence) -> ColorChanges:
    """Return what is recorded of a color that had been let through, and was observed once more."""
    if evidence.reaction is Reaction.ROLL_BACK:
        return changes_by(evidence)
    return {"stage": Stage.RELEASED, "evidence": evidence}


def condemned(evidence: Evidence) -> ColorChanges:
    """Return what is recorded of a color that verification condemned."""
    unhealthy = evidence.verdict is Verdict.UNHEALTHY
    outcome = DeploymentOutcome.UNHEALTHY if unhealthy else DeploymentOutcome.UNVERIFIED
    if evidence.overtaken:
        outcome = DeploymentOutcome.SUPERSEDED
    return {"stage": Stage.FAILED, "failure": evidence.detail, "outcome": outcome}


def recorded_reaction(progress: ColorProgress) -> Reaction | None:
    """Return what followed from an earlier verdict; None where the color is still verified."""
    reaction = _REACTIONS.get(progress.stage)
    return None if reaction is Reaction.LOOK_AGAIN else reaction
