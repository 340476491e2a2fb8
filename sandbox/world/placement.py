"""Where a task goes: on the container instance that has room, with an address or a port there."""

from dataclasses import dataclass
from ipaddress import IPv4Address

from sandbox.world.identifiers import Names
from sandbox.world.instance_capacity import shortages
from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.world_records import Cluster, ContainerInstance, Service

_FIRST_HOST_PORT = 32768
_HOST_PORTS = 61000 - _FIRST_HOST_PORT
_FIRST_ADDRESS = IPv4Address("10.0.0.10")
_ADDRESSES = 65_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task runs and is reached: by `ip` if it has one (awsvpc), else by host port."""

    zone: str
    port: int
    instance: ContainerInstance
    ip: str = ""


class Placement:
    """Gives out places. Addresses and host ports are used again only after a full turn."""

    def __init__(self, names: Names) -> None:
        """Start with every address free."""
        self._names = names
        self._addresses_used = 0

    def place(self, service: Service, definition: TaskDefinition) -> Place | None:
        """Find a place for a task of the service; None when no instance has room for it.

        The tasks of a service are spread over zones, and over the instances of a zone: the
        default of services (ECS developer guide, "Amazon ECS services", `REPLICA`).
        """
        fitting = [item for item in _active(service.cluster) if not shortages(item, definition)]
        if not fitting:
            return None
        zones = [task.zone for task in service.live()]
        instance = min(
            fitting,
            key=lambda item: (
                zones.count(item.zone),
                sum(task.service is service for task in item.tasks.values()),
                len(item.tasks),
            ),
        )
        if definition.network_mode == "awsvpc":
            return Place(instance.zone, service.container_port, instance, self._address())
        return Place(instance.zone, _host_port(instance, definition), instance)

    def _address(self) -> str:
        number = self._addresses_used % _ADDRESSES
        self._addresses_used += 1
        return str(_FIRST_ADDRESS + number)


def refusal(cluster: Cluster, definition: TaskDefinition) -> str:
    """Say why a task could not be placed, in ECS's words (as `shortages`)."""
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
