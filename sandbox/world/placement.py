"""Where a task goes: on a container instance, with an address or a port there."""

from dataclasses import dataclass
from ipaddress import IPv4Address

from sandbox.world.names import Names
from sandbox.world.records import ContainerInstance, Service

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

    def place(self, service: Service, network_mode: str) -> Place | None:
        """Find a place for a task of the service; None when no instance takes tasks."""
        ready = [item for item in service.cluster.instances.values() if item.status == "ACTIVE"]
        if not ready:
            return None
        instance = min(ready, key=lambda item: len(item.tasks))
        if network_mode == "awsvpc":
            return Place(instance.zone, service.container_port, instance, self._address())
        return Place(instance.zone, _host_port(instance), instance)

    def _address(self) -> str:
        number = self._addresses_used % _ADDRESSES
        self._addresses_used += 1
        return str(_FIRST_ADDRESS + number)


def _host_port(instance: ContainerInstance) -> int:
    port = _FIRST_HOST_PORT + instance.ports_used % _HOST_PORTS
    instance.ports_used += 1
    return port
