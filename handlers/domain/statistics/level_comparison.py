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
    Noise,
    Series,
    clipped,
    detrended_variance,
    learned,
    present,
    supposed,
    usable,
)
from handlers.domain.statistics.comparison import Judgement, Measurements, Plan
from handlers.domain.statistics.coverage import gap, with_gap
from handlers.domain.statistics.findings import Finding, amount, change, combined
from handlers.domain.statistics.quantiles import t_beyond
from handlers.domain.statistics.significance import END, MARGIN, alarming, passing

APART: Final = 0.1
"""By how much (a standard deviation of logarithms) equal colors differ, unless learned."""
MOVED: Final = 0.015
"""By how much such a difference moves when tasks are placed anew."""
HOURS: Final = 0.1
"""By how much one color's hours differ: what comparing with its own past adds."""
ALIKE: Final = 0.5
"""Autocorrelation that is supposed where none can be learned."""
MILD: Final = 0.02
"""Chance of error, at one look, of the last third's upper bound; it has few periods."""
_MOST_WRITTEN: Final = math.log(1e6)
_NOUGHT: Final = 1e-3
"""What a level of nought counts as, as a share of the metric's usual level."""


@dataclass(frozen=True, kw_only=True)
class _Shift:
    """How far the color is from where it should be, logarithmic."""

    values: Series
    """d less what it usually is, in the periods of the bake."""
    noise: Noise
    unsettled: float
    """Variance of what it usually is."""
    moved: float = 0.0
    """Variance by which what it usually is may have moved since."""

    def mean(self, values: Series) -> float:
        return fmean(present(values))

    def bound(self, values: Series, alpha: float, side: int, *, of_noise: bool = False) -> float:
        """Return the mean's upper (side 1) or lower (-1) bound; or that of the noise alone."""
        variance = self.noise.of_mean(len(present(values))) + self.unsettled
        error = math.sqrt(variance + (0 if of_noise else self.moved))
        return self.mean(values) + side * t_beyond(alpha, self.noise.freedom) * error

    def windows(self) -> list[tuple[Series, str]]:
        """List the bake and its last third, each with the words for it."""
        end = _last_third(self.values)
        return [(self.values, ""), (end, f" in the last {len(end)} periods")]


def judge_level(
    measured: Measurements,
    *,
    effect: Effect | None,
    at_most: float | None,
    at_least: float | None,
    plan: Plan,
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
    missing = gap([measured.color.values], [control.values] if control else [])
    logs = _Logs(measured)
    if missing and missing.is_fatal:
        value = None if math.isnan(logs.value) else logs.value
        return Judgement(verdict=Verdict.NO_DATA, detail=missing.why, value=value)
    limits = [(1, at_most), (-1, at_least)]
    findings = [
        _held(_own(logs), math.log(max(limit, logs.floor)), side, plan, unit)
        for side, limit in limits
        if limit is not None
    ]
    beside: float | None = None
    if effect and not (missing and missing.is_alone):
        shift = _against_control(logs) if control else _against_past(logs)
        if shift:
            beside = logs.value / _factor(shift.mean(shift.values))
            findings.append(_compared(shift, effect, beside, plan, unit, is_weak=control is None))
        else:
            why = "There is too little of its own past to compare with."
            findings.append(Finding(why=why, is_weak=True))
    verdict, detail = combined(findings)
    judgement = Judgement(verdict=verdict, detail=detail, value=logs.value, control=beside)
    return with_gap(judgement, missing)


class _Logs:
    """The measurements as logarithms; what cannot be true is None."""

    def __init__(self, measured: Measurements) -> None:
        control = measured.control
        before = measured.control_before
        sides = [measured.color, measured.before, *(each for each in (control, before) if each)]
        positive = [v for side in sides for v in side.values if v is not None and usable(v) and v]
        self.floor = _NOUGHT * median(positive) if positive else _NOUGHT
        self.color = self._of(measured.color.values)
        self.before = self._of(measured.before.values)
        self.control = self._of(control.values) if control else []
        self.control_before = self._of(before.values) if before else []
        known = present(clipped(self.color))
        self.value = math.exp(fmean(known)) if known else math.nan
        """The color's geometric mean."""

    def _of(self, values: Series) -> list[float | None]:
        return [
            math.log(max(value, self.floor)) if value is not None and usable(value) else None
            for value in values
        ]


def _own(logs: _Logs) -> _Shift:
    """Return the color's level itself, with its noise."""
    noise = learned(clipped(logs.before)) or supposed(clipped(logs.color), alike=ALIKE)
    values, noise = _settled(logs.color, noise)
    return _Shift(values=values, noise=noise, unsettled=0.0)


def _against_control(logs: _Logs) -> _Shift:
    d = _minus(logs.color, logs.control)
    return _shift(d, clipped(_minus(logs.before, logs.control_before)), MOVED)


def _against_past(logs: _Logs) -> _Shift | None:
    before = clipped(logs.before)
    return _shift(logs.color, before, HOURS) if learned(before) else None


def _shift(d: Series, before: Series, moved: float) -> _Shift:
    noise = learned(before)
    if noise:
        usual, unsettled = fmean(present(before)), noise.of_mean(len(present(before)))
    else:
        noise, usual, unsettled = supposed(clipped(d), alike=ALIKE), 0.0, APART**2
    values, noise = _settled([None if each is None else each - usual for each in d], noise)
    return _Shift(values=values, noise=noise, unsettled=unsettled, moved=moved**2)


def _settled(values: Series, noise: Noise) -> tuple[Series, Noise]:
    """Pull lone outliers in, and allow for a bake that is noisier than the hour before.

    A variance from a few minutes is uncertain itself: only what is beyond twice the usual counts.
    """
    values = clipped(values, math.sqrt(noise.variance))
    return values, noise.at_least(detrended_variance(values) / 2)


def _held(own: _Shift, limit: float, side: int, plan: Plan, unit: str) -> Finding:
    """Hold the level against its limit; `side` is 1 for an upper one."""
    word, written = ("above" if side > 0 else "below"), amount(math.exp(limit), unit)
    for values, when in own.windows():
        if side * (own.bound(values, alarming(plan), -side) - limit) > 0:
            seen = amount(math.exp(own.mean(values)), unit)
            why = f"{seen}{when}, beyond doubt {word} the limit of {written}."
            return Finding(why=why, is_worse=True)
    (bake, _), (end, _) = own.windows()
    reach = max(side * own.bound(bake, passing(plan), side), side * own.bound(end, MILD, side))
    seen = amount(math.exp(own.mean(bake)), unit)
    if reach <= side * limit:
        return Finding(why=f"{seen}, within the limit of {written}.", is_fine=True)
    why = f"{seen}, too close to the limit of {written} to be sure."
    return Finding(why=why, is_suspect=True)


def _compared(
    shift: _Shift, effect: Effect, beside: float, plan: Plan, unit: str, *, is_weak: bool
) -> Finding:
    """Hold the shift against the effect that matters."""
    threshold = math.log(max(effect.times, 1 + effect.by / beside))
    whom = "against its own past" if is_weak else "against the control"
    for values, when in shift.windows():
        mean = shift.mean(values)
        if mean < threshold:
            continue
        low = shift.bound(values, alarming(plan), -1)
        if low > MARGIN * threshold:
            why = (
                f"{change(_factor(mean))}{when} {whom} ({amount(beside, unit)}), "
                f"beyond doubt {change(_factor(low))} at least."
            )
            return Finding(why=why, is_worse=True, is_weak=is_weak)
    (bake, _), (end, _) = shift.windows()
    high = shift.bound(bake, passing(plan), 1, of_noise=is_weak)
    seen = f"{change(_factor(shift.mean(bake)))} {whom} ({amount(beside, unit)})"
    matters = change(_factor(threshold))
    if max(high, shift.bound(end, MILD, 1, of_noise=is_weak)) >= threshold:
        why = f"{seen}; it may be {change(_factor(high))}, and {matters} would matter."
        is_suspect = max(shift.mean(bake), shift.mean(end)) >= threshold
        return Finding(why=why, is_suspect=is_suspect, is_weak=is_weak)
    if _is_growing(shift, threshold, passing(plan)):
        why = f"{seen} and growing: in as much time again it would be {matters}."
        return Finding(why=why, is_suspect=True, is_weak=is_weak)
    why = f"{seen}, {change(_factor(high))} at most: less than {matters}."
    return Finding(why=why, is_fine=True, is_weak=is_weak)


def _factor(logarithm: float) -> float:
    """Return the factor, within what can be written."""
    return math.exp(max(-_MOST_WRITTEN, min(logarithm, _MOST_WRITTEN)))


def _is_growing(shift: _Shift, threshold: float, alpha: float) -> bool:
    """Whether a certain growth would reach the threshold in as much time again.

    The last third's middle lies two thirds of the bake after the first third's, and the end of
    as much time again 7/6 of the bake after that: 7/4 of the growth in between.
    """
    start, end = shift.values[: len(_last_third(shift.values))], _last_third(shift.values)
    if not present(start) or not present(end):
        return False
    growth = shift.mean(end) - shift.mean(start)
    error = math.sqrt(2 * shift.noise.of_mean(min(len(present(start)), len(present(end)))))
    is_certain = growth > t_beyond(alpha, shift.noise.freedom) * error
    return is_certain and shift.mean(end) + 7 / 4 * growth >= threshold


def _last_third(values: Series) -> Series:
    end = values[-math.ceil(len(values) / END) :]
    return end if present(end) else values


def _minus(color: Series, control: Series) -> list[float | None]:
    return [
        None if one is None or other is None else one - other
        for one, other in zip(color, control, strict=False)
    ]
