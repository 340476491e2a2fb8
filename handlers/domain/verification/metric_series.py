"""What was measured of a color and of its control, put together period by period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Final

from handlers.domain.model.measurements import Measured, Points, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import MetricCheck
from handlers.domain.statistics.comparison import Multiplicity, Sample
from handlers.domain.verification.period_window import PeriodWindow

MAX_LATE_PERIODS: Final = 3
"""The newest periods may be missing: CloudWatch has them some minutes later."""


@dataclass(frozen=True, kw_only=True)
class MetricSeries:
    """The metrics of a color and of those that it is compared with, by check and color."""

    color: str
    control: Sequence[str]
    """The colors that still run the old release."""
    measured: Mapping[tuple[str, str], Measured]
    window: PeriodWindow
    multiplicity: Multiplicity

    def points(self, check: str, color: str) -> Measured:
        """Return what was measured for a check in a color."""
        nobody_asked = Unmeasured(verdict=Verdict.ERROR, why=f"{check} was not asked for.")
        return self.measured.get((check, color), nobody_asked)


def control_sample(
    check: MetricCheck, readings: MetricSeries, periods: int
) -> Sample | Unmeasured | None:
    """Return the control's side; None where the check, or the color, has none."""
    if check.effect is None or not readings.control:
        return None
    return sample_of(check, readings, readings.control, readings.window.periods[:periods])


def sample_of(
    check: MetricCheck, readings: MetricSeries, colors: Sequence[str], periods: Sequence[datetime]
) -> Sample | Unmeasured:
    """Put the colors' measurements of one check together, period by period."""
    if check.of:
        return _proportion_sample(check, readings, colors, periods)
    seen = {color: readings.points(check.name, color) for color in colors}
    weights = {color: readings.points("requests", color) for color in colors}
    failed = [each for each in seen.values() if isinstance(each, Unmeasured)]
    if failed:
        return failed[0]
    values = [
        _mean([(_value_at(seen[c], start), _value_at(weights[c], start)) for c in colors])
        for start in periods
    ]
    return Sample(values=values)


def _proportion_sample(
    check: MetricCheck, readings: MetricSeries, colors: Sequence[str], periods: Sequence[datetime]
) -> Sample | Unmeasured:
    """Add counts up; a period counts only where every color's both counts were measured."""
    events, of = [], []
    for color in colors:
        seen, whole = readings.points(check.name, color), readings.points(check.of, color)
        if isinstance(whole, Unmeasured):
            return whole
        is_silent = isinstance(seen, Unmeasured) and seen.verdict is Verdict.NO_DATA
        if check.sparse and is_silent:
            seen = Points(values={})
        if isinstance(seen, Unmeasured):
            return seen
        of.append(values_in(whole, periods))
        own = values_in(seen, periods)
        events.append(
            [
                0.0 if check.sparse and value is None and total is not None else value
                for value, total in zip(own, of[-1], strict=True)
            ]
        )
    pairs = [
        (_total([each[n] for each in events]), _total([each[n] for each in of]))
        for n in range(len(periods))
    ]
    whole_pairs = [pair if None not in pair else (None, None) for pair in pairs]
    return Sample(values=[e for e, _ in whole_pairs], totals=[n for _, n in whole_pairs])


def without_late_periods(side: Sample) -> Sample:
    """Leave the newest periods out while CloudWatch may not have them yet."""
    values, of, late = list(side.values), list(side.totals), 0
    while values and values[-1] is None and late < MAX_LATE_PERIODS:
        values.pop()
        of[-1:] = []
        late += 1
    return Sample(values=values, totals=of)


def or_empty(side: Sample | Unmeasured) -> Sample:
    """Take a past that could not be measured for one that is not known."""
    return Sample(values=()) if isinstance(side, Unmeasured) else side


def values_in(points: Points, periods: Sequence[datetime]) -> list[float | None]:
    return [_value_at(points, start) for start in periods]


def _value_at(points: Measured, start: datetime) -> float | None:
    if isinstance(points, Unmeasured):
        return None
    value = points.values.get(start)
    return value if value is not None and isfinite(value) else None


def _mean(weighted: Sequence[tuple[float | None, float | None]]) -> float | None:
    """Average the values, by their weights where all are known; None where a value is missing."""
    values = [value for value, _ in weighted if value is not None]
    weights = [weight for _, weight in weighted if weight is not None]
    if len(values) < len(weighted):
        return None
    if len(weights) == len(values) and sum(weights) > 0:
        return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
    return sum(values) / len(values) if values else None


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
