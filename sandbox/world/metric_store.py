"""The metrics that CloudWatch has of the world, and their statistics.

Tested in `tests/sandbox/world/test_world_telemetry.py`.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sandbox.world.samples import MinuteSample
from sandbox.world.world_records import Service

ECS_NAMESPACE: Final = "AWS/ECS"
APPLICATION_NAMESPACE: Final = "Recipes"
"""The namespace in which the applications publish metrics of their own."""

UNITS: Final[Mapping[tuple[str, str], str]] = {
    (ECS_NAMESPACE, "CPUUtilization"): "Percent",
    (ECS_NAMESPACE, "MemoryUtilization"): "Percent",
    (APPLICATION_NAMESPACE, "Requests"): "Count",
    (APPLICATION_NAMESPACE, "Errors"): "Count",
    (APPLICATION_NAMESPACE, "Latency"): "Milliseconds",
}
"""Every published metric, by namespace and name."""

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_PLAIN: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "SampleCount": len,
    "Sum": math.fsum,
    "Average": lambda values: math.fsum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}
_EDGES: Final[Mapping[str, float]] = {"Minimum": 0.000001, "Maximum": 0.999999}
"""Quantiles that stand for the extremes of a distribution without bounds."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's identity."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def is_about(self, service: Service) -> bool:
        """Whether it is a published metric of the service. Dimensions must be given in full."""
        names = {"ClusterName": service.cluster.name, "ServiceName": service.name}
        own = {"Service": service.name}
        expected = names if self.namespace == ECS_NAMESPACE else own
        return (self.namespace, self.name) in UNITS and self.dimensions == expected

    @property
    def unit(self) -> str:
        """The unit of its values; empty for a metric that is not published."""
        return UNITS.get((self.namespace, self.name), "")


def is_statistic(name: str) -> bool:
    """Whether it is a statistic that the world computes: a plain one or a percentile."""
    return name in _PLAIN or _PERCENTILE.fullmatch(name) is not None


def statistic(metric: Metric, name: str, samples: Sequence[MinuteSample]) -> float | None:
    """Return a statistic of a service's samples; None where nothing was published.

    Every task publishes a value a minute, and one of `Latency` for every request. `Errors` is 0
    in a minute of requests without an error, and absent in a minute without a request.
    """
    if metric.name == "Latency":
        return _latency(name, [sample for sample in samples if sample.requests])
    values = sorted(_values(metric.name, samples))
    if not values:
        return None
    if name in _PLAIN:
        return float(_PLAIN[name](values))
    # The nearest rank.
    return values[max(0, math.ceil(_share(name) * len(values)) - 1)]


def _values(name: str, samples: Sequence[MinuteSample]) -> list[float]:
    match name:
        case "CPUUtilization":
            return [sample.cpu for sample in samples]
        case "MemoryUtilization":
            return [sample.memory for sample in samples]
        case "Errors":
            return [sample.errors for sample in samples if sample.requests]
    return [sample.requests for sample in samples if sample.task.healthy_at is not None]


def _latency(name: str, samples: Sequence[MinuteSample]) -> float | None:
    requests = sum(sample.requests for sample in samples)
    if not requests:
        return None
    if name == "SampleCount":
        return float(requests)
    if name in {"Sum", "Average"}:
        total = sum(sample.requests * sample.mean_latency for sample in samples)
        return total if name == "Sum" else total / requests
    lowest, highest = _EDGES.values()
    share = min(max(_EDGES.get(name) or _share(name), lowest), highest)
    if name in _EDGES:
        return _PLAIN[name]([sample.latency(share) for sample in samples])
    # Of tasks that do the same, the quantile of all is near the mean of theirs.
    return sum(sample.requests * sample.latency(share) for sample in samples) / requests


def _share(percentile: str) -> float:
    return float(percentile.removeprefix("p")) / 100
