"""Bringing one color's service to a revision, and looking at how far it has come.

Rolling back is the same as deploying, to the recorded revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from handlers.domain.admission.preflight import judged_bad
from handlers.domain.deployments.deployment_outcome import Aim, Settled, judge
from handlers.domain.deployments.diagnostics import (
    sentence,
    stopped_reasons,
    target_reasons,
    telling_events,
)
from handlers.domain.deployments.target_health import own_targets
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from handlers.domain.model.service import Deployment, RolloutState, Service, Target, Task

_CLOCK_STEP: Final = timedelta(seconds=1)
"""ECS may stamp a service deployment and its deployment a little apart."""


class Ecs(Protocol):
    """What bringing needs of ECS."""

    def service(self, cluster: str, name: str) -> Service | None: ...
    def deploy(self, cluster: str, service: str, revision: str) -> Deployment: ...
    def deployment_statuses(self, cluster: str, service: str, since: datetime) -> list[str]: ...
    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]: ...


class LoadBalancers(Protocol):
    """What bringing needs of the load balancer."""

    def targets(self, target_group: str) -> list[Target]: ...


class Rollouts(Protocol):
    """What bringing needs of the record."""

    def settle_color(
        self, rollout: str, seen: ColorProgress, *, now: datetime, **changes: object
    ) -> tuple[Rollout, bool]: ...


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One color on its way to one revision."""

    rollout: Rollout
    color: str
    returning: bool
    allowed: timedelta
    """How long it may take."""

    @property
    def progress(self) -> ColorProgress:
        """The color's record."""
        return self.rollout.colors[self.color]

    @property
    def stage(self) -> Stage:
        """The stage in which the color is on this errand."""
        return Stage.GOING_BACK if self.returning else Stage.DEPLOYING

    @property
    def revision(self) -> str:
        """Where it goes."""
        return self.progress.previous if self.returning else self.rollout.release.revision

    @property
    def deadline(self) -> datetime:
        """By when it must have arrived, once it is under way."""
        return self.progress.times[self.stage] + self.allowed

    @property
    def is_under_way(self) -> bool:
        """Whether a deployment was already started or adopted for it."""
        return self.progress.stage is self.stage and bool(self.progress.deployment)


def set_out(errand: Errand, ecs: Ecs, rollouts: Rollouts, now: datetime) -> Errand | Settled:
    """Start the deployment, unless one is under way already; or say why it must not start.

    Safe to run twice: UpdateService has no client token, so the intention is recorded before
    it, and a primary deployment that is already on the revision is taken for ours. The intention
    is recorded only from where the color was seen: a run that comes late must not deploy to a
    color that goes back by now. If such a run did all the same, the way back begins anew.
    """
    if errand.is_under_way and not errand.returning:
        return errand
    progress = errand.progress
    service = ecs.service(progress.cluster, progress.service)
    if errand.is_under_way and not _is_overtaken(errand, service, ecs, now):
        return errand
    obstacle = _obstacle(errand, service)
    if obstacle is not None:
        return obstacle
    intent = {"stage": errand.stage, "changed": True, "deployment": "", "detail": ""}
    rollout, _ = rollouts.settle_color(errand.rollout.id, progress, now=now, **intent)
    errand = replace(errand, rollout=rollout)
    if errand.progress.stage is not errand.stage or errand.is_under_way:
        return errand
    primary = service.primary if service else None
    if primary is None or primary.task_definition != errand.revision:
        primary = ecs.deploy(progress.cluster, progress.service, errand.revision)
    started = {
        "stage": errand.stage,
        "deployment": primary.id,
        "deployment_began": primary.created,
    }
    rollout, _ = rollouts.settle_color(rollout.id, errand.progress, now=now, **started)
    return replace(errand, rollout=rollout)


def look(errand: Errand, ecs: Ecs, balancers: LoadBalancers, now: datetime) -> Settled | None:
    """Look at ECS once: how the deployment ended, and why; None while it is on its way."""
    progress = errand.progress
    service = ecs.service(progress.cluster, progress.service)
    settled = _judged(errand, service, ecs, now)
    if settled is None or settled.outcome is DeploymentOutcome.COMPLETED or service is None:
        return settled
    if errand.returning and settled.outcome is DeploymentOutcome.SCALED_TO_ZERO:
        return Settled(outcome=DeploymentOutcome.COMPLETED)
    if _is_by_the_release(errand, service, settled, now):
        # The next step sets out anew.
        return None
    why = _why(service, progress.deployment, ecs, balancers)
    return Settled(outcome=settled.outcome, detail=sentence(settled.detail, *why))


def settle(
    errand: Errand, settled: Settled, rollouts: Rollouts, now: datetime
) -> tuple[Rollout, bool]:
    """Record how it ended, unless somebody was first or the color has moved on since it was seen.

    Two events of ECS may wake two handlers at once, and the machine may be rolling back already
    when the slower one writes.

    Returns:
        The rollout as it then stands, and whether it was this call that settled it.
    """
    completed = settled.outcome is DeploymentOutcome.COMPLETED
    changes: dict[str, object] = {"detail": settled.detail}
    if errand.returning:
        changes["stage"] = Stage.PUT_BACK if completed else Stage.STRANDED
    else:
        changes["stage"] = Stage.VERIFYING if completed else Stage.FAILED
        changes |= {"outcome": settled.outcome, "failure": settled.detail}
    return rollouts.settle_color(errand.rollout.id, errand.progress, now=now, **changes)


def _judged(errand: Errand, service: Service | None, ecs: Ecs, now: datetime) -> Settled | None:
    progress = errand.progress
    aim = Aim(
        deployment=progress.deployment,
        revision=errand.revision,
        previous="" if errand.returning else progress.previous,
        deadline=errand.deadline,
    )
    return judge(aim, service, _history(errand, service, ecs), now)


def _is_overtaken(errand: Errand, service: Service | None, ecs: Ecs, now: datetime) -> bool:
    """Whether a color that is on its way back was deployed the release once more.

    No call of ECS can be made to depend on the record, so one of a run that was given up may come
    after the way back has begun.
    """
    settled = _judged(errand, service, ecs, now)
    return service is not None and _is_by_the_release(errand, service, settled, now)


def _is_by_the_release(
    errand: Errand, service: Service, settled: Settled | None, now: datetime
) -> bool:
    """Whether the release replaced the way back, which did not fail by itself and has time left."""
    ours, primary = service.deployment(errand.progress.deployment), service.primary
    has_failed = ours is not None and ours.state == RolloutState.FAILED
    return (
        errand.returning
        and settled is not None
        and settled.outcome is DeploymentOutcome.SUPERSEDED
        and not has_failed
        and primary is not None
        and primary.task_definition == errand.rollout.release.revision
        and now < errand.deadline
    )


def _obstacle(errand: Errand, service: Service | None) -> Settled | None:
    """Say why a release must not be deployed; a color on its way back only needs to exist."""
    if service is None or not service.active:
        return Settled(
            outcome=DeploymentOutcome.FAILED, detail="The service does not exist any more."
        )
    if errand.returning:
        bad = errand.revision in errand.rollout.known_bad
        return (
            Settled(outcome=DeploymentOutcome.UNHEALTHY, detail=judged_bad(errand.revision))
            if bad
            else None
        )
    primary = service.primary
    expected = {errand.progress.previous, errand.revision}
    if primary is not None and primary.task_definition not in expected:
        detail = f"Since the rollout began, someone deployed {short_name(primary.task_definition)}."
        return Settled(outcome=DeploymentOutcome.SUPERSEDED, detail=detail)
    if service.desired == 0:
        return Settled(outcome=DeploymentOutcome.SCALED_TO_ZERO, detail="Its desired count is 0.")
    return None


def _history(errand: Errand, service: Service | None, ecs: Ecs) -> Sequence[str]:
    progress = errand.progress
    primary = service.primary if service else None
    if primary is None or primary.id == progress.deployment or not progress.deployment_began:
        return ()
    since = progress.deployment_began - _CLOCK_STEP
    return ecs.deployment_statuses(progress.cluster, progress.service, since)


def _why(service: Service, deployment: str, ecs: Ecs, balancers: LoadBalancers) -> list[str]:
    try:
        stopped = ecs.tasks(service.cluster, service.name, stopped=True)
        running = ecs.tasks(service.cluster, service.name)
        targets = {
            lb.target_group: balancers.targets(lb.target_group) for lb in service.load_balancers
        }
    except ShingoError:
        # The outcome stands without its reasons, and must not wait for them.
        return ["Its tasks' reasons could not be read"]
    reasons = stopped_reasons(stopped, deployment)
    reasons += target_reasons(own_targets(service, running, targets))
    return reasons + telling_events(service.events)
