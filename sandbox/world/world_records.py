"""The world's records: clusters, instances, services, their deployments and tasks.

Times are seconds since the epoch. Names of statuses and fields are ECS's own. Tested through the
world, in `tests/sandbox/world`.

Tested in `test_world_tasks.py`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sandbox.world.deployment_configuration import DeploymentConfiguration
from sandbox.world.image_behaviour import Behaviour
from sandbox.world.target_groups import Target, TargetGroup
from sandbox.world.task_definitions import TaskDefinition

_EVENTS_KEPT = 100


@dataclass(slots=True, eq=False)
class ContainerInstance:
    """An EC2 instance that tasks are placed on.

    Attributes:
        type: of EC2, and what it registered with: CPU units and MiB.
    """

    arn: str
    ec2_id: str
    zone: str
    registered_at: float
    type: str
    cpu: int
    memory: int
    status: str = "ACTIVE"
    tasks: dict[str, Task] = field(default_factory=dict)
    ports_used: int = 0

    @property
    def remaining_cpu(self) -> int:
        """CPU units that no task reserves; a stopping task reserves its own until it is STOPPED."""
        return self.cpu - sum(task.definition.cpu for task in self.tasks.values())

    @property
    def remaining_memory(self) -> int:
        """Likewise, in MiB."""
        return self.memory - sum(task.definition.memory for task in self.tasks.values())

    @property
    def host_ports(self) -> set[int]:
        """The host ports that tasks use; a task with an address of its own uses none."""
        tasks = [task for task in self.tasks.values() if not task.ip]
        return {task.port for task in tasks}.union(*(task.definition.host_ports for task in tasks))


@dataclass(slots=True, eq=False)
class Cluster:
    """A named group of services and container instances (by ARN)."""

    name: str
    arn: str
    services: dict[str, Service] = field(default_factory=dict)
    instances: dict[str, ContainerInstance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceRevision:
    """What a service deployment set out to run."""

    arn: str
    task_definition: TaskDefinition
    created_at: float


@dataclass(slots=True, eq=False)
class ServiceDeployment:
    """The history's record of one attempt; a rollback changes its status, and adds none.

    Attributes:
        attempts: the deployments made for it: the first, and the rollback's if there was one.
    """

    arn: str
    target: ServiceRevision
    sources: tuple[ServiceRevision, ...]
    created_at: float
    updated_at: float
    status: str = "PENDING"
    status_reason: str = ""
    started_at: float | None = None
    finished_at: float | None = None
    stopped_at: float | None = None
    rollback_reason: str = ""
    rollback_started_at: float | None = None
    rollback_to: ServiceRevision | None = None
    breaker: str = "DISABLED"
    attempts: list[Deployment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Deployment:
    """One attempt of a service to run a revision, as DescribeServices shows it.

    Attributes:
        tasks: those that have not come to STOPPED, by id.
        consecutive_failures: failed tasks in a row, which the pause before the next one grows with.
        next_launch_at: no task is started before this moment.
        is_started: the scheduler has started to work on it.
    """

    id: str
    revision: ServiceRevision
    record: ServiceDeployment
    created_at: float
    updated_at: float
    reason: str
    status: str = "PRIMARY"
    rollout: str = "IN_PROGRESS"
    is_rollback: bool = False
    is_started: bool = False
    failed_tasks: int = 0
    consecutive_failures: int = 0
    next_launch_at: float = 0.0
    tasks: dict[str, Task] = field(default_factory=dict)

    @property
    def task_definition(self) -> TaskDefinition:
        """The revision of the family that its tasks run."""
        return self.revision.task_definition

    def active_tasks(self) -> list[Task]:
        """Return the tasks that are meant to run, whether or not they do yet."""
        return [task for task in self.tasks.values() if task.desired_status == "RUNNING"]


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """A line of a service's event stream."""

    id: str
    created_at: float
    message: str


@dataclass(slots=True, eq=False)
class Service:
    """A service. `deployments` begins with the PRIMARY one; the others are on their way out.

    Attributes:
        recent_tasks: tasks that came to RUNNING, as far back as there are metrics and logs of them.
        interfaces_to_fail: how many of its next tasks get no network interface in time.
    """

    name: str
    arn: str
    cluster: Cluster
    desired_count: int
    configuration: DeploymentConfiguration
    created_at: float
    target_group: TargetGroup | None = None
    container: str = "app"
    container_port: int = 8080
    grace_period: float = 0.0
    status: str = "ACTIVE"
    steady: bool = False
    deployments: list[Deployment] = field(default_factory=list)
    last_completed: Deployment | None = None
    history: list[ServiceDeployment] = field(default_factory=list)
    revisions: dict[str, ServiceRevision] = field(default_factory=dict)
    events: deque[ServiceEvent] = field(default_factory=lambda: deque(maxlen=_EVENTS_KEPT))
    recent_tasks: list[Task] = field(default_factory=list)
    addresses: str = "ipv4"
    controller: str = "ECS"
    scheduling: str = "REPLICA"
    interfaces_to_fail: int = 0

    @property
    def primary(self) -> Deployment:
        """The most recent deployment."""
        return self.deployments[0]

    def active_tasks(self) -> list[Task]:
        """Return the tasks of all deployments that are meant to run."""
        return [task for deployment in self.deployments for task in deployment.active_tasks()]


@dataclass(slots=True, eq=False)
class Task:
    """A task with one essential container.

    Attributes:
        ip: its own address (awsvpc), of IPv6 where it has no other; empty in bridge mode.
        ipv6: its second one, in a network of both kinds.
        health: of its containers, by their own checks; UNKNOWN where they have none.
        leaves_for: why it has to leave its host, where that is not drained.
        port: where the load balancer reaches it: container port (awsvpc) or host port (bridge).
        exit_code: of its container, once that has exited.
        healthy_at, unhealthy_at: between these moments it is sent requests.
    """

    id: str
    arn: str
    service: Service
    deployment: Deployment
    behaviour: Behaviour
    created_at: float
    zone: str
    port: int
    ip: str = ""
    ipv6: str = ""
    instance: ContainerInstance | None = None
    network_interface: str = ""
    last_status: str = "PENDING"
    desired_status: str = "RUNNING"
    healthy: bool = False
    target: Target | None = None
    started_at: float | None = None
    stopping_at: float | None = None
    stopped_at: float | None = None
    stop_code: str = ""
    stopped_reason: str = ""
    exit_code: int | None = None
    container_reason: str = ""
    healthy_at: float | None = None
    unhealthy_at: float | None = None
    health: str = "UNKNOWN"
    leaves_for: str = ""

    @property
    def definition(self) -> TaskDefinition:
        """The revision that it runs."""
        return self.deployment.task_definition

    @property
    def is_draining(self) -> bool:
        """Whether it has to leave its instance: ECS starts another before it stops this one."""
        is_drained = self.instance is not None and self.instance.status == "DRAINING"
        return is_drained or bool(self.leaves_for)

    @property
    def running(self) -> bool:
        """Whether it runs and is meant to."""
        return self.last_status == "RUNNING" and self.desired_status == "RUNNING"
