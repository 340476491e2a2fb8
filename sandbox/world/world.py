"""The world: ECS, target groups and CloudWatch of one region of one account, on virtual time.

Tested in `tests/sandbox/world/test_world_time.py`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.world.event_queue import EventQueue
from sandbox.world.identifiers import Identifiers
from sandbox.world.image_behaviour import ImageBehaviours
from sandbox.world.instance_capacity import M6I_XLARGE, InstanceType
from sandbox.world.instance_fleets import Fleets
from sandbox.world.log_streams import LogStreams
from sandbox.world.metric_alarms import Alarms
from sandbox.world.outbox import Outbox
from sandbox.world.registration import registered
from sandbox.world.scheduler import MAINTAINED, Scheduler
from sandbox.world.service_requests import ServiceChange, ServiceRequest
from sandbox.world.snapshot import ServiceSnapshot, service_snapshot
from sandbox.world.target_groups import TargetGroup
from sandbox.world.task_definitions import TaskDefinition, TaskDefinitions
from sandbox.world.telemetry import Telemetry
from sandbox.world.timings import Timings
from sandbox.world.traffic import Traffic
from sandbox.world.world_context import WorldContext
from sandbox.world.world_errors import (
    ClientError,
    ClusterNotFoundError,
    ServiceDeploymentNotFoundError,
    ServiceNotActiveError,
    ServiceNotFoundError,
    TargetGroupNotFoundError,
)
from sandbox.world.world_records import Cluster, ContainerInstance, Service, ServiceDeployment, Task

DEFAULT_REGION = "ap-northeast-1"
DEFAULT_ACCOUNT = "123456789012"


class World:
    """The state of the world, and every change that is possible from outside.

    Attributes:
        clusters: by name.
        target_groups: by ARN.
        traffic: the requests to the services, and their results.
        telemetry, alarms, logs: CloudWatch.
        fleets: the groups and fleets whose instances the clusters have.
    """

    def __init__(
        self,
        start: datetime,
        images: ImageBehaviours | None = None,
        *,
        timings: Timings | None = None,
        identifiers: Identifiers | None = None,
    ) -> None:
        """Make an empty world at `start`. Equal arguments and equal calls give equal worlds."""
        self.identifiers = identifiers or Identifiers(DEFAULT_REGION, DEFAULT_ACCOUNT)
        self.images = images or ImageBehaviours()
        self._queue = EventQueue(start.timestamp())
        self._outbox = Outbox(self._queue, self.identifiers)
        context = WorldContext(
            self._queue, self.identifiers, self.images, timings or Timings(), self._outbox
        )
        self._scheduler = Scheduler(context)
        self.task_definitions = TaskDefinitions(self.identifiers)
        self.clusters: dict[str, Cluster] = {}
        self.traffic = Traffic(context, self.services)
        self.telemetry = Telemetry(context, self.traffic, self.services)
        self.alarms = Alarms(context, self.telemetry)
        self.fleets = Fleets(context, self.add_container_instance, self.remove_container_instance)
        self.logs = LogStreams(context, self.traffic, self.services)
        self.target_groups: dict[str, TargetGroup] = {}

    @property
    def seconds(self) -> float:
        """The present, in seconds since the epoch."""
        return self._queue.now

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.fromtimestamp(self._queue.now, UTC)

    def advance(self, to: datetime) -> None:
        """Advance the time to `to`. A past moment changes nothing."""
        self._queue.advance(to.timestamp())
        self.alarms.evaluate_due()

    def next_event_at(self) -> datetime | None:
        """Return when the next scheduled event is due, alarms aside; None without one."""
        at = self._queue.next_at()
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def take_events(self) -> list[dict[str, Any]]:
        """Return the EventBridge events since the last call, oldest first, and forget them."""
        return self._outbox.take()

    def add_cluster(self, name: str) -> Cluster:
        """Make a cluster without instances."""
        made = Cluster(name, self.identifiers.arn(f"cluster/{name}"))
        self.clusters[name] = made
        return made

    def add_container_instance(
        self, cluster: Cluster, zone: str, capacity: InstanceType = M6I_XLARGE
    ) -> ContainerInstance:
        """Register an EC2 instance with a cluster."""
        arn = self.identifiers.arn(
            f"container-instance/{cluster.name}/{self.identifiers.hexadecimal()}"
        )
        ec2_id = f"i-{self.identifiers.hexadecimal(17)}"
        has = (capacity.type, capacity.cpu, capacity.memory)
        made = ContainerInstance(arn, ec2_id, zone, self.seconds, *has)
        cluster.instances[arn] = made
        return made

    def remove_container_instance(self, cluster: Cluster, instance: ContainerInstance) -> None:
        """Let an EC2 instance be gone: what still runs on it ends at once."""
        instance.status = "INACTIVE"
        cluster.instances.pop(instance.arn, None)
        reason = f"Host EC2 (instance {instance.ec2_id}) terminated."
        for task in list(instance.tasks.values()):
            self._scheduler.tasks.terminate(task, reason, "TerminationNotice")

    def set_instance_status(self, instance: ContainerInstance, status: str) -> None:
        """Drain a container instance (`DRAINING`), or let it take tasks again (`ACTIVE`)."""
        instance.status = status
        for service in {
            task.service.arn: task.service for task in instance.tasks.values()
        }.values():
            self._scheduler.reconcile_soon(service)

    def maintain_host(self, instance: ContainerInstance) -> None:
        """Have ECS move an instance's tasks away, for maintenance of what the instance runs on."""
        tasks = list(instance.tasks.values())
        for task in tasks:
            task.leaves_for = MAINTAINED
        for service in {task.service.arn: task.service for task in tasks}.values():
            self._scheduler.reconcile_soon(service)

    def add_target_group(
        self, name: str, kind: str, port: int = 8080, addresses: str = "ipv4"
    ) -> TargetGroup:
        """Make an empty target group of a kind, `ip` or `instance`, for `ipv4` or `ipv6`."""
        resource = f"targetgroup/{name}/{self.identifiers.hexadecimal(16)}"
        arn = self.identifiers.arn(resource, "elasticloadbalancing")
        vpc = f"vpc-{self.identifiers.hexadecimal(17)}"
        made = TargetGroup(name, arn, kind, port, vpc, addresses=addresses)
        self.target_groups[arn] = made
        return made

    def register_task_definition(
        self, content: Mapping[str, Any], tags: list[dict[str, str]] | None = None
    ) -> TaskDefinition:
        """Register a revision, in ECS's own field names.

        Raises:
            ClientError: It is not a task definition that ECS accepts.
        """
        return self.task_definitions.register(registered(content), tags or [], self.seconds)

    def create_service(self, cluster: Cluster, request: ServiceRequest) -> Service:
        """Create a service; its tasks start by and by.

        Raises:
            ClientError: The task definition does not exist or is INACTIVE.
        """
        definition = self._deployable(request.task_definition)
        made = Service(
            name=request.name,
            arn=self.identifiers.arn(f"service/{cluster.name}/{request.name}"),
            cluster=cluster,
            desired_count=request.desired_count,
            configuration=request.configuration,
            created_at=self.seconds,
            target_group=request.target_group,
            container=request.container,
            container_port=request.container_port,
            grace_period=request.grace_period,
            addresses=request.addresses,
            controller=request.controller,
            scheduling=request.scheduling,
        )
        cluster.services[request.name] = made
        self._scheduler.deploy(made, definition)
        return made

    def update_service(self, service: Service, change: ServiceChange) -> Service:
        """Change a service. Only another task definition, or force, starts a deployment.

        Raises:
            ClientError: The task definition does not exist or is INACTIVE.
            ServiceNotActiveError: The service was deleted.
        """
        if service.status != "ACTIVE":
            raise ServiceNotActiveError("Service was not ACTIVE.")
        wanted = service.primary.task_definition
        if change.task_definition is not None:
            wanted = self._deployable(change.task_definition)
        if change.configuration is not None:
            service.configuration = change.configuration
        if change.grace_period is not None:
            service.grace_period = change.grace_period
        if change.desired_count is not None:
            service.desired_count = change.desired_count
            self._scheduler.reconcile_soon(service)
        if wanted is not service.primary.task_definition or change.force_new_deployment:
            self._scheduler.deploy(service, wanted)
        return service

    def delete_service(self, service: Service) -> None:
        """Delete a service: it is INACTIVE from now on, and its tasks are stopped."""
        service.status = "INACTIVE"
        service.desired_count = 0
        self._scheduler.reconcile_soon(service)

    def stop_service_deployment(self, arn: str, stop_type: str = "ROLLBACK") -> None:
        """Stop a service deployment: `ROLLBACK` goes back, `ABORT` leaves things as they are.

        Raises:
            ServiceDeploymentNotFoundError: There is none with that ARN.
            ConflictError: It is over already.
        """
        service, record = self.service_deployment(arn)
        self._scheduler.stop_deployment(service, record, stop_type)

    def cluster(self, reference: str) -> Cluster:
        """Find a cluster by name or ARN.

        Raises:
            ClusterNotFoundError: There is none.
        """
        found = self.clusters.get(reference.rpartition("/")[2])
        if found is None:
            raise ClusterNotFoundError("Cluster not found.")
        return found

    def service(self, cluster: Cluster, reference: str) -> Service:
        """Find a service by name or ARN.

        Raises:
            ServiceNotFoundError: There is none.
        """
        found = cluster.services.get(reference.rpartition("/")[2])
        if found is None:
            raise ServiceNotFoundError("Service not found.")
        return found

    def services(self) -> Iterable[Service]:
        """Yield the services of all clusters."""
        return (item for cluster in self.clusters.values() for item in cluster.services.values())

    def snapshot(self) -> list[ServiceSnapshot]:
        """Look at every service, in the order in which they were created."""
        return [service_snapshot(service) for service in self.services()]

    def service_deployment(self, arn: str) -> tuple[Service, ServiceDeployment]:
        """Find a service deployment and its service.

        Raises:
            ServiceDeploymentNotFoundError: There is none with that ARN.
        """
        for service in self.services():
            for record in service.history:
                if record.arn == arn:
                    return service, record
        raise ServiceDeploymentNotFoundError("Service deployment not found.")

    def tasks(self) -> dict[str, Task]:
        """Return the tasks by id: those that run, and those that stopped within the hour."""
        self._scheduler.tasks.drop_expired()
        return dict(self._scheduler.tasks.by_id)

    def target_group(self, arn: str) -> TargetGroup:
        """Find a target group by ARN.

        Raises:
            TargetGroupNotFoundError: There is none.
        """
        found = self.target_groups.get(arn)
        if found is None:
            raise TargetGroupNotFoundError(f"Target groups '{arn}' not found")
        return found

    def _deployable(self, reference: str) -> TaskDefinition:
        found = self.task_definitions.find(reference)
        if found.status != "ACTIVE":
            raise ClientError("TaskDefinition is inactive")
        return found
