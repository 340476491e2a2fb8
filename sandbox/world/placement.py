"""Task placement: chooses a container instance with capacity, and an address or a host port.

Tested in `tests/sandbox/world/test_world_placement.py`.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from sandbox.world.identifiers import Identifiers
from sandbox.world.instance_capacity import shortages
from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.world_records import Cluster, ContainerInstance, Service

_FIRST_HOST_PORT = 32768
_HOST_PORTS = 61000 - _FIRST_HOST_PORT
_FIRST_ADDRESS = IPv4Address("10.0.0.10")
_FIRST_IPV6_ADDRESS = IPv6Address("2001:db8::10")
_ADDRESSES = 65_000


@dataclass(frozen=True, slots=True)
class TaskPlacement:
    """Instance and address of a task: its own `ip` or two (awsvpc), or else a host port."""

    zone: str
    port: int
    instance: ContainerInstance
    ip: str = ""
    ipv6: str = ""


class TaskPlacer:
    """Places tasks. Addresses and host ports are reused only after all others were used."""

    def __init__(self, identifiers: Identifiers) -> None:
        """Start with every address free."""
        self._identifiers = identifiers
        self._addresses_used = 0

    def place(self, service: Service, definition: TaskDefinition) -> TaskPlacement | None:
        """Choose the placement of a task of the service; None when no instance has capacity.

        The tasks of a service are spread over zones, and over the instances of a zone: the
        default of services (ECS developer guide, "Amazon ECS services", `REPLICA`). Of instances
        that are alike the newest is taken, which ECS leaves open.
        """
        fitting = [item for item in _active(service.cluster) if not shortages(item, definition)]
        if not fitting:
            return None
        zones = [task.zone for task in service.active_tasks()]
        instance = min(
            fitting,
            key=lambda item: (
                zones.count(item.zone),
                sum(task.service is service for task in item.tasks.values()),
                len(item.tasks),
                -item.registered_at,
            ),
        )
        if definition.network_mode == "awsvpc":
            own = self._addresses(service.addresses)
            return TaskPlacement(instance.zone, service.container_port, instance, *own)
        return TaskPlacement(instance.zone, _host_port(instance, definition), instance)

    def _addresses(self, kind: str) -> tuple[str, ...]:
        number = self._addresses_used % _ADDRESSES
        self._addresses_used += 1
        ipv4, ipv6 = str(_FIRST_ADDRESS + number), str(_FIRST_IPV6_ADDRESS + number)
        return {"ipv4": (ipv4,), "ipv6": (ipv6,), "dualstack": (ipv4, ipv6)}[kind]


def placement_failure(cluster: Cluster, definition: TaskDefinition) -> str:
    """Return why a task could not be placed, in ECS's words."""
    said = "was unable to place a task because no container instance met all of its requirements."
    active = _active(cluster)
    if not active:
        return f"{said} Reason: No Container Instances were found in your cluster."

    def distance(item: ContainerInstance) -> tuple[int, int, int]:
        return (len(shortages(item, definition)), -item.remaining_cpu, -item.remaining_memory)

    closest = min(active, key=distance)
    lacks = next(iter(shortages(closest, definition)), "")
    ident = closest.arn.rpartition("/")[2]
    return f"{said} The closest matching (container-instance {ident}) {lacks}."


def _active(cluster: Cluster) -> list[ContainerInstance]:
    return [item for item in cluster.instances.values() if item.status == "ACTIVE"]


def _host_port(instance: ContainerInstance, definition: TaskDefinition) -> int:
    if definition.host_ports:
        return min(definition.host_ports)
    taken = instance.host_ports
    while True:
        port = _FIRST_HOST_PORT + instance.ports_used % _HOST_PORTS
        instance.ports_used += 1
        if port not in taken:
            return port
