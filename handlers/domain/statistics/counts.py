"""Counts of events, their dispersion and their baseline: the mathematics of proportions.

Of k errors in n requests of the color and K in N of the control, k is binomial given k + K, with
p = nr / (nr + N) if the color is as good as the control (Przyborowski and Wilenski 1940). r is the
usual ratio of the two rates: estimated from the hour before, and shrunk towards 1 by that hour's
uncertainty. "More than m times" is significant when P(X ≥ k | p of mr) is at most alpha. The test
is exact, by the incomplete beta function; it needs no normal approximation and no errors in the
control.

An upper bound of color - a·expected - b combines exact Poisson limits (Garwood 1936) by MOVER
(Zou and Donner 2008): the estimate + √((u - c)² + a²(e - l)²), with the color's proportion c and
its upper limit u, and the expected proportion e and its lower limit l.

Errors come in bursts: their counts are overdispersed. The dispersion D is the variance of the
conditional counts over its binomial value, with the autocovariances of consecutive minutes
(`variance_ratio`), never below 1; counts are divided by D (quasi-likelihood, Wedderburn 1974). A
slow drift of one color's rate, which an hour cannot show, is a variance added to that of
log(ratio).

Tested in `test_proportion_comparison.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final, NamedTuple

from handlers.domain.statistics.autocorrelation import MIN_VALUES
from handlers.domain.statistics.quantiles import (
    beta_cdf,
    poisson_lower_limit,
    poisson_upper_limit,
    t_quantile,
)

COLOR_SD: Final = 0.15
"""Standard deviation of the logarithm of the ratio between two equal colors' rates."""
DRIFT_SD: Final = 0.1
"""Standard deviation of the change of that logarithm from one hour to the next."""
HOURLY_SD: Final = 0.3
"""Standard deviation of the logarithm of one color's rate between hours, for its own past."""
ASSUMED_DISPERSION: Final = 1.5
"""Dispersion where none can be estimated."""
_HALF_EVENT: Final = 0.5
_MAX_RATIO_SD: Final = 3.0
"""Multiple of `COLOR_SD` that bounds the usual ratio: an earlier failure is no baseline."""


class PeriodCounts(NamedTuple):
    """Errors and requests of the color and of what it is compared with, in one period."""

    errors: float
    requests: float
    control_errors: float = 0.0
    control_requests: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The same over many periods, corrected for dispersion."""

    errors: float = 0.0
    requests: float = 0.0
    control_errors: float = 0.0
    control_requests: float = 0.0
    ratio: float = 1.0
    """r: the usual ratio of the color's rate to the control's."""
    ratio_variance: float = 0.0
    """Variance of log(ratio) that more counts would not reduce."""
    dispersion: float = 1.0
    """D."""
    degrees_of_freedom: float = math.inf
    """Of D."""

    @property
    def proportion(self) -> float:
        return self.errors / self.requests if self.requests else 0.0

    @property
    def expected(self) -> float:
        """The proportion that the control predicts for the color."""
        if not self.control_requests:
            return 0.0
        return self.ratio * self.control_errors / self.control_requests

    @property
    def sampling_variance(self) -> float:
        """Variance of log(ratio) by counting alone, with half an event added to each count."""
        return 1 / (self.errors + _HALF_EVENT) + 1 / (self.control_errors + _HALF_EVENT)

    def divisor(self, alpha: float) -> float:
        """Return the number by which counts are divided before a bound at this alpha."""
        tail_ratio = t_quantile(alpha, self.degrees_of_freedom) / -NormalDist().inv_cdf(alpha)
        return (self.dispersion + self.ratio_variance / self.sampling_variance) * tail_ratio**2

    def exceeds(self, times: float, alpha: float) -> bool:
        """Whether the proportion is significantly more than `times` the expected one."""
        if not self.errors:
            return False
        divisor = self.divisor(alpha)
        weight = times * self.ratio * self.requests
        p_value = beta_cdf(
            weight / (weight + self.control_requests),
            self.errors / divisor,
            self.control_errors / divisor + 1,
        )
        return p_value <= alpha

    def lower_limit(self, alpha: float) -> float:
        """Return the proportion's lower limit."""
        divisor = self.divisor(alpha)
        low = divisor * poisson_lower_limit(self.errors / divisor, alpha)
        return low / self.requests if self.requests else 0.0

    def upper_limit(self, alpha: float) -> float:
        """Return the proportion's upper limit; there must be requests."""
        divisor = self.divisor(alpha)
        return divisor * poisson_upper_limit(self.errors / divisor, alpha) / self.requests

    def upper_bound_beyond(self, times: float, more: float, alpha: float) -> float:
        """Return the upper bound of the proportion less `times` the expected one less `more`."""
        if not self.requests or not self.control_requests:
            return math.inf
        divisor = self.divisor(alpha)
        low = self.expected - divisor * poisson_lower_limit(
            self.control_errors / divisor, alpha
        ) * (self.ratio / self.control_requests)
        margin = math.hypot(self.upper_limit(alpha) - self.proportion, times * low)
        return self.proportion - times * self.expected - more + margin


def control_baseline(before: Sequence[PeriodCounts], count: int) -> Counts:
    """Estimate the usual ratio of color and control, and the dispersion of their counts."""
    total = totals(before)
    if len(before) < MIN_VALUES or not total.requests or not total.control_requests:
        return Counts(dispersion=ASSUMED_DISPERSION, ratio_variance=COLOR_SD**2 + DRIFT_SD**2)
    odds = total.requests / (total.requests + total.control_requests)
    share = total.errors / max(_HALF_EVENT, total.errors + total.control_errors)
    share = share if total.errors and total.control_errors else odds
    counts = [
        (each.errors, each.errors + each.control_errors, each.requests, each.control_requests)
        for each in before
    ]
    weight = share * (1 - odds) / (odds * (1 - share))
    expectations = [
        (errors, both, weight * of / (weight * of + control_of) if of + control_of else _HALF_EVENT)
        for errors, both, of, control_of in counts
    ]
    dispersion = variance_ratio(
        [errors - both * p for errors, both, p in expectations],
        sum(both * p * (1 - p) for _, both, p in expectations),
        count,
    )
    shrinkage = COLOR_SD**2 / (COLOR_SD**2 + dispersion * total.sampling_variance)
    max_log_ratio = _MAX_RATIO_SD * COLOR_SD
    return Counts(
        ratio=math.exp(min(max(shrinkage * math.log(weight), -max_log_ratio), max_log_ratio)),
        ratio_variance=COLOR_SD**2 * (1 - shrinkage) + DRIFT_SD**2,
        dispersion=dispersion,
        degrees_of_freedom=float(len(before)),
    )


def past_baseline(before: Sequence[PeriodCounts], count: int) -> tuple[Counts, Counts]:
    """Return the color's own past as its control would be, and its totals."""
    return replace(own_baseline(before, count), ratio_variance=HOURLY_SD**2), totals(before)


def own_baseline(before: Sequence[PeriodCounts], count: int) -> Counts:
    """Return a baseline without a control: the dispersion of the color's own errors."""
    total = totals(before)
    if len(before) < MIN_VALUES or not total.requests:
        return Counts(dispersion=ASSUMED_DISPERSION)
    proportion = total.proportion
    deviations = [each.errors - proportion * each.requests for each in before]
    variance = total.requests * proportion * (1 - proportion)
    return Counts(
        dispersion=variance_ratio(deviations, variance, count),
        degrees_of_freedom=float(len(before)),
    )


def totals(periods: Sequence[PeriodCounts]) -> Counts:
    return with_totals(Counts(), periods)


def with_totals(baseline: Counts, periods: Sequence[PeriodCounts]) -> Counts:
    """Return the baseline with the sums of these periods."""
    return replace(
        baseline,
        errors=sum(each.errors for each in periods),
        requests=sum(each.requests for each in periods),
        control_errors=sum(each.control_errors for each in periods),
        control_requests=sum(each.control_requests for each in periods),
    )


def paired_with_past(past: Counts, bake: Sequence[PeriodCounts]) -> list[PeriodCounts]:
    """Give each period of the bake an equal part of the past as its control."""
    part = 1 / len(bake)
    beside = (past.errors * part, past.requests * part)
    return [PeriodCounts(each.errors, each.requests, *beside) for each in bake]


def variance_ratio(deviations: Sequence[float], variance: float, count: int) -> float:
    """Return the variance of sums of `count` consecutive deviations in units of the given one.

    Σ (1 - lag/m) of the lagged products, both ways, in the variance that independent events have;
    m is `count`, a quarter of the series at most; over (1 - m/n), because the mean was removed.
    """
    if variance <= 0:
        return 1.0
    max_lags = max(1, min(count, len(deviations) // 4))
    total = sum(each * each for each in deviations)
    for lag in range(1, max_lags):
        products = sum(
            earlier * later for earlier, later in zip(deviations, deviations[lag:], strict=False)
        )
        total += 2 * (1 - lag / max_lags) * products
    return max(1.0, total / variance / (1 - max_lags / len(deviations)))
