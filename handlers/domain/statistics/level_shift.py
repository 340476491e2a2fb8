"""How far a color's level is from its baseline, in logarithms.

Tested in `test_level_comparison.py`.
"""

import math
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from handlers.domain.statistics.autocorrelation import (
    NoiseModel,
    Series,
    assume_noise,
    detrended_variance,
    estimate_noise,
    is_usable,
    measured_values,
    winsorized,
)
from handlers.domain.statistics.comparison import PairedSamples
from handlers.domain.statistics.quantiles import t_quantile
from handlers.domain.statistics.significance import END_PARTS

COLOR_SD: Final = 0.1
"""Standard deviation of the logarithm of equal colors' ratio, where it cannot be estimated."""
PLACEMENT_SD: Final = 0.015
"""Standard deviation of the change of that logarithm when tasks are placed anew."""
HOURLY_SD: Final = 0.1
"""Standard deviation of the logarithm of one color's level between hours, for its own past."""
ASSUMED_AUTOCORRELATION: Final = 0.5
"""Autocorrelation where none can be estimated."""
_ZERO_SHARE: Final = 1e-3
"""A level of zero counts as this share of the metric's median, so that it has a logarithm."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far the color is from its baseline, in logarithms."""

    values: Series
    """d less its baseline, in the periods of the bake."""
    noise: NoiseModel
    baseline_variance: float
    """Variance of the estimated baseline."""
    added_variance: float = 0.0
    """Variance that new placement, or another hour, adds."""

    def mean(self, values: Series) -> float:
        return fmean(measured_values(values))

    def bound(self, values: Series, alpha: float, sign: int, *, noise_only: bool = False) -> float:
        """Return the mean's upper (sign 1) or lower (-1) bound, or that of the noise alone."""
        variance = (
            self.noise.variance_of_mean(len(measured_values(values))) + self.baseline_variance
        )
        error = math.sqrt(variance + (0 if noise_only else self.added_variance))
        return self.mean(values) + sign * t_quantile(alpha, self.noise.degrees_of_freedom) * error

    def windows(self) -> list[tuple[Series, str]]:
        """List the bake and its last third, each with its words for a sentence."""
        end = last_third(self.values)
        return [(self.values, ""), (end, f" in the last {len(end)} periods")]


class LogLevels:
    """The samples as logarithms; what is not usable is None."""

    def __init__(self, measured: PairedSamples) -> None:
        control = measured.control
        before = measured.control_before
        samples = [measured.color, measured.before, *(each for each in (control, before) if each)]
        positive = [
            v for sample in samples for v in sample.values if v is not None and is_usable(v) and v
        ]
        self.floor = _ZERO_SHARE * median(positive) if positive else _ZERO_SHARE
        self.color = self._of(measured.color.values)
        self.before = self._of(measured.before.values)
        self.control = self._of(control.values) if control else []
        self.control_before = self._of(before.values) if before else []
        known = measured_values(winsorized(self.color))
        self.value = math.exp(fmean(known)) if known else math.nan
        """The color's geometric mean."""

    def _of(self, values: Series) -> list[float | None]:
        return [
            math.log(max(value, self.floor)) if value is not None and is_usable(value) else None
            for value in values
        ]


def own_level(logs: LogLevels) -> Shift:
    """Return the color's level itself, with its noise."""
    noise = estimate_noise(winsorized(logs.before)) or assume_noise(
        winsorized(logs.color), autocorrelation=ASSUMED_AUTOCORRELATION
    )
    values, noise = _winsorized_to(logs.color, noise)
    return Shift(values=values, noise=noise, baseline_variance=0.0)


def control_shift(logs: LogLevels) -> Shift:
    d = _differences(logs.color, logs.control)
    return _shift(d, winsorized(_differences(logs.before, logs.control_before)), PLACEMENT_SD)


def past_shift(logs: LogLevels) -> Shift | None:
    before = winsorized(logs.before)
    return _shift(logs.color, before, HOURLY_SD) if estimate_noise(before) else None


def _shift(d: Series, before: Series, added_sd: float) -> Shift:
    noise = estimate_noise(before)
    if noise:
        past = measured_values(before)
        baseline, variance = fmean(past), noise.variance_of_mean(len(past))
    else:
        noise = assume_noise(winsorized(d), autocorrelation=ASSUMED_AUTOCORRELATION)
        baseline, variance = 0.0, COLOR_SD**2
    values, noise = _winsorized_to([None if each is None else each - baseline for each in d], noise)
    return Shift(values=values, noise=noise, baseline_variance=variance, added_variance=added_sd**2)


def _winsorized_to(values: Series, noise: NoiseModel) -> tuple[Series, NoiseModel]:
    """Winsorize the values, and allow for a bake that is noisier than the hour before.

    A variance from a few minutes is uncertain itself: only what is beyond twice the usual counts.
    """
    values = winsorized(values, math.sqrt(noise.variance))
    return values, noise.with_variance_of_at_least(detrended_variance(values) / 2)


def last_third(values: Series) -> Series:
    end = values[-math.ceil(len(values) / END_PARTS) :]
    return end if measured_values(end) else values


def _differences(color: Series, control: Series) -> list[float | None]:
    return [
        None if one is None or other is None else one - other
        for one, other in zip(color, control, strict=False)
    ]
