"""Reservations, container instances and utilizations for the tests of capacity."""

from datetime import timedelta
from typing import Any

from handlers.domain.capacity.container_instance import ContainerInstance, Resources
from handlers.domain.capacity.packing import ColorUsage
from handlers.domain.capacity.reservation import Reservation
from handlers.domain.capacity.utilization import Utilization


def a_need(cpu: int = 256, memory: int = 512, *ports: str) -> Reservation:
    return Reservation(cpu=cpu, memory=memory, ports=frozenset(ports))


def a_room(cpu: int = 4096, memory: int = 15_500, *taken: str) -> Resources:
    return Resources(cpu=cpu, memory=memory, used_ports=frozenset(taken))


def an_instance(
    name: str = "a", remaining: Resources | None = None, **given: Any
) -> ContainerInstance:
    usual: dict[str, Any] = {
        "arn": f"arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes/{name}",
        "id": f"i-{name}",
        "type": "m6i.xlarge",
        "registered": a_room(),
        "remaining": remaining or a_room(),
    }
    return ContainerInstance(**(usual | given))


def a_used(
    p99: float = 40.0,
    peak: float = 60.0,
    p50: float = 20.0,
    measured: timedelta = timedelta(days=14),
) -> Utilization:
    return Utilization(p50=p50, p99=p99, peak=peak, measured=measured)


def a_use(color: str = "red", **given: Any) -> ColorUsage:
    usual: dict[str, Any] = {
        "color": color,
        "service": f"api-{color}",
        "tasks": 2,
        "reserved": a_need(1024, 2048),
        "cpu": a_used(),
        "memory": a_used(),
    }
    return ColorUsage(**(usual | given))
