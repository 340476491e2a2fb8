"""Reservations, container instances and utilizations for the tests of capacity."""

from datetime import timedelta

from handlers.domain.capacity.container_instance import ContainerInstance, Resources
from handlers.domain.capacity.packing import ColorUsage
from handlers.domain.capacity.reservation import Reservation
from handlers.domain.capacity.utilization import Utilization


def a_need(cpu=256, memory=512, *ports):
    return Reservation(cpu=cpu, memory=memory, ports=frozenset(ports))


def a_room(cpu=4096, memory=15_500, *taken):
    return Resources(cpu=cpu, memory=memory, used_ports=frozenset(taken))


def an_instance(name="a", remaining=None, **given):
    usual = {
        "arn": f"arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes/{name}",
        "id": f"i-{name}",
        "type": "m6i.xlarge",
        "registered": a_room(),
        "remaining": remaining or a_room(),
    }
    return ContainerInstance(**(usual | given))


def a_used(p99=40.0, peak=60.0, p50=20.0, measured=timedelta(days=14)):
    return Utilization(p50=p50, p99=p99, peak=peak, measured=measured)


def a_use(color="red", **given):
    usual = {
        "color": color,
        "service": f"api-{color}",
        "tasks": 2,
        "reserved": a_need(1024, 2048),
        "cpu": a_used(),
        "memory": a_used(),
    }
    return ColorUsage(**(usual | given))
