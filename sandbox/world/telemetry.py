"""What CloudWatch knows of the world: its metrics over time, and expressions over them."""

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.world import metric_math
from sandbox.world.metric_math import ExpressionError, Series
from sandbox.world.metric_store import Metric, statistic
from sandbox.world.samples import MINUTE, Sample
from sandbox.world.traffic import Traffic
from sandbox.world.world_context import Context
from sandbox.world.world_records import Service

Weather = Literal["ok", "down", "forbidden", "partial", "internal", "empty"]

_ALMOST = 0.001
"""Seconds: times that were translated between two clocks are whole minutes but for rounding."""


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
class Span:
    """A range of time cut into periods: seconds since the epoch, `end` not included."""

    start: float
    end: float
    period: float


class Telemetry:
    """Answers for the metrics of all services.

    Attributes:
        weather: how CloudWatch fares. `down`: it answers nothing, nor do its alarms and logs.
            `forbidden`: it may not be read, nor its alarms and logs. `partial`, `internal`:
            every result says that it is not complete. `empty`: nothing is found.
    """

    def __init__(
        self, context: Context, traffic: Traffic, services: Callable[[], Iterable[Service]]
    ) -> None:
        """Take the world's time, where its samples come from, and where its services are."""
        self._agenda = context.agenda
        self._delay = context.timings.telemetry_delay
        self._traffic = traffic
        self._services = services
        self.weather: Weather = "ok"

    @property
    def known_until(self) -> float:
        """The moment until which everything has arrived; of later minutes a part is there."""
        return self._agenda.now - self._delay

    def answers(
        self, queries: Sequence[MetricQuery], span: Callable[[MetricQuery], Span]
    ) -> dict[str, Series]:
        """Return the series of each query by id. A metric that is not published has no values.

        Args:
            queries: with ids of their own.
            span: says which periods a query is about.

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
                found[ident] = _worked_out(ident, trees.pop(ident), found)
        return found

    def _data(self, query: MetricQuery, span: Span) -> Series:
        metric = query.metric
        if metric is None or query.unit not in {"", metric.unit}:
            return {}
        service = next((item for item in self._services() if metric.is_of(item)), None)
        if service is None:
            return {}
        periods: dict[float, list[Sample]] = {}
        known = self.known_until
        first = math.ceil((max(span.start, service.created_at - MINUTE) - _ALMOST) / MINUTE)
        for minute in range(first, math.ceil(min(span.end - _ALMOST, known) / MINUTE)):
            number = (minute * MINUTE - span.start + _ALMOST) // span.period
            samples = self._traffic.samples(service, minute, known)
            periods.setdefault(span.start + number * span.period, []).extend(samples)
        values = {
            moment: statistic(metric, query.statistic, samples)
            for moment, samples in periods.items()
        }
        return {moment: value for moment, value in values.items() if value is not None}


def _worked_out(ident: str, tree: ast.expr, series: Mapping[str, Series]) -> Series:
    try:
        found = metric_math.evaluated(tree, series)
    except ExpressionError as error:
        raise ExpressionError(f"Error in expression '{ident}': {error}") from error
    if isinstance(found, Mapping):
        return found
    moments = sorted({moment for one in series.values() for moment in one})
    return dict.fromkeys(moments, found)
