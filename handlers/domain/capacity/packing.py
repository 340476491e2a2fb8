"""What an application's tasks reserve and use, what they could reserve, and how they pack.

The suggestion is one for all colors, whether they run one revision or each one of its own:

    CPU     p99 of the color that uses most, times 1 + HEADROOM
    memory  peak of the color that uses most, times 1 + HEADROOM

rounded up to what ECS takes. CPU above the reservation is lent where an instance has some to
spare, so that a rare peak need not be reserved; memory above its hard limit ends the task.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from handlers.domain.capacity.container_instance import (
    ContainerInstance,
    instances_needed,
    tasks_that_fit,
)
from handlers.domain.capacity.reservation import Reservation, is_fargate, reservation_of, rounded_up
from handlers.domain.capacity.utilization import (
    CPU,
    MEMORY,
    MIN_MEASURED,
    Utilization,
)
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Service

SUGGESTION_MARGIN: Final = 0.25
"""Share by which a suggestion is larger than what was used."""
_NO_SERVICE: Final = Unmeasured(verdict=Verdict.NO_DATA, why="There is no such service.")


@dataclass(frozen=True, kw_only=True)
class ColorUsage:
    """One color: its desired tasks, what each reserves, and what they use of that."""

    color: str
    service: str
    tasks: int
    reserved: Reservation | None
    """None where there is no such service."""
    cpu: Utilization | Unmeasured
    memory: Utilization | Unmeasured


@dataclass(frozen=True, kw_only=True)
class InstanceTypeFit:
    """One instance type: the tasks that one instance takes, and the instances that all tasks need.

    Without a suggestion both are as now. None where a task is larger than the instance.
    """

    type: str
    instances: int
    """Of this type in the cluster, that take tasks."""
    tasks_per_instance: int
    suggested_tasks_per_instance: int
    instances_needed: int | None
    suggested_instances_needed: int | None


@dataclass(frozen=True, kw_only=True)
class CapacityReport:
    """What an application's tasks reserve, use and need."""

    application: str
    cluster: str
    colors: Sequence[ColorUsage]
    fargate: bool
    providers: Sequence[str]
    """Capacity providers that place its tasks and may add instances."""
    suggested: Reservation | None
    why_not: str
    """Why nothing is suggested."""
    measured_for: timedelta
    """The shortest time for which a color was measured."""
    instances: Sequence[ContainerInstance]

    @property
    def needs(self) -> list[Reservation]:
        """The reservation of each desired task."""
        return [c.reserved for c in self.colors for _ in range(c.tasks) if c.reserved]

    @property
    def suggested_needs(self) -> list[Reservation]:
        """The reservation of each task by the suggestion; as now where there is none."""
        if not self.suggested:
            return self.needs
        return [replace(each, **_sizes(self.suggested)) for each in self.needs]

    @property
    def free_places(self) -> int:
        """How many more tasks like those of the last color fit into the cluster now."""
        need = self.needs[-1] if self.needs else None
        return sum(tasks_that_fit(need, each.remaining) for each in self.instances) if need else 0

    @property
    def is_provisional(self) -> bool:
        """Whether a color was measured for too short a time to rely on."""
        return self.measured_for < MIN_MEASURED


def capacity_report(
    application: Application,
    services: Mapping[str, Service],
    definitions: Mapping[str, TaskDefinition],
    measured: Mapping[tuple[str, str], Utilization | Unmeasured],
    instances: Sequence[ContainerInstance],
) -> CapacityReport:
    """Return what an application's tasks reserve, use and could reserve.

    Args:
        application: which one.
        services: by name, as ECS describes them.
        definitions: task definition ARN → the revision, of each that a service runs.
        measured: by service and metric.
        instances: the cluster's; none where its tasks run on Fargate.
    """
    runs = {name: each.primary for name, each in services.items() if each.active and each.primary}
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
        for color, name in application.services.items()
    ]
    fargate = any(map(is_fargate, definitions.values()))
    suggested, why_not = suggested_reservation(colors, fargate=fargate)
    return CapacityReport(
        application=application.name,
        cluster=application.cluster,
        colors=colors,
        fargate=fargate,
        providers=list(dict.fromkeys(p for s in services.values() for p in s.capacity_providers)),
        suggested=suggested,
        why_not=why_not,
        measured_for=min(_measured_times(colors), default=timedelta()),
        instances=instances,
    )


def suggested_reservation(
    colors: Iterable[ColorUsage], *, fargate: bool
) -> tuple[Reservation | None, str]:
    """Return what a task should reserve, or why that is unknown: every color must be measured."""
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
    suggested_needs: Sequence[Reservation],
    instances: Iterable[ContainerInstance],
) -> list[InstanceTypeFit]:
    """Return how the tasks pack on each instance type, now and by the suggestion.

    The registered memory of a type's instances differs by some MiB: the least counts.

    Args:
        needs: of each task, now; those that an instance takes are like the last.
        suggested_needs: of each, by the suggestion.
        instances: the cluster's.
    """
    types: dict[str, list[ContainerInstance]] = {}
    for instance in instances:
        types.setdefault(instance.type, []).append(instance)
    found = []
    for name, same in sorted(types.items()) if needs else ():
        smallest = min((each.registered for each in same), key=lambda each: (each.memory, each.cpu))
        found.append(
            InstanceTypeFit(
                type=name,
                instances=len(same),
                tasks_per_instance=tasks_that_fit(needs[-1], smallest),
                suggested_tasks_per_instance=tasks_that_fit(suggested_needs[-1], smallest),
                instances_needed=instances_needed(needs, smallest),
                suggested_instances_needed=instances_needed(suggested_needs, smallest),
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
