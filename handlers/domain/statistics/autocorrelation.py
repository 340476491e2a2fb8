"""The usual noise of a metric: how far the mean of some minutes may stray by chance alone.

Minutes resemble their neighbours. A test that takes them for independent raises false alarms from
0.5 % up to 29 % and more, so the noise is learned with its memory:

- One value's variance γ₀ and the autocorrelation φ at lag one, as of an AR(1) process, from the
  hour before the deployment. A short series shows too little of both: φ by (1 + 3 φ) / n (Kendall
  1954; Marriott and Pope 1954), γ₀ by the variance of the series' own mean. Both are corrected.
- The variance of a mean of m neighbours: γ₀ / m · (1 + 2 Σ (1 - k/m) φᵏ), k = 1 … m - 1 (Bayley
  and Hammersley 1946).
- AR(1) underrates a slow wander below much white noise, so the same sum is also taken with the
  measured autocovariances in place of γ₀ φᵏ (Bartlett's weights; Newey and West 1987), and the
  greater of the two counts.
- γ₀ is known as from n (1 - φ²) / (1 + φ²) independent values (Bartlett 1946): the degrees of
  freedom of Student's t.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

Series = Sequence[float | None]
"""Neighbours in time; None where nothing usable was measured."""

MIN_VALUES: Final = 12
"""Values from which noise can be learned at all."""
_MAX_AUTOCORRELATION: Final = 0.95
"""Above it an hour of minutes cannot tell a wander from a trend."""
_MAD_TO_SD: Final = 1.4826
"""Median absolute deviation → standard deviation, of normal noise."""
_OUTLIER_SD: Final = 4.0
"""Standard deviations from the median beyond which a lone value is an outlier."""
_MAX_USABLE: Final = 1e15
"""More than any count or level; beyond it sums lose their digits."""
_VALUES_PER_OUTLIER: Final = 10
"""One value in so many may be an outlier; more than that are no outliers but what happens."""


@dataclass(frozen=True, kw_only=True)
class NoiseModel:
    """What chance does to one series."""

    autocovariances: tuple[float, ...]
    """Measured, lag 0 first; their bias is taken out."""
    alike: float
    """φ: how much of its neighbour's deviation a value has."""
    freedom: float
    """Degrees of freedom."""

    @property
    def variance(self) -> float:
        """Of one value."""
        return self.autocovariances[0]

    def of_mean(self, count: int) -> float:
        """Return the variance of the mean of so many neighbours."""
        modelled = self.variance * _variance_inflation(self.alike, count)
        measured = self.variance + 2 * sum(
            (1 - lag / count) * each
            for lag, each in enumerate(self.autocovariances[:count])
            if lag > 0
        )
        return max(modelled, measured) / count

    def at_least(self, variance: float) -> "NoiseModel":
        """Return the same with a greater variance, if that is greater."""
        times = max(1.0, variance / self.variance) if self.variance > 0 else 1.0
        covariances = tuple(times * each for each in self.autocovariances)
        if self.variance <= 0:
            covariances = (variance,)
        return NoiseModel(autocovariances=covariances, alike=self.alike, freedom=self.freedom)


def is_usable(value: float | None) -> bool:
    """Whether a level or a count can be true: there, a number, not negative, not absurd."""
    return value is not None and 0 <= value <= _MAX_USABLE


def count_invalid(values: Series) -> int:
    """Count the values that are there and cannot be true."""
    return sum(value is not None and not is_usable(value) for value in values)


def measured_values(values: Series) -> list[float]:
    """List what was measured."""
    return [value for value in values if value is not None]


def estimate_noise(values: Series) -> NoiseModel | None:
    """Learn the noise from a series at rest; None where it is too short."""
    known = measured_values(values)
    if len(known) < MIN_VALUES:
        return None
    middle = fmean(known)
    apart = [None if value is None else value - middle for value in values]
    raw = [_autocovariance(apart, lag) for lag in range(len(known) // 3)]
    alike = _corrected_autocorrelation(raw[1] / raw[0] if raw[0] > 0 else 0.0, len(known))
    lost = min(0.75, _variance_inflation(alike, len(known)) / len(known))
    variance = raw[0] / (1 - lost)
    return NoiseModel(
        autocovariances=(variance, *(each + lost * variance for each in raw[1:])),
        alike=alike,
        freedom=max(3.0, (len(known) - 1) * (1 - alike**2) / (1 + alike**2)),
    )


def assume_noise(values: Series, *, alike: float) -> NoiseModel:
    """Suppose the noise from a few values of the bake itself, where there is nothing before."""
    known = measured_values(values)
    freedom = max(1, len(known) - 2)
    inflated = detrended_variance(values) * (1 + alike) / (1 - alike) / 2
    return NoiseModel(autocovariances=(inflated,), alike=alike, freedom=freedom)


def detrended_variance(values: Series) -> float:
    """Return the variance around the straight line through the values: of a leak, its noise."""
    points = [(float(at), value) for at, value in enumerate(values) if value is not None]
    if len(points) <= 2:  # noqa: PLR2004  (a line fits two points)
        return 0.0
    early, low = fmean(at for at, _ in points), fmean(value for _, value in points)
    across = sum((at - early) ** 2 for at, _ in points)
    slope = sum((at - early) * (value - low) for at, value in points) / across
    rest = sum((value - low - slope * (at - early)) ** 2 for at, value in points)
    return rest / (len(points) - 2)


def winsorized(values: Series, deviation: float | None = None) -> Series:
    """Pull lone outliers in to the fence: a single pause of one minute says nothing of a release.

    Args:
        values: The series.
        deviation: The usual standard deviation; by default the series' own, from its median
            absolute deviation.
    """
    known = measured_values(values)
    if len(known) < _VALUES_PER_OUTLIER // 2:
        return values
    middle = median(known)
    if deviation is None:
        deviation = _MAD_TO_SD * median(abs(value - middle) for value in known)
    low, high = middle - _OUTLIER_SD * deviation, middle + _OUTLIER_SD * deviation
    lone = math.ceil(len(known) / _VALUES_PER_OUTLIER)
    if deviation <= 0 or sum(not low <= value <= high for value in known) > lone:
        return values
    return [None if value is None else min(max(value, low), high) for value in values]


def _autocovariance(apart: Series, lag: int) -> float:
    pairs = [
        one * other
        for one, other in zip(apart, apart[lag:], strict=False)
        if one is not None and other is not None
    ]
    return fmean(pairs) if pairs else 0.0


def _corrected_autocorrelation(alike: float, count: int) -> float:
    return min(max((alike * count + 1) / (count - 3), 0.0), _MAX_AUTOCORRELATION)


def _variance_inflation(alike: float, count: int) -> float:
    """Return how many times the variance of a mean grows by its values being alike."""
    return 1 + 2 * sum((1 - lag / count) * alike**lag for lag in range(1, count))
