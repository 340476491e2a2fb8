"""EC2 instances that come and go: Auto Scaling groups, spot fleets, and interruptions.

Every instance is a container instance of a cluster. A group launches and terminates at once; a
fleet is `modifying` for a moment first. A spot instance is warned before it goes, be it that EC2
wants it back or that its fleet is to be smaller (EC2 user guide, "Modify a Spot Fleet request").
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from sandbox.world.outbox import utc
from sandbox.world.world_context import Context
from sandbox.world.world_errors import FleetNotFoundError, ValidationError
from sandbox.world.world_records import Cluster, ContainerInstance

LAUNCHING = 40.0
"""Seconds from a launch to the instance's being in service and registered with its cluster."""
TERMINATING = 20.0
MODIFYING = 5.0
NOTICE = 120.0
"""Seconds from EC2's warning to the end of an instance."""


@dataclass(slots=True, eq=False)
class Machine:
    """An EC2 instance of a group or a fleet, by the states of an Auto Scaling group."""

    zone: str
    host: ContainerInstance | None = None
    state: str = "Pending"
    ec2_id: str = ""
    warned: bool = False


@dataclass(slots=True, eq=False)
class Pool:
    """Instances of one kind, and how many there should be.

    Attributes:
        name: of an Auto Scaling group, or the id of a fleet.
        state: of a fleet: `active` or `modifying`.
    """

    name: str
    arn: str
    cluster: Cluster
    zones: list[str]
    target: int
    is_spot: bool
    least: int = 0
    most: int = 100
    state: str = "active"
    machines: list[Machine] = field(default_factory=list)

    def in_service(self) -> list[Machine]:
        """Return those that run, and are not on their way out."""
        return [item for item in self.machines if item.state == "InService"]

    def staying(self) -> list[Machine]:
        """Return those that run or will, and are not on their way out."""
        return [m for m in self.machines if m.state != "Terminating" and not m.warned]


Register = Callable[[Cluster, str], ContainerInstance]
TakeAway = Callable[[Cluster, ContainerInstance], None]


class Fleets:
    """All groups and fleets.

    Attributes:
        pools: by name or id.
        interrupted: the instances that EC2 wanted back, in order.
    """

    def __init__(self, context: Context, register: Register, take_away: TakeAway) -> None:
        """Take how an instance becomes one of a cluster, and how it stops to be one."""
        self._context = context
        self._register = register
        self._take_away = take_away
        self.pools: dict[str, Pool] = {}
        self.interrupted: list[ContainerInstance] = []

    def add_group(self, name: str, cluster: Cluster, zones: list[str]) -> Pool:
        """Make an Auto Scaling group of the instances that the cluster has already."""
        names = self._context.names
        path = f"autoScalingGroup:{names.uuid()}:autoScalingGroupName/{name}"
        hosts = list(cluster.instances.values())
        arn = names.arn(path, "autoscaling")
        made = Pool(name, arn, cluster, zones, len(hosts), is_spot=False)
        made.machines = [Machine(host.zone, host, "InService", host.ec2_id) for host in hosts]
        self.pools[name] = made
        return made

    def add_fleet(self, ident: str, cluster: Cluster, zones: list[str], target: int) -> Pool:
        """Make a spot fleet request (`sfr-…`) or an EC2 fleet (`fleet-…`), filled already."""
        kind = "spot-fleet-request" if ident.startswith("sfr-") else "fleet"
        arn = self._context.names.arn(f"{kind}/{ident}", "ec2")
        made = Pool(ident, arn, cluster, zones, target, is_spot=True)
        self.pools[ident] = made
        for machine in self._fill(made):
            self._arrive(made, machine)
        return made

    def pool(self, name: str) -> Pool:
        """Find a group by name, or a fleet by id.

        Raises:
            FleetNotFoundError: There is none.
        """
        if name not in self.pools:
            raise FleetNotFoundError(f"'{name}' does not exist.")
        return self.pools[name]

    def resize(self, name: str, target: int) -> None:
        """Set how many instances there should be.

        Raises:
            FleetNotFoundError: There is no such group or fleet.
            ValidationError: It is out of a group's bounds, or the fleet is being modified.
        """
        pool = self.pool(name)
        if pool.state != "active":
            raise ValidationError(f"{name} is in the {pool.state} state.")
        if not pool.least <= target <= pool.most:
            raise ValidationError(f"New size {target} is not within {pool.least} and {pool.most}.")
        pool.target = target
        if not pool.is_spot:
            self._adjust(pool)
            return
        pool.state = "modifying"
        self._context.agenda.after(MODIFYING, self._modified, pool)

    def interrupt(self, ec2_id: str, notice: float = NOTICE) -> None:
        """Have EC2 want a spot instance back: it warns now, and takes it when the notice is over.

        Raises:
            FleetNotFoundError: No fleet has such an instance in service.
        """
        for pool in self.pools.values():
            for machine in pool.in_service():
                if machine.ec2_id == ec2_id and pool.is_spot and not machine.warned:
                    self._warn(pool, machine, notice)
                    self.interrupted += [machine.host] if machine.host else []
                    return
        raise FleetNotFoundError(f"There is no spot instance {ec2_id} in service.")

    def _modified(self, pool: Pool) -> None:
        pool.state = "active"
        self._adjust(pool)

    def _adjust(self, pool: Pool) -> None:
        # Those with the fewest tasks first, so that tests can tell which.
        spare = sorted(pool.staying(), key=lambda m: len(m.host.tasks) if m.host else 0)
        for machine in spare[: max(0, len(spare) - pool.target)]:
            if pool.is_spot:
                self._warn(pool, machine, NOTICE)
            else:
                machine.state = "Terminating"
                self._context.agenda.after(TERMINATING, self._end, pool, machine)
        self._fill(pool)

    def _fill(self, pool: Pool) -> list[Machine]:
        missing = pool.target - len(pool.staying())
        launched = [
            Machine(zone) for _, zone in zip(range(missing), cycle(pool.zones), strict=False)
        ]
        pool.machines += launched
        for machine in launched:
            self._context.agenda.after(LAUNCHING, self._arrive, pool, machine)
        return launched

    def _arrive(self, pool: Pool, machine: Machine) -> None:
        if machine not in pool.machines or machine.host is not None:
            return
        machine.host = self._register(pool.cluster, machine.zone)
        machine.ec2_id, machine.state = machine.host.ec2_id, "InService"
        self._tell(pool, machine, "EC2 Instance Launch Successful")

    def _warn(self, pool: Pool, machine: Machine, notice: float) -> None:
        if machine.state == "Pending":
            pool.machines.remove(machine)
            return
        machine.warned = True
        where = f"arn:aws:ec2:{machine.zone}:instance/{machine.ec2_id}"
        detail = {"instance-id": machine.ec2_id, "instance-action": "terminate"}
        kind = "EC2 Spot Instance Interruption Warning"
        self._context.outbox.notice("aws.ec2", kind, [where], detail)
        self._context.agenda.after(notice, self._end, pool, machine)

    def _end(self, pool: Pool, machine: Machine) -> None:
        pool.machines.remove(machine)
        if machine.host is not None:
            self._take_away(pool.cluster, machine.host)
            self._tell(pool, machine, "EC2 Instance Terminate Successful")
        # A group, and a fleet of type `maintain`, replace what is lost.
        self._fill(pool)

    def _tell(self, pool: Pool, machine: Machine, kind: str) -> None:
        """Send the event of an Auto Scaling group; a fleet sends none that anybody listens to."""
        if pool.is_spot:
            return
        names, now = self._context.names, self._context.agenda.now
        detail: dict[str, Any] = {
            "StatusCode": "InProgress",
            "AutoScalingGroupName": pool.name,
            "ActivityId": names.uuid(),
            "Details": {"Availability Zone": machine.zone},
            "EndTime": utc(now, "milliseconds"),
            "EC2InstanceId": machine.ec2_id,
        }
        instance = names.arn(f"instance/{machine.ec2_id}", "ec2")
        self._context.outbox.notice("aws.autoscaling", kind, [pool.arn, instance], detail)
