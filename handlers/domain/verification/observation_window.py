"""What a look at a color is taken with, and what it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from handlers.domain.config.applications import Application
from handlers.domain.model.measurements import Alarm, Answer, Lines, Measured, Query, Unmeasured
from handlers.domain.model.rollout import ColorProgress, Rollout
from handlers.domain.model.service import RolloutState, Service, Target, Task
from handlers.domain.model.verification_settings import Verification
from handlers.domain.verification.period_window import PeriodWindow


class Ecs(Protocol):
    """What a look needs of ECS."""

    def services(self, cluster: str, names: list[str]) -> dict[str, Service]: ...
    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]: ...
    def task_definition(self, name: str) -> dict[str, Any]: ...


class LoadBalancers(Protocol):
    """What it needs of the load balancer."""

    def targets(self, target_group: str) -> list[Target]: ...


class Metrics(Protocol):
    """What it needs of CloudWatch. None of these raises: what fails is `Unmeasured`."""

    def series(
        self,
        queries: Mapping[str, Query],
        start: datetime,
        end: datetime,
        period: timedelta,
    ) -> dict[str, Measured]: ...
    def alarms(self, names: Sequence[str]) -> dict[str, Alarm | Unmeasured]: ...


class Logs(Protocol):
    """What it needs of the logs."""

    def find(
        self, group: str, streams: Sequence[str], pattern: str, start: datetime, end: datetime
    ) -> Lines | Unmeasured: ...


class Smoke(Protocol):
    """What it needs to ask the color itself."""

    def get(self, url: str) -> Answer | Unmeasured: ...


@dataclass(frozen=True, kw_only=True)
class ObservationTools:
    """What a look is taken with."""

    ecs: Ecs
    balancers: LoadBalancers
    metrics: Metrics
    logs: Logs
    smoke: Smoke


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One look: at what, when, and with what."""

    rollout: Rollout
    progress: ColorProgress
    application: Application
    tools: ObservationTools
    window: PeriodWindow
    services: Mapping[str, Service]

    @property
    def wanted(self) -> Verification:
        """How the application's colors are verified."""
        return self.application.verification

    @property
    def control(self) -> list[str]:
        """The other colors that still run, at rest, what they ran when the rollout began."""
        return [c.color for c in self.rollout.colors.values() if self._is_control(c)]

    @property
    def region(self) -> str:
        """Where all this is."""
        return self.rollout.execution.split(":")[3]

    def service(self, color: str) -> Service | None:
        """Return a color's service, unless it is being deleted."""
        found = self.services.get(self.rollout.colors[color].service)
        return found if found and found.active else None

    def tasks(self, color: str, *, stopped: bool = False) -> list[Task]:
        """Describe the tasks of a color that run, or that stopped of late."""
        there = self.rollout.colors[color]
        return self.tools.ecs.tasks(there.cluster, there.service, stopped=stopped)

    def _is_control(self, other: ColorProgress) -> bool:
        service = self.service(other.color)
        primary = service.primary if service else None
        if primary is None or primary.state != RolloutState.COMPLETED:
            return False
        is_new = primary.task_definition == self.rollout.release.revision
        is_old = primary.task_definition == other.previous
        return other.color != self.progress.color and is_old and not is_new
