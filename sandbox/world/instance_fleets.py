"""Auto Scaling groups and spot fleets: launches, terminations and spot interruptions.

Every instance is a container instance of a cluster. A group launches and terminates at once; a
fleet is `modifying` for a moment first. EC2 warns a spot instance before it terminates it, both
when it interrupts the instance and when the fleet shrinks (EC2 user guide, "Modify a Spot Fleet
request").

Tested in `tests/sandbox/world/test_world_fleets.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from sandbox.world.outbox import utc
from sandbox.world.world_context import WorldContext
from sandbox.world.world_errors import FleetNotFoundError, ValidationError
from sandbox.world.world_records import Cluster, ContainerInstance

LAUNCH_SECONDS = 40.0
"""From a launch until the instance is in service and registered with its cluster."""
TERMINATE_SECONDS = 20.0
MODIFY_SECONDS = 5.0
INTERRUPTION_NOTICE = 120.0
"""Seconds from EC2's warning until it terminates the instance."""


@dataclass(slots=True, eq=False)
class FleetInstance:
    """An EC2 instance of a group or a fleet, by the states of an Auto Scaling group."""

    zone: str
    container_instance: ContainerInstance | None = None
    state: str = "Pending"
    ec2_id: str = ""
    is_warned: bool = False


@dataclass(slots=True, eq=False)
class InstancePool:
    """An Auto Scaling group or a spot fleet: its instances and its target size.

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
    minimum: int = 0
    maximum: int = 100
    state: str = "active"
    instances: list[FleetInstance] = field(default_factory=list)

    def in_service(self) -> list[FleetInstance]:
        """Return the instances in service."""
        return [item for item in self.instances if item.state == "InService"]

    def remaining(self) -> list[FleetInstance]:
        """Return the instances, pending ones included, that neither terminate nor will soon."""
        return [m for m in self.instances if m.state != "Terminating" and not m.is_warned]


Register = Callable[[Cluster, str], ContainerInstance]
Deregister = Callable[[Cluster, ContainerInstance], None]


class Fleets:
    """All groups and fleets.

    Attributes:
        pools: by name or id.
        interrupted: the instances that EC2 wanted back, in order.
    """

    def __init__(self, context: WorldContext, register: Register, deregister: Deregister) -> None:
        """Take the functions that register an instance with a cluster and deregister it."""
        self._context = context
        self._register = register
        self._deregister = deregister
        self.pools: dict[str, InstancePool] = {}
        self.interrupted: list[ContainerInstance] = []

    def add_group(self, name: str, cluster: Cluster, zones: list[str]) -> InstancePool:
        """Make an Auto Scaling group of the cluster's present instances."""
        identifiers = self._context.identifiers
        path = f"autoScalingGroup:{identifiers.uuid()}:autoScalingGroupName/{name}"
        container_instances = list(cluster.instances.values())
        arn = identifiers.arn(path, "autoscaling")
        made = InstancePool(name, arn, cluster, zones, len(container_instances), is_spot=False)
        made.instances = [
            FleetInstance(
                container_instance.zone, container_instance, "InService", container_instance.ec2_id
            )
            for container_instance in container_instances
        ]
        self.pools[name] = made
        return made

    def add_fleet(
        self, ident: str, cluster: Cluster, zones: list[str], target: int
    ) -> InstancePool:
        """Make a spot fleet request (`sfr-…`) or an EC2 fleet (`fleet-…`) of full size."""
        kind = "spot-fleet-request" if ident.startswith("sfr-") else "fleet"
        arn = self._context.identifiers.arn(f"{kind}/{ident}", "ec2")
        made = InstancePool(ident, arn, cluster, zones, target, is_spot=True)
        self.pools[ident] = made
        for instance in self._fill(made):
            self._arrive(made, instance)
        return made

    def pool(self, name: str) -> InstancePool:
        """Find a group by name, or a fleet by id.

        Raises:
            FleetNotFoundError: There is none.
        """
        if name not in self.pools:
            raise FleetNotFoundError(f"'{name}' does not exist.")
        return self.pools[name]

    def resize(self, name: str, target: int) -> None:
        """Set the target size.

        Raises:
            FleetNotFoundError: There is no such group or fleet.
            ValidationError: It is out of a group's bounds, or the fleet is being modified.
        """
        pool = self.pool(name)
        if pool.state != "active":
            raise ValidationError(f"{name} is in the {pool.state} state.")
        if not pool.minimum <= target <= pool.maximum:
            raise ValidationError(
                f"New size {target} is not within {pool.minimum} and {pool.maximum}."
            )
        pool.target = target
        if not pool.is_spot:
            self._adjust(pool)
            return
        pool.state = "modifying"
        self._context.queue.schedule(MODIFY_SECONDS, self._modified, pool)

    def interrupt(self, ec2_id: str, notice: float = INTERRUPTION_NOTICE) -> None:
        """Interrupt a spot instance: EC2 warns now, and terminates it `notice` seconds later.

        Raises:
            FleetNotFoundError: No fleet has such an instance in service.
        """
        for pool in self.pools.values():
            for instance in pool.in_service():
                if instance.ec2_id == ec2_id and pool.is_spot and not instance.is_warned:
                    self._warn(pool, instance, notice)
                    self.interrupted += (
                        [instance.container_instance] if instance.container_instance else []
                    )
                    return
        raise FleetNotFoundError(f"There is no spot instance {ec2_id} in service.")

    def terminate(self, ec2_id: str) -> None:
        """Terminate an instance before its notice is over; one that is gone stays gone."""
        for pool in self.pools.values():
            for instance in [each for each in pool.instances if each.ec2_id == ec2_id]:
                self._end(pool, instance)

    def _modified(self, pool: InstancePool) -> None:
        pool.state = "active"
        self._adjust(pool)

    def _adjust(self, pool: InstancePool) -> None:
        # Those with the fewest tasks first, so that tests can tell which.
        spare = sorted(
            pool.remaining(),
            key=lambda m: len(m.container_instance.tasks) if m.container_instance else 0,
        )
        for instance in spare[: max(0, len(spare) - pool.target)]:
            if pool.is_spot:
                self._warn(pool, instance, INTERRUPTION_NOTICE)
            else:
                instance.state = "Terminating"
                self._context.queue.schedule(TERMINATE_SECONDS, self._end, pool, instance)
        self._fill(pool)

    def _fill(self, pool: InstancePool) -> list[FleetInstance]:
        missing = pool.target - len(pool.remaining())
        launched = [
            FleetInstance(zone) for _, zone in zip(range(missing), cycle(pool.zones), strict=False)
        ]
        pool.instances += launched
        for instance in launched:
            self._context.queue.schedule(LAUNCH_SECONDS, self._arrive, pool, instance)
        return launched

    def _arrive(self, pool: InstancePool, instance: FleetInstance) -> None:
        if instance not in pool.instances or instance.container_instance is not None:
            return
        instance.container_instance = self._register(pool.cluster, instance.zone)
        instance.ec2_id, instance.state = instance.container_instance.ec2_id, "InService"
        self._send_group_event(pool, instance, "EC2 Instance Launch Successful")

    def _warn(self, pool: InstancePool, instance: FleetInstance, notice: float) -> None:
        if instance.state == "Pending":
            pool.instances.remove(instance)
            return
        instance.is_warned = True
        where = f"arn:aws:ec2:{instance.zone}:instance/{instance.ec2_id}"
        detail = {"instance-id": instance.ec2_id, "instance-action": "terminate"}
        kind = "EC2 Spot Instance Interruption Warning"
        self._context.outbox.send_event("aws.ec2", kind, [where], detail)
        self._context.queue.schedule(notice, self._end, pool, instance)

    def _end(self, pool: InstancePool, instance: FleetInstance) -> None:
        if instance not in pool.instances:
            return
        pool.instances.remove(instance)
        if instance.container_instance is not None:
            self._deregister(pool.cluster, instance.container_instance)
            self._send_group_event(pool, instance, "EC2 Instance Terminate Successful")
        # A group, and a fleet of type `maintain`, replace what is lost.
        self._fill(pool)

    def _send_group_event(self, pool: InstancePool, instance: FleetInstance, kind: str) -> None:
        """Send the event of an Auto Scaling group; a fleet sends none here."""
        if pool.is_spot:
            return
        identifiers, now = self._context.identifiers, self._context.queue.now
        detail: dict[str, Any] = {
            "StatusCode": "InProgress",
            "AutoScalingGroupName": pool.name,
            "ActivityId": identifiers.uuid(),
            "Details": {"Availability Zone": instance.zone},
            "EndTime": utc(now, "milliseconds"),
            "EC2InstanceId": instance.ec2_id,
        }
        instance_arn = identifiers.arn(f"instance/{instance.ec2_id}", "ec2")
        self._context.outbox.send_event("aws.autoscaling", kind, [pool.arn, instance_arn], detail)
