"""What a task reserves of an instance, by which ECS places it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from handlers.domain.deployments.revision import TaskDefinition

CPU_STEP: Final = 64
MEMORY_STEP: Final = 32
MIN_CPU: Final = 128
"""CPU units, of a task on EC2 that says its own (API_TaskDefinition, `cpu`)."""
MIN_MEMORY: Final = 64
"""MiB; ECS takes less, but no container of use starts in it."""

_GIB: Final = 1024
_FARGATE: Final[Mapping[int, tuple[int, ...]]] = {
    256: (512, _GIB, 2 * _GIB),
    512: tuple(range(_GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}
"""CPU units → MiB that go with them (API_TaskDefinition, `cpu`)."""


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """CPU units, MiB, and ports of the instance, such as `9000/tcp`."""

    cpu: int
    memory: int
    ports: frozenset[str] = frozenset()

    def __str__(self) -> str:
        text = f"{self.cpu:,} CPU units and {self.memory:,} MiB"
        return text + (f" and port {', '.join(sorted(self.ports))}" if self.ports else "")


def reservation_of(definition: TaskDefinition) -> Reservation:
    """Return what a task of a revision reserves: its own sizes, or else those of its containers.

    Of a container's memory that is the soft limit if there is one, and else the hard one
    (API_ContainerDefinition, `memoryReservation`). A dynamic host port needs none in particular.
    """
    containers = definition["containerDefinitions"]
    cpu = definition.get("cpu") or sum(each.get("cpu", 0) for each in containers)
    memory = definition.get("memory") or sum(
        each.get("memoryReservation") or each.get("memory", 0) for each in containers
    )
    return Reservation(cpu=int(cpu), memory=int(memory), ports=_host_ports(definition))


def is_fargate(definition: TaskDefinition) -> bool:
    """Tell whether a revision is made for Fargate, which takes certain sizes only."""
    return "FARGATE" in definition.get("requiresCompatibilities", ())


def rounded_up(cpu: float, memory: float, *, fargate: bool) -> Reservation | None:
    """Return the smallest valid reservation of at least so much; None where Fargate has none."""
    if fargate:
        fits = (
            Reservation(cpu=units, memory=mib)
            for units, choices in _FARGATE.items()
            for mib in choices
            if units >= cpu and mib >= memory
        )
        return next(fits, None)
    return Reservation(
        cpu=max(MIN_CPU, math.ceil(cpu / CPU_STEP) * CPU_STEP),
        memory=max(MIN_MEMORY, math.ceil(memory / MEMORY_STEP) * MEMORY_STEP),
    )


def _host_ports(definition: TaskDefinition) -> frozenset[str]:
    if definition.get("networkMode") == "awsvpc":
        return frozenset()
    mappings: list[Mapping[str, Any]] = [
        each
        for container in definition["containerDefinitions"]
        for each in container.get("portMappings", ())
    ]
    if definition.get("networkMode") == "host":
        mappings = [{"hostPort": each.get("containerPort"), **each} for each in mappings]
    taken = (each for each in mappings if each.get("hostPort"))
    return frozenset(f"{each['hostPort']}/{each.get('protocol') or 'tcp'}" for each in taken)
