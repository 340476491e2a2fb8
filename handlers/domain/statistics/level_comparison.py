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
from typing import Final

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Effect
from handlers.domain.statistics.autocorrelation import (
    measured_values,
)
from handlers.domain.statistics.comparison import Judgement, Multiplicity, PairedSamples
from handlers.domain.statistics.comparison_result import (
    ComparisonResult,
    combined_verdict,
    level_text,
    relative_change,
)
from handlers.domain.statistics.coverage import coverage_gap, with_gap
from handlers.domain.statistics.level_shift import (
    LogLevels,
    Shift,
    control_shift,
    last_third,
    own_level,
    past_shift,
)
from handlers.domain.statistics.quantiles import t_quantile
from handlers.domain.statistics.significance import (
    EFFECT_MARGIN,
    failure_alpha,
    pass_alpha,
)

END_ALPHA: Final = 0.02
"""Chance of error, at one look, of the last third's upper bound; it has few periods."""
_MAX_LOG_RATIO: Final = math.log(1e6)


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
    logs = LogLevels(measured)
    if missing and missing.is_fatal:
        value = None if math.isnan(logs.value) else logs.value
        return Judgement(verdict=Verdict.NO_DATA, detail=missing.why, value=value)
    limits = [(1, at_most), (-1, at_least)]
    findings = [
        _against_limit(own_level(logs), math.log(max(limit, logs.floor)), sign, multiplicity, unit)
        for sign, limit in limits
        if limit is not None
    ]
    reference: float | None = None
    if effect and not (missing and missing.lacks_control):
        is_against_past = control is None
        found, reference = _shifted(
            logs, effect, multiplicity, unit, is_against_past=is_against_past
        )
        findings.append(found)
    verdict, detail = combined_verdict(findings)
    judgement = Judgement(verdict=verdict, detail=detail, value=logs.value, control=reference)
    return with_gap(judgement, missing)


def _shifted(
    logs: LogLevels, effect: Effect, multiplicity: Multiplicity, unit: str, *, is_against_past: bool
) -> tuple[ComparisonResult, float | None]:
    """Compare the level with what its control, or its past, predicts; return that level, too."""
    shift = past_shift(logs) if is_against_past else control_shift(logs)
    if not shift:
        why = "There is too little of its own past to compare with."
        return ComparisonResult(why=why, is_against_past=True), None
    reference = logs.value / _as_factor(shift.mean(shift.values))
    found = _against_effect(
        shift, effect, reference, multiplicity, unit, is_against_past=is_against_past
    )
    return found, reference


def _against_limit(
    own: Shift, limit: float, sign: int, multiplicity: Multiplicity, unit: str
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
    shift: Shift,
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


def _is_growing(shift: Shift, threshold: float, alpha: float) -> bool:
    """Whether a significant growth would reach the threshold in as much time again.

    The last third's middle lies two thirds of the bake after the first third's, and the end of
    as much time again 7/6 of the bake after that: 7/4 of the growth in between.
    """
    start, end = shift.values[: len(last_third(shift.values))], last_third(shift.values)
    if not measured_values(start) or not measured_values(end):
        return False
    growth = shift.mean(end) - shift.mean(start)
    error = math.sqrt(
        2
        * shift.noise.variance_of_mean(min(len(measured_values(start)), len(measured_values(end))))
    )
    is_certain = growth > t_quantile(alpha, shift.noise.degrees_of_freedom) * error
    return is_certain and shift.mean(end) + 7 / 4 * growth >= threshold
