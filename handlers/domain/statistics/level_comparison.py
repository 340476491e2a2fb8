"""Judges a level: a latency percentile per minute, memory in percent.

Levels are compared as logarithms, because noise and effects multiply. Per period, d is
log(color / control). The difference in differences L = mean(d in the bake) - mean(d before)
takes out what both sides share at the time and what has always set them apart (Card and Krueger
1994). Its variance is that of the two means (`noise.py`), and a bound is L ± t·√variance with
Student's t (`doubt.py` has the chances). The effect "times and by more" is one threshold on L,
log(max(times, 1 + by / expected)), where `expected` is what the control says the color should be.

- Healthy: the upper bound of the bake and, more mildly, that of its last third lie below the
  threshold, and a growth that is certain would not reach it in as much time again.
- Unhealthy: L of the bake or of its last third reaches the threshold, and its lower bound lies
  beyond a part of it (`doubt.MARGIN`).

A limit is held against the color's own bounds. Without a control d is log(color), compared with
its own hour before; the hours differ by more than noise, so this alone never condemns. Nor could
it ever pass if it had to exclude that hours differ, which more minutes do not narrow: there the
upper bound is of the noise alone, the verdict says that it is against the past, and what is beyond
that is for limits to catch.
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
"""By how much (a standard deviation of logarithms) equal colors differ, unless learned."""
PLACEMENT_SD: Final = 0.015
"""By how much such a difference moves when tasks are placed anew."""
HOURLY_SD: Final = 0.1
"""By how much one color's hours differ: what comparing with its own past adds."""
ASSUMED_AUTOCORRELATION: Final = 0.5
"""Autocorrelation that is supposed where none can be learned."""
END_ALPHA: Final = 0.02
"""Chance of error, at one look, of the last third's upper bound; it has few periods."""
_MAX_LOG_RATIO: Final = math.log(1e6)
_ZERO_SHARE: Final = 1e-3
"""What a level of nought counts as, as a share of the metric's usual level."""


@dataclass(frozen=True, kw_only=True)
class _Shift:
    """How far the color is from where it should be, logarithmic."""

    values: Series
    """d less what it usually is, in the periods of the bake."""
    noise: NoiseModel
    unsettled: float
    """Variance of what it usually is."""
    moved: float = 0.0
    """Variance by which what it usually is may have moved since."""

    def mean(self, values: Series) -> float:
        return fmean(measured_values(values))

    def bound(self, values: Series, alpha: float, side: int, *, of_noise: bool = False) -> float:
        """Return the mean's upper (side 1) or lower (-1) bound; or that of the noise alone."""
        variance = self.noise.of_mean(len(measured_values(values))) + self.unsettled
        error = math.sqrt(variance + (0 if of_noise else self.moved))
        return self.mean(values) + side * t_quantile(alpha, self.noise.freedom) * error

    def windows(self) -> list[tuple[Series, str]]:
        """List the bake and its last third, each with the words for it."""
        end = _last_third(self.values)
        return [(self.values, ""), (end, f" in the last {len(end)} periods")]


def compare_levels(
    measured: PairedSamples,
    *,
    effect: Effect | None,
    at_most: float | None,
    at_least: float | None,
    plan: Multiplicity,
    unit: str = "",
) -> Judgement:
    """Say whether a level is where it should be.

    Args:
        measured: `values` are levels, nought or more; `of` is not used.
        effect: What difference from the control matters.
        at_most: The level's upper limit.
        at_least: Its lower limit.
        plan: What the bounds are corrected for.
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
        _against_limit(_own_level(logs), math.log(max(limit, logs.floor)), side, plan, unit)
        for side, limit in limits
        if limit is not None
    ]
    beside: float | None = None
    if effect and not (missing and missing.is_alone):
        shift = _against_control(logs) if control else _against_past(logs)
        if shift:
            beside = logs.value / _as_factor(shift.mean(shift.values))
            findings.append(
                _against_effect(shift, effect, beside, plan, unit, is_weak=control is None)
            )
        else:
            why = "There is too little of its own past to compare with."
            findings.append(ComparisonResult(why=why, is_weak=True))
    verdict, detail = combined_verdict(findings)
    judgement = Judgement(verdict=verdict, detail=detail, value=logs.value, control=beside)
    return with_gap(judgement, missing)


class _LogLevels:
    """The measurements as logarithms; what cannot be true is None."""

    def __init__(self, measured: PairedSamples) -> None:
        control = measured.control
        before = measured.control_before
        sides = [measured.color, measured.before, *(each for each in (control, before) if each)]
        positive = [
            v for side in sides for v in side.values if v is not None and is_usable(v) and v
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
        winsorized(logs.color), alike=ASSUMED_AUTOCORRELATION
    )
    values, noise = _winsorized_to(logs.color, noise)
    return _Shift(values=values, noise=noise, unsettled=0.0)


def _against_control(logs: _LogLevels) -> _Shift:
    d = _differences(logs.color, logs.control)
    return _shift(d, winsorized(_differences(logs.before, logs.control_before)), PLACEMENT_SD)


def _against_past(logs: _LogLevels) -> _Shift | None:
    before = winsorized(logs.before)
    return _shift(logs.color, before, HOURLY_SD) if estimate_noise(before) else None


def _shift(d: Series, before: Series, moved: float) -> _Shift:
    noise = estimate_noise(before)
    if noise:
        usual, unsettled = (
            fmean(measured_values(before)),
            noise.of_mean(len(measured_values(before))),
        )
    else:
        noise, usual, unsettled = (
            assume_noise(winsorized(d), alike=ASSUMED_AUTOCORRELATION),
            0.0,
            COLOR_SD**2,
        )
    values, noise = _winsorized_to([None if each is None else each - usual for each in d], noise)
    return _Shift(values=values, noise=noise, unsettled=unsettled, moved=moved**2)


def _winsorized_to(values: Series, noise: NoiseModel) -> tuple[Series, NoiseModel]:
    """Pull lone outliers in, and allow for a bake that is noisier than the hour before.

    A variance from a few minutes is uncertain itself: only what is beyond twice the usual counts.
    """
    values = winsorized(values, math.sqrt(noise.variance))
    return values, noise.at_least(detrended_variance(values) / 2)


def _against_limit(
    own: _Shift, limit: float, side: int, plan: Multiplicity, unit: str
) -> ComparisonResult:
    """Hold the level against its limit; `side` is 1 for an upper one."""
    word, written = ("above" if side > 0 else "below"), level_text(math.exp(limit), unit)
    for values, when in own.windows():
        if side * (own.bound(values, failure_alpha(plan), -side) - limit) > 0:
            seen = level_text(math.exp(own.mean(values)), unit)
            why = f"{seen}{when}, beyond doubt {word} the limit of {written}."
            return ComparisonResult(why=why, is_worse=True)
    (bake, _), (end, _) = own.windows()
    reach = max(
        side * own.bound(bake, pass_alpha(plan), side), side * own.bound(end, END_ALPHA, side)
    )
    seen = level_text(math.exp(own.mean(bake)), unit)
    if reach <= side * limit:
        return ComparisonResult(why=f"{seen}, within the limit of {written}.", is_fine=True)
    why = f"{seen}, too close to the limit of {written} to be sure."
    return ComparisonResult(why=why, is_suspect=True)


def _against_effect(
    shift: _Shift, effect: Effect, beside: float, plan: Multiplicity, unit: str, *, is_weak: bool
) -> ComparisonResult:
    """Hold the shift against the effect that matters."""
    threshold = math.log(max(effect.times, 1 + effect.by / beside))
    whom = "against its own past" if is_weak else "against the control"
    for values, when in shift.windows():
        mean = shift.mean(values)
        if mean < threshold:
            continue
        low = shift.bound(values, failure_alpha(plan), -1)
        if low > EFFECT_MARGIN * threshold:
            why = (
                f"{relative_change(_as_factor(mean))}{when} {whom} ({level_text(beside, unit)}), "
                f"beyond doubt {relative_change(_as_factor(low))} at least."
            )
            return ComparisonResult(why=why, is_worse=True, is_weak=is_weak)
    (bake, _), (end, _) = shift.windows()
    high = shift.bound(bake, pass_alpha(plan), 1, of_noise=is_weak)
    seen = f"{relative_change(_as_factor(shift.mean(bake)))} {whom} ({level_text(beside, unit)})"
    matters = relative_change(_as_factor(threshold))
    if max(high, shift.bound(end, END_ALPHA, 1, of_noise=is_weak)) >= threshold:
        why = f"{seen}; it may be {relative_change(_as_factor(high))}, and {matters} would matter."
        is_suspect = max(shift.mean(bake), shift.mean(end)) >= threshold
        return ComparisonResult(why=why, is_suspect=is_suspect, is_weak=is_weak)
    if _is_growing(shift, threshold, pass_alpha(plan)):
        why = f"{seen} and growing: in as much time again it would be {matters}."
        return ComparisonResult(why=why, is_suspect=True, is_weak=is_weak)
    why = f"{seen}, {relative_change(_as_factor(high))} at most: less than {matters}."
    return ComparisonResult(why=why, is_fine=True, is_weak=is_weak)


def _as_factor(logarithm: float) -> float:
    """Return the factor, within what can be written."""
    return math.exp(max(-_MAX_LOG_RATIO, min(logarithm, _MAX_LOG_RATIO)))


def _is_growing(shift: _Shift, threshold: float, alpha: float) -> bool:
    """Whether a certain growth would reach the threshold in as much time again.

    The last third's middle lies two thirds of the bake after the first third's, and the end of
    as much time again 7/6 of the bake after that: 7/4 of the growth in between.
    """
    start, end = shift.values[: len(_last_third(shift.values))], _last_third(shift.values)
    if not measured_values(start) or not measured_values(end):
        return False
    growth = shift.mean(end) - shift.mean(start)
    error = math.sqrt(
        2 * shift.noise.of_mean(min(len(measured_values(start)), len(measured_values(end))))
    )
    is_certain = growth > t_quantile(alpha, shift.noise.freedom) * error
    return is_certain and shift.mean(end) + 7 / 4 * growth >= threshold


def _last_third(values: Series) -> Series:
    end = values[-math.ceil(len(values) / END_PARTS) :]
    return end if measured_values(end) else values


def _differences(color: Series, control: Series) -> list[float | None]:
    return [
        None if one is None or other is None else one - other
        for one, other in zip(color, control, strict=False)
    ]
