"""How a service may replace its tasks, and when a deployment counts as failed.

Tested in `tests/sandbox/world/test_world_breaker.py`.
"""

import math
from dataclasses import dataclass, field

_LEAST_THRESHOLD = 3
_MOST_THRESHOLD = 200


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """The deployment circuit breaker, with ECS's defaults.

    Source: botocore's ECS model, `DeploymentCircuitBreaker` and `ThresholdConfiguration`.
    """

    enable: bool = False
    rollback: bool = False
    reset_on_healthy_task: bool = True
    threshold_type: str = "BOUNDED_PERCENT"
    threshold_value: int = 50

    def threshold(self, desired: int) -> int:
        """Return how many failed tasks in a row fail a deployment of `desired` tasks.

        By default half of desired, at least 3 and at most 200. Source: ECS developer guide,
        "How the Amazon ECS deployment circuit breaker detects failures".
        """
        if self.threshold_type == "COUNT":
            return self.threshold_value
        share = math.ceil(desired * self.threshold_value / 100)
        if self.threshold_type == "UNBOUNDED_PERCENT":
            return max(1, share)
        return min(max(share, _LEAST_THRESHOLD), _MOST_THRESHOLD)


@dataclass(frozen=True, slots=True)
class EarlySuccess:
    """When ECS calls a deployment a success before all its tasks run and the old ones are gone.

    Source: botocore's ECS model, `DeploymentEarlySuccessCriteria`.
    """

    healthy_percent: int = 100
    cleanup: str = "DEFERRED"
    """Or BLOCKING: the old tasks go before the success."""
    cleanup_after: float = 600.0
    """Seconds from the success to the old tasks' end, where that is deferred. AWS says only that it
    is in the background."""


@dataclass(frozen=True, slots=True)
class DeploymentConfiguration:
    """Bounds of a rolling deployment, in per cent of the desired count."""

    maximum_percent: int = 200
    minimum_healthy_percent: int = 100
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    early_success: EarlySuccess | None = None

    def maximum(self, desired: int) -> int:
        """Return how many tasks may be pending or running at once: rounded down."""
        return desired * self.maximum_percent // 100

    def minimum(self, desired: int) -> int:
        """Return how many healthy tasks must be left: rounded up."""
        return -(-desired * self.minimum_healthy_percent // 100)
