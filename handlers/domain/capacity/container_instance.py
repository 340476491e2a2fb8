"""A container instance as it is seen at one moment, and what fits on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.domain.capacity.reservation import Reservation


@dataclass(frozen=True, kw_only=True)
class Resources:
    """CPU units and MiB that there are, and ports (`22/tcp`) that are taken."""

    cpu: int
    memory: int
    taken: frozenset[str] = frozenset()

    def fits(self, need: Reservation) -> bool:
        """Tell whether one more task fits."""
        return (
            need.cpu <= self.cpu
            and need.memory <= self.memory
            and self.taken.isdisjoint(need.ports)
        )

    def without(self, need: Reservation) -> "Resources":
        """Return what is left once a task is there."""
        return Resources(
            cpu=self.cpu - need.cpu, memory=self.memory - need.memory, taken=self.taken | need.ports
        )

    def freed(self, had: Reservation, tasks: int) -> "Resources":
        """Return what there is once so many tasks are gone."""
        return Resources(
            cpu=self.cpu + tasks * had.cpu,
            memory=self.memory + tasks * had.memory,
            taken=self.taken - had.ports if tasks else self.taken,
        )


@dataclass(frozen=True, kw_only=True)
class ContainerInstance:
    """One container instance that takes tasks."""

    arn: str
    id: str
    """Of EC2, or of whatever else registered it."""
    type: str
    whole: Resources
    """What it registered with."""
    left: Resources
    """What no task has reserved."""


def tasks_that_fit(need: Reservation, room: Resources) -> int:
    """Count the equal tasks that fit into a room; exact, as all take the same."""
    if not room.fits(need):
        return 0
    if need.ports:
        return 1
    wanted = ((room.cpu, need.cpu), (room.memory, need.memory))
    return min((have // want for have, want in wanted if want), default=0)


def instances_needed(needs: Iterable[Reservation], room: Resources) -> int | None:
    """Count the equal instances that tasks of any sizes need; None where one fits on none.

    First-fit decreasing, by the larger share of what an instance has. With one resource that
    takes at most 11/9 of the fewest possible and one more (Dósa 2007), with two it may take more.
    """

    def share(need: Reservation) -> float:
        return max(need.cpu / max(room.cpu, 1), need.memory / max(room.memory, 1))

    bins: list[Resources] = []
    for need in sorted(needs, key=share, reverse=True):
        if not room.fits(need):
            return None
        place = next((place for place, left in enumerate(bins) if left.fits(need)), len(bins))
        bins[place : place + 1] = [(bins[place] if place < len(bins) else room).without(need)]
    return len(bins)
