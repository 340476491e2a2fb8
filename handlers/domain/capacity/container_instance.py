"""A container instance at one moment, and how tasks pack on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.domain.capacity.reservation import Reservation


@dataclass(frozen=True, kw_only=True)
class Resources:
    """CPU units and MiB, and the ports in use (`22/tcp`)."""

    cpu: int
    memory: int
    used_ports: frozenset[str] = frozenset()

    def fits(self, need: Reservation) -> bool:
        """Tell whether one more task fits."""
        return (
            need.cpu <= self.cpu
            and need.memory <= self.memory
            and self.used_ports.isdisjoint(need.ports)
        )

    def minus(self, need: Reservation) -> "Resources":
        """Return what remains once one more task is placed."""
        return Resources(
            cpu=self.cpu - need.cpu,
            memory=self.memory - need.memory,
            used_ports=self.used_ports | need.ports,
        )

    def plus_stopped(self, had: Reservation, tasks: int) -> "Resources":
        """Return what remains once so many tasks have stopped."""
        return Resources(
            cpu=self.cpu + tasks * had.cpu,
            memory=self.memory + tasks * had.memory,
            used_ports=self.used_ports - had.ports if tasks else self.used_ports,
        )


@dataclass(frozen=True, kw_only=True)
class ContainerInstance:
    """One container instance that takes tasks; the fields have ECS's names."""

    arn: str
    id: str
    """Of EC2, or of whatever registered it."""
    type: str
    registered: Resources
    remaining: Resources
    """`registered` less what tasks have reserved."""


def tasks_that_fit(need: Reservation, resources: Resources) -> int:
    """Count the equal tasks that fit; exact, for all reserve the same."""
    if not resources.fits(need):
        return 0
    if need.ports:
        return 1
    wanted = ((resources.cpu, need.cpu), (resources.memory, need.memory))
    return min((have // want for have, want in wanted if want), default=0)


def instances_needed(needs: Iterable[Reservation], resources: Resources) -> int | None:
    """Count the equal instances that tasks of any size need; None where a task fits on none.

    First-fit decreasing, by the larger share of what an instance has. With one resource that
    takes at most 11/9 of the fewest possible and one more (Dósa 2007), with two it may take more.
    """

    def share(need: Reservation) -> float:
        return max(need.cpu / max(resources.cpu, 1), need.memory / max(resources.memory, 1))

    bins: list[Resources] = []
    for need in sorted(needs, key=share, reverse=True):
        if not resources.fits(need):
            return None
        index = next((n for n, left in enumerate(bins) if left.fits(need)), len(bins))
        bins[index : index + 1] = [(bins[index] if index < len(bins) else resources).minus(need)]
    return len(bins)
