"""Counts of events, what chance does to them, and what is usual: the mathematics of shares.

Of k errors in n requests of the color and K in N of the control, k is binomial given k + K, with
p = nr / (nr + N) if the color is as good as the control (Przyborowski and Wilenski 1940). r is by
how much the two have always differed: learned from the hour before, drawn towards 1 as far as that
hour is uncertain. "Worse than m times" is shown when P(X ≥ k | p of mr) is below the chance
allowed, exactly, by the incomplete beta function; it needs no normal approximation and no errors
in the control.

An upper bound of color - a·expected - b combines exact Poisson limits (Garwood 1936) by MOVER
(Zou and Donner 2008): the estimate + √((u - c)² + a²(e - l)²), with the color's share c and its
upper limit u, and the expected share e and its lower limit l.

Errors come in bursts, so counts are worth less than they seem. The dispersion D is the variance of
the conditional counts over its binomial value, with the autocovariances of neighbouring minutes
(`dispersion`), never below 1; counts are divided by D (quasi-likelihood, Wedderburn 1974). What an
hour cannot show, a slow drift of one color's rate, is a variance added to that of log(ratio).
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
"""By how much (standard deviation, logarithmic) two equal colors' rates differ for ever."""
DRIFT_SD: Final = 0.1
"""By how much that differs from one hour to the next."""
HOURLY_SD: Final = 0.3
"""By how much one color's rate differs from hour to hour: what comparing with its past adds."""
ASSUMED_DISPERSION: Final = 1.5
"""Dispersion where none can be learned."""
_HALF_EVENT: Final = 0.5
_MAX_RATIO_SD: Final = 3.0
"""Of `COLOR_SD`: a color that was worse than that before is not excused by having been so."""


class PeriodCounts(NamedTuple):
    """Errors and requests of the color and of what it is compared with, in one period."""

    errors: float
    requests: float
    control_errors: float = 0.0
    control_requests: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The same over many periods, corrected for bursts."""

    errors: float = 0.0
    requests: float = 0.0
    control_errors: float = 0.0
    control_requests: float = 0.0
    ratio: float = 1.0
    """r: the color's usual rate in the control's."""
    unsettled: float = 0.0
    """Variance of log(ratio) that counting more would not take away."""
    bursts: float = 1.0
    """D."""
    freedom: float = math.inf
    """Degrees of freedom of D."""

    @property
    def share(self) -> float:
        return self.errors / self.requests if self.requests else 0.0

    @property
    def expected(self) -> float:
        """The share that the control says the color should have."""
        if not self.control_requests:
            return 0.0
        return self.ratio * self.control_errors / self.control_requests

    @property
    def scarcity(self) -> float:
        """Variance of log(ratio) by counting alone; a half is added, for there may be none."""
        return 1 / (self.errors + _HALF_EVENT) + 1 / (self.control_errors + _HALF_EVENT)

    def dispersion(self, alpha: float) -> float:
        """Return by what to divide the counts before a bound at this chance of error."""
        heavier = t_quantile(alpha, self.freedom) / -NormalDist().inv_cdf(alpha)
        return (self.bursts + self.unsettled / self.scarcity) * heavier**2

    def is_worse_than(self, times: float, alpha: float) -> bool:
        """Whether the color's share is shown to be more than so many times the expected one."""
        if not self.errors:
            return False
        by = self.dispersion(alpha)
        weight = times * self.ratio * self.requests
        chance = beta_cdf(
            weight / (weight + self.control_requests),
            self.errors / by,
            self.control_errors / by + 1,
        )
        return chance <= alpha

    def most_beyond(self, times: float, more: float, alpha: float) -> float:
        """Return the upper bound of the share less `times` the expected one less `more`."""
        if not self.requests or not self.control_requests:
            return math.inf
        by = self.dispersion(alpha)
        high = by * poisson_upper_limit(self.errors / by, alpha) / self.requests
        low = self.expected - by * poisson_lower_limit(self.control_errors / by, alpha) * (
            self.ratio / self.control_requests
        )
        apart = math.hypot(high - self.share, times * low)
        return self.share - times * self.expected - more + apart


def control_baseline(before: Sequence[PeriodCounts], count: int) -> Counts:
    """Learn how color and control usually differ, and how their counts disperse."""
    total = totals(before)
    if len(before) < MIN_VALUES or not total.requests or not total.control_requests:
        return Counts(bursts=ASSUMED_DISPERSION, unsettled=COLOR_SD**2 + DRIFT_SD**2)
    odds = total.requests / (total.requests + total.control_requests)
    share = total.errors / max(_HALF_EVENT, total.errors + total.control_errors)
    share = share if total.errors and total.control_errors else odds
    together = [
        (each.errors, each.errors + each.control_errors, each.requests, each.control_requests)
        for each in before
    ]
    weight = share * (1 - odds) / (odds * (1 - share))
    apart = [
        (errors, both, weight * of / (weight * of + control_of) if of + control_of else _HALF_EVENT)
        for errors, both, of, control_of in together
    ]
    bursts = variance_ratio(
        [errors - both * p for errors, both, p in apart],
        sum(both * p * (1 - p) for _, both, p in apart),
        count,
    )
    drawn = COLOR_SD**2 / (COLOR_SD**2 + bursts * total.scarcity)
    excused = _MAX_RATIO_SD * COLOR_SD
    return Counts(
        ratio=math.exp(min(max(drawn * math.log(weight), -excused), excused)),
        unsettled=COLOR_SD**2 * (1 - drawn) + DRIFT_SD**2,
        bursts=bursts,
        freedom=float(len(before)),
    )


def past_baseline(before: Sequence[PeriodCounts], count: int) -> tuple[Counts, Counts]:
    """Return the color's own past as its control would be, and its totals."""
    bursts, freedom = estimate_dispersion([(each.errors, each.requests) for each in before], count)
    return Counts(bursts=bursts, freedom=freedom, unsettled=HOURLY_SD**2), totals(before)


def estimate_dispersion(counts: Sequence[tuple[float, float]], count: int) -> tuple[float, float]:
    """Return the dispersion of events of so many, and its degrees of freedom."""
    events, of = sum(each for each, _ in counts), sum(each for _, each in counts)
    if len(counts) < MIN_VALUES or not of:
        return ASSUMED_DISPERSION, math.inf
    share = events / of
    apart = [each - share * out_of for each, out_of in counts]
    return variance_ratio(apart, of * share * (1 - share), count), float(len(counts))


def totals(periods: Sequence[PeriodCounts]) -> Counts:
    return with_totals(Counts(), periods)


def with_totals(usual: Counts, periods: Sequence[PeriodCounts]) -> Counts:
    """Count the periods, with what is usual."""
    return replace(
        usual,
        errors=sum(each.errors for each in periods),
        requests=sum(each.requests for each in periods),
        control_errors=sum(each.control_errors for each in periods),
        control_requests=sum(each.control_requests for each in periods),
    )


def paired_with_past(past: Counts, bake: Sequence[PeriodCounts]) -> list[PeriodCounts]:
    """Put the past beside each period of the bake, a fair part of it each."""
    part = 1 / len(bake)
    beside = (past.errors * part, past.requests * part)
    return [PeriodCounts(each.errors, each.requests, *beside) for each in bake]


def variance_ratio(apart: Sequence[float], variance: float, count: int) -> float:
    """Return how many times the variance of a sum of so many neighbours is what chance gives.

    Σ (1 - lag/m) of the lagged products, both ways, in the variance that independent events have;
    m is `count`, a quarter of the series at most; over (1 - m/n), because the mean was taken out.
    """
    if variance <= 0:
        return 1.0
    most_lags = max(1, min(count, len(apart) // 4))
    together = sum(each * each for each in apart)
    for lag in range(1, most_lags):
        products = sum(one * other for one, other in zip(apart, apart[lag:], strict=False))
        together += 2 * (1 - lag / most_lags) * products
    return max(1.0, together / variance / (1 - most_lags / len(apart)))
