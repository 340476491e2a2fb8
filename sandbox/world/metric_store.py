"""CloudWatch's metrics of the world, by namespace, name and dimensions, and their statistics."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sandbox.world.samples import Sample
from sandbox.world.world_records import Service

ECS: Final = "AWS/ECS"
OWN: Final = "Recipes"
"""The namespace in which the applications publish what they measure themselves."""

UNITS: Final[Mapping[tuple[str, str], str]] = {
    (ECS, "CPUUtilization"): "Percent",
    (ECS, "MemoryUtilization"): "Percent",
    (OWN, "Requests"): "Count",
    (OWN, "Errors"): "Count",
    (OWN, "Latency"): "Milliseconds",
}
"""Everything that is published."""

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_PLAIN: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "SampleCount": len,
    "Sum": math.fsum,
    "Average": lambda values: math.fsum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}
_EDGES: Final[Mapping[str, float]] = {"Minimum": 0.000001, "Maximum": 0.999999}
"""Quantiles that are beyond what any number of requests lets one know."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric by its names."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def is_of(self, service: Service) -> bool:
        """Whether it is published, and is about a service. Dimensions must be given in full."""
        names = {"ClusterName": service.cluster.name, "ServiceName": service.name}
        own = {"Service": service.name}
        expected = names if self.namespace == ECS else own
        return (self.namespace, self.name) in UNITS and self.dimensions == expected

    @property
    def unit(self) -> str:
        """The unit that it is published with; empty for one that is not."""
        return UNITS.get((self.namespace, self.name), "")


def is_statistic(name: str) -> bool:
    """Whether the world knows a statistic: the plain ones, and percentiles."""
    return name in _PLAIN or _PERCENTILE.fullmatch(name) is not None


def statistic(metric: Metric, name: str, samples: Sequence[Sample]) -> float | None:
    """Return a statistic of what the tasks of a service did; None where nothing was published.

    Every task publishes a value a minute, and one of `Latency` for every request. `Errors` has a
    0 where there were requests and no error, and nothing where there was no request.
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


def _values(name: str, samples: Sequence[Sample]) -> list[float]:
    match name:
        case "CPUUtilization":
            return [sample.cpu for sample in samples]
        case "MemoryUtilization":
            return [sample.memory for sample in samples]
        case "Errors":
            return [sample.errors for sample in samples if sample.requests]
    return [sample.requests for sample in samples if sample.task.well_at is not None]


def _latency(name: str, samples: Sequence[Sample]) -> float | None:
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
