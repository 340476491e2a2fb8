"""Compares a proportion with its limit and its control: errors of requests, as counts (`counts`).

- Unhealthy: the bake or its last third reaches the effect, with as many errors as that asks for,
  and the color is significantly worse by a part of it (`EFFECT_MARGIN`).
- Healthy: the upper bound of color - a·expected - b is negative, where the effect asks for
  a = times, b = 0 or a = 1, b = by, whichever is more; and the last third does not reach it.

A limit is compared with the color's own exact bounds. Without a control the color's own hour before
takes its place. Hours differ, so this comparison alone never condemns.
"""

import math
from collections.abc import Sequence

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Effect
from handlers.domain.statistics.autocorrelation import MIN_VALUES, Series, is_usable
from handlers.domain.statistics.comparison import Judgement, Multiplicity, PairedSamples, Sample
from handlers.domain.statistics.comparison_result import ComparisonResult, combined_verdict, percent
from handlers.domain.statistics.counts import (
    Counts,
    PeriodCounts,
    control_baseline,
    own_baseline,
    paired_with_past,
    past_baseline,
    totals,
    with_totals,
)
from handlers.domain.statistics.coverage import Gap, coverage_gap, with_gap
from handlers.domain.statistics.significance import (
    EFFECT_MARGIN,
    END_PARTS,
    failure_alpha,
    pass_alpha,
)


def compare_proportions(
    measured: PairedSamples,
    *,
    effect: Effect | None,
    at_most: float | None,
    at_least: float | None = None,
    multiplicity: Multiplicity,
) -> Judgement:
    """Judge a proportion by its limits, and by its control or its own past.

    Args:
        measured: `values` are the events (errors), `totals` the trials (requests).
        effect: The smallest difference that matters; `by` and the limit are proportions (0.005).
        at_most: The proportion's upper limit.
        at_least: Its lower limit: of the trials that were no events, the rest is the upper one.
        multiplicity: How many tests the bounds are corrected for.
    """
    color, control = measured.color, measured.control
    missing = _gap_between(color, control)
    alone, bake = _periods(color, None), _periods(color, control)
    total = totals(alone)
    value = total.proportion if total.requests else None
    if missing and missing.is_fatal:
        return Judgement(verdict=Verdict.NO_DATA, detail=missing.why, value=value)
    if not total.requests:
        why = "There were no requests, so nothing is known of errors."
        return Judgement(verdict=Verdict.NO_DATA, detail=why)
    results = []
    own_before = _periods(measured.before, None)
    floor = effect.at_least if effect else 0
    if at_most is not None:
        results.append(_against_limit(alone, own_before, at_most, floor, multiplicity))
    if at_least is not None:
        others, before = _complements(alone), _complements(own_before)
        limit = 1 - at_least
        results.append(
            _against_limit(others, before, limit, floor, multiplicity, is_complement=True)
        )
    reference: float | None = None
    if effect and control and not (missing and missing.lacks_control):
        before = _periods(measured.before, measured.control_before)
        found, reference = _against_control(bake, before, effect, multiplicity)
        results.append(found)
    elif effect and not control:
        found, reference = _against_past(bake, own_before, effect, multiplicity)
        results.append(found)
    verdict, detail = combined_verdict(results)
    judgement = Judgement(verdict=verdict, detail=detail, value=value, control=reference)
    return with_gap(judgement, missing)


def _against_control(
    bake: Sequence[PeriodCounts],
    before: Sequence[PeriodCounts],
    effect: Effect,
    multiplicity: Multiplicity,
) -> tuple[ComparisonResult, float]:
    """Compare the proportion with its control's; return what that predicts, too."""
    baseline = control_baseline(before, len(bake))
    found = _against_effect(bake, baseline, effect, multiplicity, is_against_past=False)
    return found, with_totals(baseline, bake).expected


def _against_past(
    bake: Sequence[PeriodCounts],
    before: Sequence[PeriodCounts],
    effect: Effect,
    multiplicity: Multiplicity,
) -> tuple[ComparisonResult, float | None]:
    """Compare the proportion with its own of the hour before; return that, too."""
    if len(before) < MIN_VALUES:
        why = "There is too little of its own past to compare with."
        return ComparisonResult(why=why, is_against_past=True), None
    baseline, past = past_baseline(before, len(bake))
    paired = paired_with_past(past, bake)
    found = _against_effect(paired, baseline, effect, multiplicity, is_against_past=True)
    return found, past.proportion


def _against_limit(
    bake: Sequence[PeriodCounts],
    before: Sequence[PeriodCounts],
    limit: float,
    min_events: int,
    multiplicity: Multiplicity,
    *,
    is_complement: bool = False,
) -> ComparisonResult:
    """Compare the color's own proportion with its limit.

    Of a complement (what was no event), it is said of the proportion itself.
    """

    def said(proportion: float) -> str:
        return percent(1 - proportion if is_complement else proportion)

    beyond = "below" if is_complement else "above"
    own = own_baseline(before, len(bake))
    for periods, when in _windows(bake):
        counts = with_totals(own, periods)
        is_above = counts.lower_limit(failure_alpha(multiplicity)) > limit
        if is_above and counts.errors >= min_events:
            seen = f"{said(counts.proportion)}{when}"
            why = f"{seen}, beyond doubt {beyond} the limit of {said(limit)}."
            return ComparisonResult(why=why, is_beyond=True)
    counts, end = (with_totals(own, periods) for periods, _ in _windows(bake))
    seen = said(counts.proportion)
    if counts.upper_limit(pass_alpha(multiplicity)) <= limit and end.proportion <= limit:
        why = f"{seen}, within the limit of {said(limit)}."
        return ComparisonResult(why=why, is_within=True)
    why = f"{seen}, too close to the limit of {said(limit)} to be sure."
    return ComparisonResult(why=why, is_suspect=True)


def _against_effect(
    bake: Sequence[PeriodCounts],
    baseline: Counts,
    effect: Effect,
    multiplicity: Multiplicity,
    *,
    is_against_past: bool,
) -> ComparisonResult:
    """Compare the proportion with the expected count."""
    compared_with = "against its own past" if is_against_past else "against the control"
    for periods, when in _windows(bake):
        counts = with_totals(baseline, periods)
        times = effect.times**EFFECT_MARGIN
        if _reaches(counts, effect) and counts.exceeds(times, failure_alpha(multiplicity)):
            why = (
                f"{percent(counts.proportion)}{when} {compared_with} ({percent(counts.expected)}): "
                f"{counts.errors:,.0f} of {counts.requests:,.0f}, beyond doubt more."
            )
            return ComparisonResult(why=why, is_beyond=True, is_against_past=is_against_past)
    counts, end = (with_totals(baseline, periods) for periods, _ in _windows(bake))
    seen = f"{percent(counts.proportion)} {compared_with} ({percent(counts.expected)})"
    times, more = _threshold(counts, effect)
    beyond = counts.upper_bound_beyond(times, more, pass_alpha(multiplicity))
    threshold = times * counts.expected + more
    is_suspect = _reaches(counts, effect) or _reaches(end, effect)
    if beyond >= 0 or is_suspect:
        high = f"it may be {percent(min(1.0, threshold + beyond))}, " if beyond >= 0 else ""
        why = f"{seen}; {high}and {percent(threshold)} would matter."
        return ComparisonResult(why=why, is_suspect=is_suspect, is_against_past=is_against_past)
    why = (
        f"{seen}, {percent(max(0.0, threshold + beyond))} at most: less than {percent(threshold)}."
    )
    return ComparisonResult(why=why, is_within=True, is_against_past=is_against_past)


def _reaches(counts: Counts, effect: Effect) -> bool:
    """Whether the observed proportion reaches the effect."""
    times, more = _threshold(counts, effect)
    is_enough = counts.errors >= max(1, effect.at_least)
    return is_enough and counts.proportion >= times * counts.expected + more


def _threshold(counts: Counts, effect: Effect) -> tuple[float, float]:
    """Return a and b of the threshold a·expected + b, by the part of the effect that is more."""
    if effect.times * counts.expected >= counts.expected + effect.by:
        return effect.times, 0.0
    return 1.0, effect.by


def _gap_between(color: Sample, control: Sample | None) -> Gap | None:
    samples = [_valid_counts(each) for each in (color, control) if each]
    return coverage_gap(samples[0], samples[1] if control else ())


def _valid_counts(sample: Sample) -> tuple[Series, Series]:
    """Return events and totals; more events than that are made invalid."""
    trials = [*sample.totals, *[None] * (len(sample.values) - len(sample.totals))]
    events = [
        math.nan if is_usable(count) and is_usable(total) and (count or 0) > (total or 0) else count
        for count, total in zip(sample.values, trials, strict=False)
    ]
    return events, trials


def _periods(color: Sample, control: Sample | None) -> list[PeriodCounts]:
    """List the periods in which all values are usable."""
    samples = [series for each in (color, control) if each for series in _valid_counts(each)]
    known = [
        [each for each in values if each is not None and is_usable(each)]
        for values in zip(*samples, strict=False)
    ]
    return [PeriodCounts(*values) for values in known if len(values) == len(samples)]


def _complements(periods: Sequence[PeriodCounts]) -> list[PeriodCounts]:
    """Count in each period what was no event."""
    return [PeriodCounts(each.requests - each.errors, each.requests) for each in periods]


def _windows(bake: Sequence[PeriodCounts]) -> list[tuple[Sequence[PeriodCounts], str]]:
    """List the bake and its last third, each with its words for a sentence."""
    end = bake[-math.ceil(len(bake) / END_PARTS) :]
    return [(bake, ""), (end, f" in the last {len(end)} periods")]
