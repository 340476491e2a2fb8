"""Target groups, and the health that the load balancer reports for each target.

Tested in `tests/sandbox/world/test_world_tasks.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.world.event_queue import EventQueue


@dataclass(slots=True, eq=False)
class Target:
    """One address that the load balancer sends requests to.

    `state`, `reason` and `description` are those of DescribeTargetHealth.
    """

    id: str
    port: int
    zone: str
    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"

    def set_state(self, state: str, reason: str = "", description: str = "") -> None:
        """Change what the load balancer reports."""
        self.state, self.reason, self.description = state, reason, description


@dataclass(slots=True, eq=False)
class TargetGroup:
    """A target group. Its targets are the tasks of all colors.

    Attributes:
        kind: `ip` (the tasks' own addresses, awsvpc) or `instance` (instance and host port).
        deregistration_delay: seconds that a leaving target is draining.
        addresses: of its targets: `ipv4` or `ipv6`.
    """

    name: str
    arn: str
    kind: str
    port: int
    vpc: str
    deregistration_delay: float = 30.0
    health_check_path: str = "/health"
    addresses: str = "ipv4"
    targets: dict[tuple[str, int], Target] = field(default_factory=dict)

    def register(self, target: Target) -> None:
        """Add a target; it starts in `initial`."""
        self.targets[target.id, target.port] = target

    def deregister(self, target: Target, queue: EventQueue, callback: Callable[[], None]) -> None:
        """Drain a target, then remove it and call `callback`."""
        target.set_state(
            "draining",
            "Target.DeregistrationInProgress",
            "Target deregistration is in progress",
        )
        queue.schedule(self.deregistration_delay, self._forget, target, callback)

    def _forget(self, target: Target, callback: Callable[[], None]) -> None:
        self.targets.pop((target.id, target.port), None)
        callback()
