"""What the tasks of a service use of what they reserve, as CloudWatch knows it.

ECS sends of every service, each minute, the least, the most and the average of its tasks'
CPUUtilization and MemoryUtilization, in per cent of what the task definition reserves
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html). Its samples
come as such sets, of which CloudWatch has no percentiles, so these are worked out of the hours of
two weeks, and are not percentiles of samples:

- p50 is the median of the hours' averages: what is usual.
- p99 is what 99 % of the hours' maxima do not exceed (nearest rank). No sample of an hour exceeds
  its maximum, so that the p99 of the samples is at most this, where each hour has as many.
- peak is the highest sample of all.

They hold for the reservation of now, as long as it was the same all the time. A service that has
not been there for an hour yet is measured by the minute.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from handlers.domain.model.measurements import Measured, Points, Query, Unmeasured
from handlers.domain.model.outcomes import Verdict

MEASURED_PERIOD: Final = timedelta(days=14)
HOUR: Final = timedelta(hours=1)
"""336 values of each series: one page of one GetMetricData for every application."""
RECENT_PERIOD: Final = timedelta(hours=3)
MINUTE: Final = timedelta(minutes=1)
MIN_MEASURED: Final = timedelta(days=1)
"""A shorter measurement lacks the variation of a day."""

CPU: Final = "CPUUtilization"
MEMORY: Final = "MemoryUtilization"
_AVERAGE, _MAXIMUM = "Average", "Maximum"
_P99: Final = 0.99


@dataclass(frozen=True, kw_only=True)
class Utilization:
    """What was used, in per cent of the reservation."""

    p50: float
    p99: float
    peak: float
    measured: timedelta
    """Total length of the periods that had values."""


def utilization_queries(cluster: str, services: Sequence[str]) -> dict[str, Query]:
    """Return what CloudWatch is asked for, by the name of each series."""
    return {
        f"{service} {metric} {statistic}": Query(
            namespace="AWS/ECS",
            metric=metric,
            statistic=statistic,
            dimensions={"ClusterName": cluster, "ServiceName": service},
        )
        for service in services
        for metric in (CPU, MEMORY)
        for statistic in (_AVERAGE, _MAXIMUM)
    }


def utilizations(
    services: Sequence[str], by_hour: Mapping[str, Measured], by_minute: Mapping[str, Measured]
) -> dict[tuple[str, str], Utilization | Unmeasured]:
    """Return the utilization by service and metric: by the minute where both its series are."""

    def found(name: str) -> Utilization | Unmeasured:
        averages, maxima = f"{name} {_AVERAGE}", f"{name} {_MAXIMUM}"
        if {averages, maxima} <= by_minute.keys():
            return utilization_of(by_minute[averages], by_minute[maxima], MINUTE)
        return utilization_of(by_hour[averages], by_hour[maxima], HOUR)

    return {
        (service, metric): found(f"{service} {metric}")
        for service in services
        for metric in (CPU, MEMORY)
    }


def utilization_of(
    averages: Measured, maxima: Measured, period: timedelta
) -> Utilization | Unmeasured:
    """Return the utilization, computed as the docstring of this module says."""
    if isinstance(averages, Unmeasured):
        return averages
    if isinstance(maxima, Unmeasured):
        return maxima
    typical, highest = list(averages.values.values()), sorted(maxima.values.values())
    if not typical or not highest:
        return Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values of it.")
    return Utilization(
        p50=median(typical),
        p99=highest[math.ceil(_P99 * len(highest)) - 1],
        peak=highest[-1],
        measured=len(highest) * period,
    )


def is_empty(measured: Measured) -> bool:
    """Tell whether CloudWatch has no values, and could be asked."""
    return not isinstance(measured, Points) and measured.verdict is Verdict.NO_DATA
