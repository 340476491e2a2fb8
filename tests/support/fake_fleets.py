"""The instances of clusters, fleets and Auto Scaling groups, in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from handlers.domain.capacity.spot_policy import Fleet
from handlers.domain.config.clusters import FleetKind
from handlers.domain.model.errors import NotThere


@dataclass
class FakeHosts:
    """Cluster → EC2 instance → its tasks."""

    known: dict[str, dict[str, int]] = field(default_factory=dict)
    draining: set[tuple[str, str]] = field(default_factory=set)
    drains: int = 0
    faults: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def active_on(self, cluster: str, ec2_instance: str) -> list[str]:
        self._ask(cluster)
        there = ec2_instance in self.known.get(cluster, {})
        return [ec2_instance] if there and (cluster, ec2_instance) not in self.draining else []

    def drain(self, cluster: str, arns: list[str]) -> None:
        self.drains += 1
        self.draining |= {(cluster, arn) for arn in arns}

    def tasks(self, cluster: str) -> dict[str, int]:
        self._ask(cluster)
        return dict(self.known.get(cluster, {}))

    def _ask(self, cluster: str) -> None:
        self.asked.append(cluster)
        if cluster in self.faults:
            raise self.faults[cluster]


@dataclass
class FakeFleets:
    """Fleets by id, and Auto Scaling groups' instances: in service, and others."""

    known: dict[str, Fleet] = field(default_factory=dict)
    groups: dict[str, Iterable[str]] = field(default_factory=dict)
    leaving: dict[str, bool] = field(default_factory=dict)
    scales: bool = False
    """Whether a change is under way that was not to be seen."""
    kinds: list[FleetKind] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    resized: list[tuple[str, int]] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)

    def of(self, kind: FleetKind) -> Self:
        self.kinds.append(kind)
        return self

    def instances(self, group: str) -> dict[str, bool]:
        if group in self.faults:
            raise self.faults[group]
        if group not in self.groups:
            raise NotThere(group)
        return dict.fromkeys(self.groups[group], True) | self.leaving

    def describe(self, fleet: str) -> Fleet:
        self.looked.append(fleet)
        if fleet not in self.known:
            raise NotThere(fleet)
        return self.known[fleet]

    def resize(self, fleet: str, target: int) -> bool:
        if self.scales:
            return False
        self.resized.append((fleet, target))
        self.known[fleet] = replace(self.known[fleet], target=target)
        return True
