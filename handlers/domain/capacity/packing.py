"""What an application's tasks reserve, use, and could reserve instead, and where they would fit.

The suggestion is for all colors, as they run one revision:

    CPU     p99 of the color that uses most, times 1 + HEADROOM
    memory  peak of the color that uses most, times 1 + HEADROOM

rounded up to what ECS takes. CPU above the reservation is lent where an instance has some to
spare, so that a rare peak need not be reserved; memory above its hard limit ends the task.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from handlers.domain.capacity.container_instance import (
    ContainerInstance,
    instances_needed,
    tasks_that_fit,
)
from handlers.domain.capacity.headroom import Instances
from handlers.domain.capacity.reservation import Reservation, is_fargate, reservation_of, rounded_up
from handlers.domain.capacity.utilization import (
    CPU,
    MEMORY,
    MIN_MEASURED,
    Metrics,
    Utilization,
    measure_utilization,
)
from handlers.domain.config.applications import Application
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Service

SUGGESTION_MARGIN: Final = 0.25
"""Share by which a suggestion is larger than what was used."""
_NO_SERVICE: Final = Unmeasured(verdict=Verdict.NO_DATA, why="There is no such service.")


class Ecs(Protocol):
    """What it needs of ECS."""

    def services(self, cluster: str, names: list[str]) -> dict[str, Service]: ...
    def task_definition(self, name: str) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class CapacityTools:
    """What is asked."""

    ecs: Ecs
    instances: Instances
    metrics: Metrics


@dataclass(frozen=True, kw_only=True)
class ColorUsage:
    """One color: how many tasks it wants, what each reserves, and what is used of that."""

    color: str
    service: str
    tasks: int
    reserved: Reservation | None
    """None where there is no such service."""
    cpu: Utilization | Unmeasured
    memory: Utilization | Unmeasured


@dataclass(frozen=True, kw_only=True)
class InstanceTypeFit:
    """One type of instance: how many tasks it takes, and how many of it all tasks need.

    Without a suggestion it would be as now. None where one of the tasks is too large for it.
    """

    type: str
    instances: int
    """That the cluster has, and that take tasks."""
    takes: int
    would_take: int
    needed: int | None
    would_be_needed: int | None


@dataclass(frozen=True, kw_only=True)
class CapacityReport:
    """An application's tasks, sized."""

    application: str
    cluster: str
    colors: Sequence[ColorUsage]
    fargate: bool
    providers: Sequence[str]
    """Capacity providers that place its tasks, and may add instances."""
    suggested: Reservation | None
    why_not: str
    """Why nothing is suggested."""
    measured: timedelta
    """The shortest time for which a color was measured."""
    instances: Sequence[ContainerInstance]

    @property
    def needs(self) -> list[Reservation]:
        """What each task that is wanted reserves."""
        return [c.reserved for c in self.colors for _ in range(c.tasks) if c.reserved]

    @property
    def would_need(self) -> list[Reservation]:
        """What each would reserve by the suggestion; as now where there is none."""
        if not self.suggested:
            return self.needs
        return [replace(each, **_sizes(self.suggested)) for each in self.needs]

    @property
    def more(self) -> int:
        """How many more tasks like those of the last color the cluster has room for now."""
        need = self.needs[-1] if self.needs else None
        return sum(tasks_that_fit(need, each.left) for each in self.instances) if need else 0

    @property
    def is_provisional(self) -> bool:
        """Whether a color was measured for too short a time to rest on."""
        return self.measured < MIN_MEASURED


def measure_capacity(
    application: Application, tools: CapacityTools, now: datetime
) -> CapacityReport:
    """Look at an application: one call to CloudWatch, or two, and a handful to ECS.

    Raises:
        NotThere: the cluster, or a revision that a service runs, does not exist.
    """
    cluster, names = application.cluster, application.services
    services = tools.ecs.services(cluster, list(names.values()))
    runs = {name: each.primary for name, each in services.items() if each.active and each.primary}
    arns = dict.fromkeys(primary.task_definition for primary in runs.values())
    definitions = {arn: tools.ecs.task_definition(arn) for arn in arns}
    measured = measure_utilization(cluster, list(runs), tools.metrics, now)
    colors = [
        ColorUsage(
            color=color,
            service=name,
            tasks=services[name].desired if name in runs else 0,
            reserved=reservation_of(definitions[runs[name].task_definition])
            if name in runs
            else None,
            cpu=measured.get((name, CPU), _NO_SERVICE),
            memory=measured.get((name, MEMORY), _NO_SERVICE),
        )
        for color, name in names.items()
    ]
    fargate = any(map(is_fargate, definitions.values()))
    suggested, why_not = suggested_reservation(colors, fargate=fargate)
    return CapacityReport(
        application=application.name,
        cluster=cluster,
        colors=colors,
        fargate=fargate,
        providers=list(dict.fromkeys(p for s in services.values() for p in s.capacity_providers)),
        suggested=suggested,
        why_not=why_not,
        measured=min(_measured_times(colors), default=timedelta()),
        instances=[] if fargate else tools.instances.active(cluster),
    )


def suggested_reservation(
    colors: Iterable[ColorUsage], *, fargate: bool
) -> tuple[Reservation | None, str]:
    """Suggest what a task should reserve, or say why nothing is: every color must be measured."""
    cpu, memory = [], []
    for each in colors:
        if each.reserved is None or each.tasks == 0:
            continue
        if not isinstance(each.cpu, Utilization) or not isinstance(each.memory, Utilization):
            return None, f"what {each.color} uses is not known"
        if not each.reserved.cpu or not each.reserved.memory:
            return None, f"{each.color} reserves nothing that what is used could be a share of"
        cpu.append(each.reserved.cpu * each.cpu.p99 / 100)
        memory.append(each.reserved.memory * each.memory.peak / 100)
    if not cpu:
        return None, "no task is wanted"
    more = 1 + SUGGESTION_MARGIN
    found = rounded_up(max(cpu) * more, max(memory) * more, fargate=fargate)
    return found, "" if found else "it would be more than Fargate has"


def instance_type_fits(
    needs: Sequence[Reservation],
    would_need: Sequence[Reservation],
    instances: Iterable[ContainerInstance],
) -> list[InstanceTypeFit]:
    """Say of each type of instance what it takes of tasks, now and by the suggestion.

    What the instances of a type registered with may differ by some MiB: the least counts.

    Args:
        needs: of each task, now; those that an instance takes are like the last.
        would_need: of each, by the suggestion.
        instances: the cluster's.
    """
    types: dict[str, list[ContainerInstance]] = {}
    for instance in instances:
        types.setdefault(instance.type, []).append(instance)
    found = []
    for name, same in sorted(types.items()) if needs else ():
        whole = min((each.whole for each in same), key=lambda room: (room.memory, room.cpu))
        found.append(
            InstanceTypeFit(
                type=name,
                instances=len(same),
                takes=tasks_that_fit(needs[-1], whole),
                would_take=tasks_that_fit(would_need[-1], whole),
                needed=instances_needed(needs, whole),
                would_be_needed=instances_needed(would_need, whole),
            )
        )
    return found


def _sizes(suggested: Reservation) -> Mapping[str, Any]:
    return {"cpu": suggested.cpu, "memory": suggested.memory}


def _measured_times(colors: Iterable[ColorUsage]) -> Iterable[timedelta]:
    return (
        used.measured
        for color in colors
        for used in (color.cpu, color.memory)
        if isinstance(used, Utilization)
    )
