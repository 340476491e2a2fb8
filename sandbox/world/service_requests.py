"""What CreateService and UpdateService are asked for.

Tested in `tests/sandbox/world/test_world_rolling.py`.
"""

from dataclasses import dataclass, field

from sandbox.world.deployment_configuration import DeploymentConfiguration
from sandbox.world.target_groups import TargetGroup


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """The parameters of CreateService. The load balancer is optional."""

    name: str
    task_definition: str
    desired_count: int = 1
    target_group: TargetGroup | None = None
    container: str = "app"
    container_port: int = 8080
    grace_period: float = 0.0
    configuration: DeploymentConfiguration = field(default_factory=DeploymentConfiguration)
    addresses: str = "ipv4"
    """Of its tasks, where each has its own: `ipv4`, `ipv6` or `dualstack`."""
    controller: str = "ECS"
    scheduling: str = "REPLICA"


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """The parameters of UpdateService; None leaves a value as it is."""

    task_definition: str | None = None
    desired_count: int | None = None
    force_new_deployment: bool = False
    configuration: DeploymentConfiguration | None = None
    grace_period: float | None = None
