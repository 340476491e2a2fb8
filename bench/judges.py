"""The judges that Shingo's is compared with: a plain Mann-Whitney test, and Kayenta's rules.

Tested in `test_verification_rates.py`.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean
from typing import Final

from handlers.domain.statistics.comparison import PairedSamples, Sample

MIN_MINUTES: Final = 4
"""Minutes a side from which Mann-Whitney can reject at 0.05 at all."""
CONFIDENCE: Final = 0.98
TOLERANCE: Final = 0.25
"""Of the estimated shift, by which its interval must miss zero."""
PASS: Final = 95.0
MARGINAL: Final = 75.0
"""Scores, as in Kayenta's documented examples."""


def levels(side: Sample) -> list[float]:
    """Return a value a minute: shares for counts; what is missing is dropped."""
    of = side.totals
    return [
        value / (of[at] or math.inf) if of and at < len(of) else value
        for at, value in enumerate(side.values)
        if value is not None
    ]


def mann_whitney(color: Sequence[float], control: Sequence[float]) -> float:
    """Return the one-sided p-value of "the color is higher": normal, with ties and continuity."""
    n, m = len(color), len(control)
    above = sum((x > y) + (x == y) / 2 for x in color for y in control)
    error = math.sqrt(n * m / 12 * (n + m + 1 - _ties([*color, *control])))
    return NormalDist().cdf(-(above - n * m / 2 - 0.5) / error) if error else 1.0


def is_high(color: Sequence[float], control: Sequence[float], *, increase: float) -> bool | None:
    """Say whether Kayenta's published rules call a metric high; None for no data.

    The interval is Hodges and Lehmann's, by the normal approximation with ties and continuity;
    `increase` is the allowed effect size, a ratio of means.
    """
    if not color or not control:
        return None
    together = [*color, *control]
    if min(together) == max(together):
        return False
    n, m = len(color), len(control)
    shifts = sorted(x - y for x in color for y in control)
    error = math.sqrt(n * m / 12 * (n + m + 1 - _ties(together)))
    beyond = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
    cut = max(0, math.floor(n * m / 2 - beyond * error - 0.5))
    middle = n * m // 2
    shift = shifts[middle] if n * m % 2 else (shifts[middle - 1] + shifts[middle]) / 2
    usual = fmean(control)
    is_big = fmean(color) / usual >= increase if usual else True
    return shifts[cut] > TOLERANCE * abs(shift) and is_big


def score(highs: Sequence[bool | None], weights: Sequence[float]) -> float:
    """Weigh groups of one metric each: 100 for a pass; half or more without data scores 0."""
    if sum(each is None for each in highs) * 2 >= len(highs):
        return 0.0
    known = [(high, w) for high, w in zip(highs, weights, strict=True) if high is not None]
    return 100 * sum(w for high, w in known if not high) / sum(w for _, w in known)


def levels_of_both(measured: PairedSamples, minutes: int) -> tuple[list[float], list[float]]:
    """Return color and control over the first minutes; its own minutes before where it has none."""
    control = measured.control or Sample(
        values=measured.before.values[-minutes:], totals=measured.before.totals[-minutes:]
    )
    return tuple(  # type: ignore[return-value]
        levels(Sample(values=each.values[:minutes], totals=each.totals[:minutes]))
        for each in (measured.color, control)
    )


def _ties(values: Sequence[float]) -> float:
    count = len(values)
    tied = (values.count(each) for each in set(values))
    return sum(t**3 - t for t in tied) / (count * (count - 1)) if count > 1 else 0.0
