"""CloudWatch's metrics of the world as series, and expressions over them.

Tested in `tests/sandbox/world/test_world_telemetry.py`.
"""

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.world import metric_math
from sandbox.world.metric_math import ExpressionError, Series
from sandbox.world.metric_store import Metric, statistic
from sandbox.world.samples import MINUTE, MinuteSample
from sandbox.world.traffic import Traffic
from sandbox.world.world_context import WorldContext
from sandbox.world.world_records import Service

Availability = Literal["ok", "down", "forbidden", "partial", "internal", "empty"]

_ROUNDING_SECONDS = 0.001
"""Times that were translated between two clocks differ from whole minutes by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """One statistic of a metric, or an expression over other queries by their ids."""

    id: str
    metric: Metric | None = None
    statistic: str = "Average"
    unit: str = ""
    expression: str = ""
    label: str = ""
    returns_data: bool = True

    @property
    def words(self) -> str:
        """What CloudWatch calls the series where no label is given."""
        return self.label or (self.metric.name if self.metric else self.id)


@dataclass(frozen=True, slots=True)
class PeriodRange:
    """A range of time cut into periods: seconds since the epoch, `end` not included."""

    start: float
    end: float
    period: float


class Telemetry:
    """Answers for the metrics of all services.

    Attributes:
        availability: of CloudWatch, its alarms and logs included. `down`: every call fails.
            `forbidden`: every call is denied. `partial`, `internal`: every result is marked as
            incomplete. `empty`: no metric has values.
    """

    def __init__(
        self, context: WorldContext, traffic: Traffic, services: Callable[[], Iterable[Service]]
    ) -> None:
        """Take the world's context and traffic, and a function that yields its services."""
        self._queue = context.queue
        self._delay = context.timings.telemetry_delay
        self._traffic = traffic
        self._services = services
        self.availability: Availability = "ok"

    @property
    def complete_until(self) -> float:
        """The moment until which all data have arrived; later minutes are there in part."""
        return self._queue.now - self._delay

    def series(
        self, queries: Sequence[MetricQuery], span: Callable[[MetricQuery], PeriodRange]
    ) -> dict[str, Series]:
        """Return the series of each query by id. A metric that is not published has no values.

        Args:
            queries: with ids of their own.
            span: returns the periods of a query.

        Raises:
            ExpressionError: An expression cannot be read, or names what is not there.
        """
        trees = {one.id: metric_math.parsed(one.expression) for one in queries if not one.metric}
        found: dict[str, Series] = {
            one.id: self._data(one, span(one)) for one in queries if one.metric
        }
        while trees:
            ready = [ident for ident, tree in trees.items() if metric_math.names(tree) <= {*found}]
            if not ready:
                ident, tree = next(iter(trees.items()))
                missing = ", ".join(sorted(metric_math.names(tree) - {*found}))
                raise ExpressionError(f"Error in expression '{ident}': {missing} not defined")
            for ident in ready:
                found[ident] = _evaluated(ident, trees.pop(ident), found)
        return found

    def _data(self, query: MetricQuery, span: PeriodRange) -> Series:
        metric = query.metric
        if metric is None or query.unit not in {"", metric.unit}:
            return {}
        service = next((item for item in self._services() if metric.is_about(item)), None)
        if service is None:
            return {}
        periods: dict[float, list[MinuteSample]] = {}
        known = self.complete_until
        first = math.ceil(
            (max(span.start, service.created_at - MINUTE) - _ROUNDING_SECONDS) / MINUTE
        )
        for minute in range(first, math.ceil(min(span.end - _ROUNDING_SECONDS, known) / MINUTE)):
            number = (minute * MINUTE - span.start + _ROUNDING_SECONDS) // span.period
            samples = self._traffic.samples(service, minute, known)
            periods.setdefault(span.start + number * span.period, []).extend(samples)
        values = {
            moment: statistic(metric, query.statistic, samples)
            for moment, samples in periods.items()
        }
        return {moment: value for moment, value in values.items() if value is not None}


def _evaluated(ident: str, tree: ast.expr, series: Mapping[str, Series]) -> Series:
    try:
        found = metric_math.evaluated(tree, series)
    except ExpressionError as error:
        raise ExpressionError(f"Error in expression '{ident}': {error}") from error
    if isinstance(found, Mapping):
        return found
    moments = sorted({moment for one in series.values() for moment in one})
    return dict.fromkeys(moments, found)
