"""Target groups, and the health that the load balancer reports for each target."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.world.event_queue import Agenda


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

    def become(self, state: str, reason: str = "", description: str = "") -> None:
        """Change what the load balancer reports."""
        self.state, self.reason, self.description = state, reason, description


@dataclass(slots=True, eq=False)
class TargetGroup:
    """What the load balancer distributes requests over. The targets are those of all colors.

    Attributes:
        kind: `ip` (the tasks' own addresses, awsvpc) or `instance` (instance and host port).
        deregistration_delay: seconds that a leaving target is draining.
    """

    name: str
    arn: str
    kind: str
    port: int
    vpc: str
    deregistration_delay: float = 30.0
    health_check_path: str = "/health"
    targets: dict[tuple[str, int], Target] = field(default_factory=dict)

    def register(self, target: Target) -> None:
        """Add a target; it starts in `initial`."""
        self.targets[target.id, target.port] = target

    def deregister(self, target: Target, agenda: Agenda, gone: Callable[[], None]) -> None:
        """Let a target drain, then forget it and call `gone`."""
        target.become(
            "draining",
            "Target.DeregistrationInProgress",
            "Target deregistration is in progress",
        )
        agenda.after(self.deregistration_delay, self._forget, target, gone)

    def _forget(self, target: Target, gone: Callable[[], None]) -> None:
        self.targets.pop((target.id, target.port), None)
        gone()
