"""The instances of clusters, fleets and Auto Scaling groups, in memory."""

from dataclasses import dataclass, field, replace

from handlers.domain.model.errors import NotThere


@dataclass
class FakeHosts:
    """Cluster → EC2 instance → its tasks."""

    known: dict = field(default_factory=dict)
    draining: set = field(default_factory=set)
    drains: int = 0
    faults: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def active_on(self, cluster, ec2_instance):
        self._ask(cluster)
        there = ec2_instance in self.known.get(cluster, {})
        return [ec2_instance] if there and (cluster, ec2_instance) not in self.draining else []

    def drain(self, cluster, arns):
        self.drains += 1
        self.draining |= {(cluster, arn) for arn in arns}

    def tasks(self, cluster):
        self._ask(cluster)
        return dict(self.known.get(cluster, {}))

    def _ask(self, cluster):
        self.asked.append(cluster)
        if cluster in self.faults:
            raise self.faults[cluster]


@dataclass
class FakeFleets:
    """Fleets by id, and Auto Scaling groups' instances: in service, and others."""

    known: dict = field(default_factory=dict)
    groups: dict = field(default_factory=dict)
    leaving: dict = field(default_factory=dict)
    scales: bool = False
    """Whether a change is under way that was not to be seen."""
    kinds: list = field(default_factory=list)
    looked: list = field(default_factory=list)
    resized: list = field(default_factory=list)
    faults: dict = field(default_factory=dict)

    def of(self, kind):
        self.kinds.append(kind)
        return self

    def instances(self, group):
        if group in self.faults:
            raise self.faults[group]
        if group not in self.groups:
            raise NotThere(group)
        return dict.fromkeys(self.groups[group], True) | self.leaving

    def describe(self, fleet):
        self.looked.append(fleet)
        if fleet not in self.known:
            raise NotThere(fleet)
        return self.known[fleet]

    def resize(self, fleet, target):
        if self.scales:
            return False
        self.resized.append((fleet, target))
        self.known[fleet] = replace(self.known[fleet], target=target)
        return True
