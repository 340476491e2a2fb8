"""An ECS service as it is seen at one moment. Tested in `test_ecs.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


def endpoint(host: str, port: int | str | None = None) -> str:
    """Name what listens as `host:port`, or as the host alone; an IPv6 address is in brackets."""
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


class RolloutState(StrEnum):
    """ECS's word on one deployment (API_Deployment, `rolloutState`)."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One attempt of a service to reach a revision."""

    id: str
    primary: bool
    task_definition: str
    state: str
    reason: str
    desired: int
    running: int
    failed_tasks: int
    created: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceDeployment:
    """One entry of ECS's history of a service (API_ServiceDeploymentBrief)."""

    status: str
    reason: str = ""
    """Why it has that status, in ECS's words."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """Where a service's tasks are registered as targets."""

    target_group: str
    container: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """What DescribeServices says, in our words."""

    cluster: str
    name: str
    arn: str
    active: bool
    desired: int
    running: int
    deployments: Sequence[Deployment]
    load_balancers: Sequence[LoadBalancer] = ()
    events: Sequence[str] = ()
    """ECS's latest messages about it, newest first."""
    maximum_percent: int = 200
    minimum_healthy_percent: int = 100
    """Bounds of a rolling deployment, in per cent of `desired` (API_DeploymentConfiguration)."""
    strategy: str = "ROLLING"
    """How it is deployed: `ROLLING`, or the name of whatever places tasks by other rules."""
    classic_load_balancers: Sequence[str] = ()
    """Names of those that know instances, and no target groups."""
    has_lasting_breaker: bool = True
    """Whether ECS's circuit breaker ends a deployment whose tasks fail again and again."""
    launch_type: str = ""
    """Where its tasks run: `EC2`, `FARGATE`, …; empty where capacity providers say."""
    capacity_providers: Sequence[str] = ()

    @property
    def primary(self) -> Deployment | None:
        """The deployment that ECS works towards, or has completed."""
        return next((each for each in self.deployments if each.primary), None)

    def deployment(self, deployment_id: str) -> Deployment | None:
        """Return the deployment of that id, while ECS still lists it."""
        return next((each for each in self.deployments if each.id == deployment_id), None)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a service."""

    id: str
    task_definition: str
    started_by: str
    """The id of the deployment that started it."""
    status: str
    stopped_reason: str
    health: str = ""
    """What its containers' health checks say of it (API_Task, `healthStatus`)."""
    stop_code: str = ""
    """ECS's word for why it stopped (API_Task, `stopCode`)."""
    stopped_at: datetime | None = None
    endpoints: Sequence[str] = ()
    """Where it listens: `instance:port` for each host port, or its own addresses (`awsvpc`)."""
    container_instance: str = ""
    """ARN of the container instance that it is on; empty on Fargate."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The health of one target of a target group."""

    endpoint: str
    """`instance:port` or `address:port`."""
    state: str
    reason: str = ""
