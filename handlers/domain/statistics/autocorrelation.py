"""The noise of a metric with its autocorrelation: how far a mean strays by chance.

The minutes of a metric are autocorrelated. A test that takes them for independent raises its rate
of false alarms from 0.5 % to 29 % and more. So the noise is modelled as follows:

- One value's variance γ₀ and the autocorrelation φ at lag one, as of an AR(1) process, come from
  the hour before the deployment. Both are biased low in a short series: φ by (1 + 3 φ) / n
  (Kendall 1954; Marriott and Pope 1954), γ₀ by the variance of the series' own mean. Both are
  corrected.
- The variance of a mean of m consecutive values: γ₀ / m · (1 + 2 Σ (1 - k/m) φᵏ), k = 1 … m - 1
  (Bayley and Hammersley 1946).
- AR(1) underestimates a slow drift below much white noise. So the same sum is also taken with the
  measured autocovariances in place of γ₀ φᵏ (Bartlett's weights; Newey and West 1987), and the
  greater of the two counts.
- γ₀ has the degrees of freedom of n (1 - φ²) / (1 + φ²) independent values (Bartlett 1946), for
  Student's t.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

Series = Sequence[float | None]
"""Values in the order of time; None where nothing usable was measured."""

MIN_VALUES: Final = 12
"""Values that estimating the noise needs at least."""
_MAX_AUTOCORRELATION: Final = 0.95
"""Above it an hour of minutes cannot tell autocorrelation from a trend."""
_MAD_TO_SD: Final = 1.4826
"""Factor from the median absolute deviation to the standard deviation of normal noise."""
_OUTLIER_SD: Final = 4.0
"""Standard deviations from the median beyond which a lone value is an outlier."""
_MAX_USABLE: Final = 1e15
"""Greater values are invalid: no count or level reaches it, and sums of them lose their digits."""
_VALUES_PER_OUTLIER: Final = 10
"""One value in so many may be winsorized; where more lie outside, none are outliers."""


@dataclass(frozen=True, kw_only=True)
class NoiseModel:
    """The noise of one series."""

    autocovariances: tuple[float, ...]
    """Measured and corrected for bias, lag 0 first."""
    autocorrelation: float
    """φ, at lag one."""
    degrees_of_freedom: float
    """Of the variance, for Student's t."""

    @property
    def variance(self) -> float:
        """The variance of one value, γ₀."""
        return self.autocovariances[0]

    def variance_of_mean(self, count: int) -> float:
        """Return the variance of the mean of `count` consecutive values."""
        modelled = self.variance * _variance_inflation(self.autocorrelation, count)
        measured = self.variance + 2 * sum(
            (1 - lag / count) * each
            for lag, each in enumerate(self.autocovariances[:count])
            if lag > 0
        )
        return max(modelled, measured) / count

    def with_variance_of_at_least(self, variance: float) -> "NoiseModel":
        """Return the model with its variance raised to the given one, if that is greater."""
        times = max(1.0, variance / self.variance) if self.variance > 0 else 1.0
        covariances = tuple(times * each for each in self.autocovariances)
        if self.variance <= 0:
            covariances = (variance,)
        return NoiseModel(
            autocovariances=covariances,
            autocorrelation=self.autocorrelation,
            degrees_of_freedom=self.degrees_of_freedom,
        )


def is_usable(value: float | None) -> bool:
    """Whether a level or a count is present, a number, not negative and at most `_MAX_USABLE`."""
    return value is not None and 0 <= value <= _MAX_USABLE


def count_invalid(values: Series) -> int:
    """Count the values that are present and not usable."""
    return sum(value is not None and not is_usable(value) for value in values)


def measured_values(values: Series) -> list[float]:
    """List the values that are present."""
    return [value for value in values if value is not None]


def estimate_noise(values: Series) -> NoiseModel | None:
    """Estimate the noise from a series at rest; None where it is too short."""
    values_present = measured_values(values)
    if len(values_present) < MIN_VALUES:
        return None
    center = fmean(values_present)
    deviations = [None if value is None else value - center for value in values]
    covariances = [_autocovariance(deviations, lag) for lag in range(len(values_present) // 3)]
    autocorrelation = _corrected_autocorrelation(
        covariances[1] / covariances[0] if covariances[0] > 0 else 0.0, len(values_present)
    )
    lost_share = min(
        0.75, _variance_inflation(autocorrelation, len(values_present)) / len(values_present)
    )
    variance = covariances[0] / (1 - lost_share)
    return NoiseModel(
        autocovariances=(variance, *(each + lost_share * variance for each in covariances[1:])),
        autocorrelation=autocorrelation,
        degrees_of_freedom=max(
            3.0, (len(values_present) - 1) * (1 - autocorrelation**2) / (1 + autocorrelation**2)
        ),
    )


def assume_noise(values: Series, *, autocorrelation: float) -> NoiseModel:
    """Return the model of a bake without a past: its variance, an assumed autocorrelation."""
    values_present = measured_values(values)
    degrees_of_freedom = max(1, len(values_present) - 2)
    inflated = detrended_variance(values) * (1 + autocorrelation) / (1 - autocorrelation) / 2
    return NoiseModel(
        autocovariances=(inflated,),
        autocorrelation=autocorrelation,
        degrees_of_freedom=degrees_of_freedom,
    )


def detrended_variance(values: Series) -> float:
    """Return the variance around the straight line through the values: a leak is no noise."""
    points = [(float(at), value) for at, value in enumerate(values) if value is not None]
    if len(points) <= 2:  # noqa: PLR2004  (a line fits two points)
        return 0.0
    mean_time, mean_value = fmean(at for at, _ in points), fmean(value for _, value in points)
    time_variation = sum((at - mean_time) ** 2 for at, _ in points)
    slope = sum((at - mean_time) * (value - mean_value) for at, value in points) / time_variation
    residuals = sum((value - mean_value - slope * (at - mean_time)) ** 2 for at, value in points)
    return residuals / (len(points) - 2)


def winsorized(values: Series, deviation: float | None = None) -> Series:
    """Winsorize single outliers: one pause of one minute says nothing of a release.

    Args:
        values: The series.
        deviation: The usual standard deviation; by default the series' own, from its median
            absolute deviation.
    """
    values_present = measured_values(values)
    if len(values_present) < _VALUES_PER_OUTLIER // 2:
        return values
    center = median(values_present)
    if deviation is None:
        deviation = _MAD_TO_SD * median(abs(value - center) for value in values_present)
    low, high = center - _OUTLIER_SD * deviation, center + _OUTLIER_SD * deviation
    outlier_limit = math.ceil(len(values_present) / _VALUES_PER_OUTLIER)
    if deviation <= 0 or sum(not low <= value <= high for value in values_present) > outlier_limit:
        return values
    return [None if value is None else min(max(value, low), high) for value in values]


def _autocovariance(deviations: Series, lag: int) -> float:
    pairs = [
        earlier * later
        for earlier, later in zip(deviations, deviations[lag:], strict=False)
        if earlier is not None and later is not None
    ]
    return fmean(pairs) if pairs else 0.0


def _corrected_autocorrelation(autocorrelation: float, count: int) -> float:
    return min(max((autocorrelation * count + 1) / (count - 3), 0.0), _MAX_AUTOCORRELATION)


def _variance_inflation(autocorrelation: float, count: int) -> float:
    """Return the factor by which autocorrelation raises the variance of a mean."""
    return 1 + 2 * sum((1 - lag / count) * autocorrelation**lag for lag in range(1, count))
