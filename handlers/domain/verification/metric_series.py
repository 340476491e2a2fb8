"""The measurements of a color and of its control as samples, period by period.

Tested in `test_verdict_record.py`.
"""

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
"""Newest periods that may be missing: CloudWatch has them some minutes later."""


@dataclass(frozen=True, kw_only=True)
class MetricSeries:
    """The metrics of a color and of its control, by check and color."""

    color: str
    control: Sequence[str]
    """The colors that still run the old release."""
    measured: Mapping[tuple[str, str], Measured]
    window: PeriodWindow
    multiplicity: Multiplicity

    def points(self, check: str, color: str) -> Measured:
        """Return what was measured for a check in a color."""
        not_queried = Unmeasured(verdict=Verdict.ERROR, why=f"{check} was not asked for.")
        return self.measured.get((check, color), not_queried)


def control_sample(
    check: MetricCheck, series: MetricSeries, periods: int
) -> Sample | Unmeasured | None:
    """Return the control's sample; None where the check compares nothing or no control is left."""
    if check.effect is None or not series.control:
        return None
    return sample_of(check, series, series.control, series.window.periods[:periods])


def sample_of(
    check: MetricCheck, series: MetricSeries, colors: Sequence[str], periods: Sequence[datetime]
) -> Sample | Unmeasured:
    """Return one sample of one check from several colors, averaged by their requests."""
    if check.of:
        return _proportion_sample(check, series, colors, periods)
    seen = {color: series.points(check.name, color) for color in colors}
    weights = {color: series.points("requests", color) for color in colors}
    failed = [each for each in seen.values() if isinstance(each, Unmeasured)]
    if failed:
        return failed[0]
    values = [
        _mean([(_value_at(seen[c], start), _value_at(weights[c], start)) for c in colors])
        for start in periods
    ]
    return Sample(values=values)


def _proportion_sample(
    check: MetricCheck, series: MetricSeries, colors: Sequence[str], periods: Sequence[datetime]
) -> Sample | Unmeasured:
    """Add up counts; a period counts only where both counts of every color were measured."""
    events, of = [], []
    for color in colors:
        seen, whole = series.points(check.name, color), series.points(check.of, color)
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


def without_late_periods(sample: Sample) -> Sample:
    """Leave out the newest periods that CloudWatch may not have yet."""
    values, of, late = list(sample.values), list(sample.totals), 0
    while values and values[-1] is None and late < MAX_LATE_PERIODS:
        values.pop()
        of[-1:] = []
        late += 1
    return Sample(values=values, totals=of)


def or_empty(sample: Sample | Unmeasured) -> Sample:
    """Return an empty sample for a past that could not be measured."""
    return Sample(values=()) if isinstance(sample, Unmeasured) else sample


def values_in(points: Points, periods: Sequence[datetime]) -> list[float | None]:
    return [_value_at(points, start) for start in periods]


def _value_at(points: Measured, start: datetime) -> float | None:
    if isinstance(points, Unmeasured):
        return None
    value = points.values.get(start)
    return value if value is not None and isfinite(value) else None


def _mean(weighted: Sequence[tuple[float | None, float | None]]) -> float | None:
    """Return the mean, weighted where all weights are known; None where a value is missing."""
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
