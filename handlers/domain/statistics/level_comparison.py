"""Compares a level with its limits and its control: a latency per minute, memory in percent.

Levels are compared as logarithms, because noise and effects multiply. Per period, d is
log(color / control). The difference in differences L = mean(d in the bake) - mean(d before)
removes what both share at the time and what has always set them apart (Card and Krueger 1994).
Its variance is that of the two means (`autocorrelation`). A bound is L ± t·√variance with
Student's t, at the alphas of `significance`. The effect "times and by more" is one threshold on L,
log(max(times, 1 + by / reference)), where `reference` is the level that the control predicts.

- Healthy: the upper bound of the bake, and at a greater alpha that of its last third, lie below
  the threshold, and a significant growth would not reach it in as much time again.
- Unhealthy: L of the bake or of its last third reaches the threshold, and its lower bound lies
  beyond a part of it (`EFFECT_MARGIN`).

A limit is compared with the color's own bounds. Without a control d is log(color), compared with
its own hour before. The hours differ by more than noise, so this comparison alone never condemns.
More minutes do not narrow the difference of hours, so with it nothing could ever pass. There the
upper bound is of the noise alone, the verdict says that it is against the past, and the limits
have to find the rest.
"""

import math
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Effect
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
from handlers.domain.statistics.comparison import Judgement, Multiplicity, PairedSamples
from handlers.domain.statistics.comparison_result import (
    ComparisonResult,
    combined_verdict,
    level_text,
    relative_change,
)
from handlers.domain.statistics.coverage import coverage_gap, with_gap
from handlers.domain.statistics.quantiles import t_quantile
from handlers.domain.statistics.significance import (
    EFFECT_MARGIN,
    END_PARTS,
    failure_alpha,
    pass_alpha,
)

COLOR_SD: Final = 0.1
"""Standard deviation of the logarithm of equal colors' ratio, where it cannot be estimated."""
PLACEMENT_SD: Final = 0.015
"""Standard deviation of the change of that logarithm when tasks are placed anew."""
HOURLY_SD: Final = 0.1
"""Standard deviation of the logarithm of one color's level between hours, for its own past."""
ASSUMED_AUTOCORRELATION: Final = 0.5
"""Autocorrelation where none can be estimated."""
END_ALPHA: Final = 0.02
"""Chance of error, at one look, of the last third's upper bound; it has few periods."""
_MAX_LOG_RATIO: Final = math.log(1e6)
_ZERO_SHARE: Final = 1e-3
"""A level of zero counts as this share of the metric's median, so that it has a logarithm."""


@dataclass(frozen=True, kw_only=True)
class _Shift:
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
        end = _last_third(self.values)
        return [(self.values, ""), (end, f" in the last {len(end)} periods")]


def compare_levels(
    measured: PairedSamples,
    *,
    effect: Effect | None,
    at_most: float | None,
    at_least: float | None,
    multiplicity: Multiplicity,
    unit: str = "",
) -> Judgement:
    """Judge a level by its limits, and by its control or its own past.

    Args:
        measured: `values` are levels, zero or more; `totals` are not used.
        effect: The smallest difference from the control that matters.
        at_most: The level's upper limit.
        at_least: Its lower limit.
        multiplicity: How many tests the bounds are corrected for.
        unit: What people read behind a value.
    """
    control = measured.control
    missing = coverage_gap([measured.color.values], [control.values] if control else [])
    logs = _LogLevels(measured)
    if missing and missing.is_fatal:
        value = None if math.isnan(logs.value) else logs.value
        return Judgement(verdict=Verdict.NO_DATA, detail=missing.why, value=value)
    limits = [(1, at_most), (-1, at_least)]
    findings = [
        _against_limit(_own_level(logs), math.log(max(limit, logs.floor)), sign, multiplicity, unit)
        for sign, limit in limits
        if limit is not None
    ]
    reference: float | None = None
    if effect and not (missing and missing.lacks_control):
        shift = _against_control(logs) if control else _against_past(logs)
        if shift:
            reference = logs.value / _as_factor(shift.mean(shift.values))
            findings.append(
                _against_effect(
                    shift, effect, reference, multiplicity, unit, is_against_past=control is None
                )
            )
        else:
            why = "There is too little of its own past to compare with."
            findings.append(ComparisonResult(why=why, is_against_past=True))
    verdict, detail = combined_verdict(findings)
    judgement = Judgement(verdict=verdict, detail=detail, value=logs.value, control=reference)
    return with_gap(judgement, missing)


class _LogLevels:
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


def _own_level(logs: _LogLevels) -> _Shift:
    """Return the color's level itself, with its noise."""
    noise = estimate_noise(winsorized(logs.before)) or assume_noise(
        winsorized(logs.color), autocorrelation=ASSUMED_AUTOCORRELATION
    )
    values, noise = _winsorized_to(logs.color, noise)
    return _Shift(values=values, noise=noise, baseline_variance=0.0)


def _against_control(logs: _LogLevels) -> _Shift:
    d = _differences(logs.color, logs.control)
    return _shift(d, winsorized(_differences(logs.before, logs.control_before)), PLACEMENT_SD)


def _against_past(logs: _LogLevels) -> _Shift | None:
    before = winsorized(logs.before)
    return _shift(logs.color, before, HOURLY_SD) if estimate_noise(before) else None


def _shift(d: Series, before: Series, added_sd: float) -> _Shift:
    noise = estimate_noise(before)
    if noise:
        past = measured_values(before)
        baseline, variance = fmean(past), noise.variance_of_mean(len(past))
    else:
        noise = assume_noise(winsorized(d), autocorrelation=ASSUMED_AUTOCORRELATION)
        baseline, variance = 0.0, COLOR_SD**2
    values, noise = _winsorized_to([None if each is None else each - baseline for each in d], noise)
    return _Shift(
        values=values, noise=noise, baseline_variance=variance, added_variance=added_sd**2
    )


def _winsorized_to(values: Series, noise: NoiseModel) -> tuple[Series, NoiseModel]:
    """Winsorize the values, and allow for a bake that is noisier than the hour before.

    A variance from a few minutes is uncertain itself: only what is beyond twice the usual counts.
    """
    values = winsorized(values, math.sqrt(noise.variance))
    return values, noise.with_variance_of_at_least(detrended_variance(values) / 2)


def _against_limit(
    own: _Shift, limit: float, sign: int, multiplicity: Multiplicity, unit: str
) -> ComparisonResult:
    """Compare the level with its limit; `sign` is 1 for an upper one."""
    word, written = ("above" if sign > 0 else "below"), level_text(math.exp(limit), unit)
    for values, when in own.windows():
        if sign * (own.bound(values, failure_alpha(multiplicity), -sign) - limit) > 0:
            seen = level_text(math.exp(own.mean(values)), unit)
            why = f"{seen}{when}, beyond doubt {word} the limit of {written}."
            return ComparisonResult(why=why, is_beyond=True)
    (bake, _), (end, _) = own.windows()
    reach = max(
        sign * own.bound(bake, pass_alpha(multiplicity), sign),
        sign * own.bound(end, END_ALPHA, sign),
    )
    seen = level_text(math.exp(own.mean(bake)), unit)
    if reach <= sign * limit:
        return ComparisonResult(why=f"{seen}, within the limit of {written}.", is_within=True)
    why = f"{seen}, too close to the limit of {written} to be sure."
    return ComparisonResult(why=why, is_suspect=True)


def _against_effect(
    shift: _Shift,
    effect: Effect,
    reference: float,
    multiplicity: Multiplicity,
    unit: str,
    *,
    is_against_past: bool,
) -> ComparisonResult:
    """Compare the shift with the effect that matters."""
    threshold = math.log(max(effect.times, 1 + effect.by / reference))
    compared_with = "against its own past" if is_against_past else "against the control"
    compared_with += f" ({level_text(reference, unit)})"
    for values, when in shift.windows():
        mean = shift.mean(values)
        if mean < threshold:
            continue
        low = shift.bound(values, failure_alpha(multiplicity), -1)
        if low > EFFECT_MARGIN * threshold:
            why = (
                f"{_change_text(mean)}{when} {compared_with}, "
                f"beyond doubt {_change_text(low)} at least."
            )
            return ComparisonResult(why=why, is_beyond=True, is_against_past=is_against_past)
    (bake, _), (end, _) = shift.windows()
    high = shift.bound(bake, pass_alpha(multiplicity), 1, noise_only=is_against_past)
    seen = f"{_change_text(shift.mean(bake))} {compared_with}"
    threshold_text = _change_text(threshold)
    if max(high, shift.bound(end, END_ALPHA, 1, noise_only=is_against_past)) >= threshold:
        why = f"{seen}; it may be {_change_text(high)}, and {threshold_text} would matter."
        is_suspect = max(shift.mean(bake), shift.mean(end)) >= threshold
        return ComparisonResult(why=why, is_suspect=is_suspect, is_against_past=is_against_past)
    if _is_growing(shift, threshold, pass_alpha(multiplicity)):
        why = f"{seen} and growing: in as much time again it would be {threshold_text}."
        return ComparisonResult(why=why, is_suspect=True, is_against_past=is_against_past)
    why = f"{seen}, {_change_text(high)} at most: less than {threshold_text}."
    return ComparisonResult(why=why, is_within=True, is_against_past=is_against_past)


def _change_text(logarithm: float) -> str:
    return relative_change(_as_factor(logarithm))


def _as_factor(logarithm: float) -> float:
    """Return the factor of a logarithm, between a millionth and a million."""
    return math.exp(max(-_MAX_LOG_RATIO, min(logarithm, _MAX_LOG_RATIO)))


def _is_growing(shift: _Shift, threshold: float, alpha: float) -> bool:
    """Whether a significant growth would reach the threshold in as much time again.

    The last third's middle lies two thirds of the bake after the first third's, and the end of
    as much time again 7/6 of the bake after that: 7/4 of the growth in between.
    """
    start, end = shift.values[: len(_last_third(shift.values))], _last_third(shift.values)
    if not measured_values(start) or not measured_values(end):
        return False
    growth = shift.mean(end) - shift.mean(start)
    error = math.sqrt(
        2
        * shift.noise.variance_of_mean(min(len(measured_values(start)), len(measured_values(end))))
    )
    is_certain = growth > t_quantile(alpha, shift.noise.degrees_of_freedom) * error
    return is_certain and shift.mean(end) + 7 / 4 * growth >= threshold


def _last_third(values: Series) -> Series:
    end = values[-math.ceil(len(values) / END_PARTS) :]
    return end if measured_values(end) else values


def _differences(color: Series, control: Series) -> list[float | None]:
    return [
        None if one is None or other is None else one - other
        for one, other in zip(color, control, strict=False)
    ]
