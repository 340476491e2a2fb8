"""AWS's request rates of an account in a region, and the throttling beyond them.

Sources: Amazon ECS Developer Guide, "Request throttling for the Amazon ECS API"; AWS Step
Functions Developer Guide, "Quotas", of a small region. Where ECS's page gives one bucket to a
group of operations they share it here, which is the stricter reading.

Tested in `tests/contract/wire/test_rates.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from sandbox.wire.fault_injection import WireError
from sandbox.wire.token_buckets import Bucket, Rate

ECS_RATES: Final[Mapping[str, tuple[Rate, tuple[str, ...]]]] = {
    "UpdateService": (Rate(50, 5), ("UpdateService", "DeleteService")),
    "DescribeServices": (Rate(100, 20), ("DescribeServices", "ListServices")),
    "service deployments": (
        Rate(50, 20),
        (
            "DescribeServiceDeployments",
            "DescribeServiceRevisions",
            "ListServiceDeployments",
            "StopServiceDeployment",
        ),
    ),
    "RegisterTaskDefinition": (Rate(20, 1), ("RegisterTaskDefinition",)),
    "DescribeTaskDefinition": (
        Rate(50, 20),
        ("DescribeTaskDefinition", "ListTaskDefinitions"),
    ),
    "DescribeTasks, ListTasks": (
        Rate(100, 20),
        ("DescribeTasks", "ListTasks", "DescribeContainerInstances"),
    ),
}
"""Bucket → its rate, and the operations that share it."""

STATES_RATES: Final[Mapping[str, tuple[Rate, tuple[str, ...]]]] = {
    "StartExecution": (Rate(800, 150), ("StartExecution",)),
    "SendTaskSuccess": (Rate(1500, 300), ("SendTaskSuccess", "SendTaskFailure")),
    "DescribeExecution": (Rate(250, 10), ("DescribeExecution",)),
    "ListExecutions": (Rate(100, 2), ("ListExecutions",)),
    "StopExecution": (Rate(500, 25), ("StopExecution",)),
}


@dataclass(frozen=True)
class MeteredBucket:
    """One bucket on two clocks: calls are refused by one, and only counted by the other."""

    enforced: Bucket
    observed: Bucket


class AwsRates:
    """A token bucket for each group of operations; `admit` is an interceptor's `before`."""

    def __init__(
        self,
        rates: Mapping[str, tuple[Rate, tuple[str, ...]]],
        clock: Callable[[], float],
        observed: Callable[[], float],
    ) -> None:
        """Fill every bucket.

        Args:
            rates: bucket → its rate, and the operations that share it.
            clock: seconds, by which calls are let through or refused.
            observed: seconds of another clock, by which the same calls are only counted.
        """
        self._clock, self._beside = clock, observed
        self._lock = Lock()
        self.buckets = {
            name: MeteredBucket(Bucket(rate, clock()), Bucket(rate, observed()))
            for name, (rate, _) in rates.items()
        }
        self._bucket_of = {
            operation: self.buckets[name]
            for name, (_, operations) in rates.items()
            for operation in operations
        }

    def admit(self, operation: str, _parameters: Mapping[str, Any]) -> None:
        """Take one call from its bucket; operations without a published rate pass.

        Raises:
            WireError: `ThrottlingException`, as AWS answers it.
        """
        metered = self._bucket_of.get(operation)
        if metered is None:
            return
        with self._lock:
            metered.observed.take(self._beside())
            if metered.enforced.take(self._clock()):
                raise WireError("ThrottlingException", "Rate exceeded")
