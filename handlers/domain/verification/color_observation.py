"""What is seen of a color on the release at one moment, and what is to be measured of it.

Tested in `test_verdict_record.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.domain.config.applications import Application
from handlers.domain.config.placeholders import filled, filled_query
from handlers.domain.model.measurements import Query
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage
from handlers.domain.model.service import RolloutState, Service, Target, Task
from handlers.domain.model.verification_settings import MetricCheck, Verification
from handlers.domain.verification.period_window import PeriodWindow


@dataclass(frozen=True, kw_only=True)
class ColorObservation:
    """One color, as ECS and the load balancer show it."""

    rollout: Rollout
    color: str
    application: Application
    now: datetime
    services: Mapping[str, Service]
    """By name; one that does not exist is left out."""
    running: Sequence[Task] = ()
    stopped: Sequence[Task] = ()
    """Tasks of the color's service, running and stopped of late."""
    control_stopped: Sequence[Task] = ()
    """Tasks of the control's services that stopped of late; read where the color's own failed."""
    targets: Mapping[str, Sequence[Target]]
    """Target group → all its targets, of every color."""

    @property
    def progress(self) -> ColorProgress:
        return self.rollout.colors[self.color]

    @property
    def settings(self) -> Verification:
        return self.application.verification

    @property
    def is_late(self) -> bool:
        """Whether the color was let through before."""
        return self.progress.stage is Stage.RELEASED

    @property
    def since(self) -> datetime:
        """Since when it is judged: its deployment, or the last bake once it was let through."""
        deployed = self.progress.times[Stage.VERIFYING]
        return max(deployed, self.now - self.settings.bake) if self.is_late else deployed

    @property
    def window(self) -> PeriodWindow:
        """The periods that are measured, and those before the deployment."""
        left = self.progress.times.get(Stage.DEPLOYING, self.progress.times[Stage.VERIFYING])
        return PeriodWindow(
            since=self.since,
            until=self.now,
            before_since=left - self.settings.compare_with,
            before_until=left,
            period=self.settings.period,
        )

    @property
    def service(self) -> Service | None:
        """The color's service, unless it is being deleted."""
        return active_service(self.services, self.progress)

    @property
    def control(self) -> list[str]:
        """The other colors that still run, at rest, what they ran when the rollout began."""
        return [c.color for c in self.rollout.colors.values() if self._is_control(c)]

    @property
    def region(self) -> str:
        return self.rollout.execution.split(":")[3]

    def queries(self, check: MetricCheck) -> dict[str, Query]:
        """Return what CloudWatch is asked for one metric: by color, its own first."""
        colors = (self.color, *self.control)
        return {color: filled_query(check.query, self.application.names(color)) for color in colors}

    def _is_control(self, other: ColorProgress) -> bool:
        service = active_service(self.services, other)
        primary = service.primary if service else None
        if primary is None or primary.state != RolloutState.COMPLETED:
            return False
        is_new = primary.task_definition == self.rollout.release.revision_for(other.color)
        is_old = primary.task_definition == other.previous
        return other.color != self.color and is_old and not is_new


def active_service(services: Mapping[str, Service], progress: ColorProgress) -> Service | None:
    """Return a color's service, unless it does not exist or is being deleted."""
    found = services.get(progress.service)
    return found if found and found.active else None


def alarm_names(application: Application, color: str) -> list[str]:
    """Name the alarms of one color."""
    return [filled(a, application.names(color)) for a in application.verification.alarms]
