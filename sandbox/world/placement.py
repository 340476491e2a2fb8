"""Where a task goes: an address of its own (awsvpc), or a container instance's port (bridge)."""

from dataclasses import dataclass
from ipaddress import IPv4Address

from sandbox.world.names import Names
from sandbox.world.records import Cluster, ContainerInstance, Service

_FIRST_HOST_PORT = 32768
_HOST_PORTS = 61000 - _FIRST_HOST_PORT
_FIRST_ADDRESS = IPv4Address("10.0.0.10")
_ADDRESSES = 65_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task is reached. Exactly one of `ip` and `instance` is set."""

    zone: str
    port: int
    ip: str = ""
    instance: ContainerInstance | None = None


class Placement:
    """Gives out places. Addresses and host ports are used again only after a full turn."""

    def __init__(self, names: Names) -> None:
        """Start with every address free."""
        self._names = names
        self._addresses_used = 0

    def place(self, service: Service, network_mode: str) -> Place | None:
        """Find a place for a task of the service; None when no instance takes tasks."""
        if network_mode == "awsvpc":
            return self._address(service.container_port)
        return _host_port(service.cluster)

    def _address(self, port: int) -> Place:
        number = self._addresses_used % _ADDRESSES
        self._addresses_used += 1
        zone = f"{self._names.region}{'ac'[number % 2]}"
        return Place(zone, port, ip=str(_FIRST_ADDRESS + number))


def _host_port(cluster: Cluster) -> Place | None:
    ready = [item for item in cluster.instances.values() if item.status == "ACTIVE"]
    if not ready:
        return None
    instance = min(ready, key=lambda item: len(item.tasks))
    port = _FIRST_HOST_PORT + instance.ports_used % _HOST_PORTS
    instance.ports_used += 1
    return Place(instance.zone, port, instance=instance)
