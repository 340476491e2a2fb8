"""One color's deployment: forward to the release, or back to the revision that it ran before.

Rolling back is deploying the recorded revision. What is decided here follows from what was read of
the record and of ECS; `services/deployment.py` reads and acts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.domain.deployments.deployment_outcome import DeploymentEnd
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import ColorChanges, ColorProgress, Rollout, Stage, short_name
from handlers.domain.model.service import Deployment, RolloutState, Service

_CLOCK_SKEW: Final = timedelta(seconds=1)
"""ECS may stamp a service deployment and its deployment a little apart."""


@dataclass(frozen=True, kw_only=True)
class ColorDeployment:
    """One color on its way to one revision."""

    rollout: Rollout
    color: str
    returning: bool
    """Whether it goes back to its previous revision."""
    allowed: timedelta
    """How long it may take."""

    @property
    def progress(self) -> ColorProgress:
        return self.rollout.colors[self.color]

    @property
    def stage(self) -> Stage:
        return Stage.GOING_BACK if self.returning else Stage.DEPLOYING

    @property
    def revision(self) -> str:
        """The task definition that it is to run."""
        release = self.rollout.release
        return self.progress.previous if self.returning else release.revision_for(self.color)

    @property
    def deadline(self) -> datetime:
        """By when it must have completed, once it was started."""
        return self.progress.times[self.stage] + self.allowed

    @property
    def is_started(self) -> bool:
        """Whether a deployment of ECS was started, or adopted, for it."""
        return self.progress.stage is self.stage and bool(self.progress.deployment)

    @property
    def is_intended(self) -> bool:
        """Whether the color is on its way by the record, and nothing of ECS was started for it."""
        return self.progress.stage is self.stage and not self.progress.deployment

    def history_since(self, service: Service | None) -> datetime | None:
        """Return since when ECS's list of deployments tells how it ended; None where none need."""
        primary, began = service.primary if service else None, self.progress.deployment_began
        if primary is None or primary.id == self.progress.deployment or began is None:
            return None
        return began - _CLOCK_SKEW

    def adoptable(self, service: Service | None) -> Deployment | None:
        """Return a primary deployment that is on the revision already: it is taken for ours."""
        primary = service.primary if service else None
        return primary if primary and primary.task_definition == self.revision else None


def has_ended(progress: ColorProgress, *, returning: bool) -> bool:
    """Whether the end of a color's deployment is on record, by an earlier run or an event."""
    if returning:
        return progress.stage in {Stage.PUT_BACK, Stage.STRANDED}
    return bool(progress.outcome)


def start_obstacle(deployment: ColorDeployment, service: Service | None) -> DeploymentEnd | None:
    """Say why it must not start; one that goes back only needs a service and a sound revision."""
    if service is None or not service.active:
        return DeploymentEnd(
            outcome=DeploymentOutcome.FAILED, detail="The service does not exist any more."
        )
    if deployment.returning:
        if deployment.revision not in deployment.rollout.known_bad:
            return None
        return DeploymentEnd(
            outcome=DeploymentOutcome.UNHEALTHY, detail=known_bad_text(deployment.revision)
        )
    primary = service.primary
    expected = {deployment.progress.previous, deployment.revision}
    if primary is not None and primary.task_definition not in expected:
        detail = f"Since the rollout began, someone deployed {short_name(primary.task_definition)}."
        return DeploymentEnd(outcome=DeploymentOutcome.SUPERSEDED, detail=detail)
    if service.desired == 0:
        return DeploymentEnd(
            outcome=DeploymentOutcome.SCALED_TO_ZERO, detail="Its desired count is 0."
        )
    return None


def known_bad_text(revision: str) -> str:
    """Say that an earlier rollout found a revision unhealthy."""
    return f"{short_name(revision)} was found unhealthy by an earlier rollout."


def is_replaced_by_release(
    deployment: ColorDeployment, service: Service, end: DeploymentEnd | None, now: datetime
) -> bool:
    """Whether a color that goes back was deployed the release once more, and has time left.

    No call of ECS can be made to depend on the record, so one of a run that was given up may come
    after the rollback has begun. The rollback must not have failed by itself.
    """
    ours, primary = service.deployment(deployment.progress.deployment), service.primary
    has_failed = ours is not None and ours.state == RolloutState.FAILED
    return (
        deployment.returning
        and end is not None
        and end.outcome is DeploymentOutcome.SUPERSEDED
        and not has_failed
        and primary is not None
        and primary.task_definition == deployment.rollout.release.revision_for(deployment.color)
        and now < deployment.deadline
    )


def intent_changes(deployment: ColorDeployment) -> ColorChanges:
    """Return what is recorded before ECS is asked for anything."""
    return {"stage": deployment.stage, "changed": True, "deployment": "", "detail": ""}


def start_changes(deployment: ColorDeployment, started: Deployment) -> ColorChanges:
    """Return what is recorded of the deployment that ECS started, or had started already."""
    return {
        "stage": deployment.stage,
        "deployment": started.id,
        "deployment_began": started.created,
    }


def end_changes(deployment: ColorDeployment, end: DeploymentEnd) -> ColorChanges:
    """Return what is recorded of how it ended."""
    completed = end.outcome is DeploymentOutcome.COMPLETED
    if deployment.returning:
        stage = Stage.PUT_BACK if completed else Stage.STRANDED
        return {"detail": end.detail, "stage": stage}
    return {
        "detail": end.detail,
        "stage": Stage.VERIFYING if completed else Stage.FAILED,
        "outcome": end.outcome,
        "failure": end.detail,
    }
