"""Judges a share: errors of requests. Counts are compared as counts (`counts.py`).

- Unhealthy: the bake or its last third reaches the effect, with as many errors as that asks for,
  and the color is shown to be worse by a part of it (`doubt.MARGIN`).
- Healthy: the upper bound of color - a·expected - b is negative, where the effect asks for
  a = times, b = 0 or a = 1, b = by, whichever is more; and the last third does not reach it.

A limit is held against the color's own exact bounds. Without a control the color's own hour before
takes its place; hours differ, so this alone never condemns.
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
    estimate_dispersion,
    paired_with_past,
    past_baseline,
    totals,
    with_totals,
)
from handlers.domain.statistics.coverage import Gap, coverage_gap, with_gap
from handlers.domain.statistics.quantiles import poisson_lower_limit, poisson_upper_limit
from handlers.domain.statistics.significance import (
    EFFECT_MARGIN,
    END_PARTS,
    failure_alpha,
    pass_alpha,
)


def compare_proportions(
    measured: PairedSamples, *, effect: Effect | None, at_most: float | None, plan: Multiplicity
) -> Judgement:
    """Say whether a share is where it should be.

    Args:
        measured: `values` are the events (errors), `of` what they are a share of (requests).
        effect: What difference from the control matters; `by` and the limit are shares (0.005).
        at_most: The share's upper limit.
        plan: What the bounds are corrected for.
    """
    color, control = measured.color, measured.control
    missing = _gap_between(color, control)
    alone, bake = _periods(color, None), _periods(color, control)
    total = totals(alone)
    value = total.share if total.requests else None
    if missing and missing.is_fatal:
        return Judgement(verdict=Verdict.NO_DATA, detail=missing.why, value=value)
    if not total.requests:
        why = "There were no requests, so nothing is known of errors."
        return Judgement(verdict=Verdict.NO_DATA, detail=why)
    findings = []
    own_before = _periods(measured.before, None)
    floor = effect.at_least if effect else 0
    if at_most is not None:
        findings.append(_against_limit(alone, own_before, at_most, floor, plan))
    beside: float | None = None
    if effect and control and not (missing and missing.is_alone):
        before = _periods(measured.before, measured.control_before)
        usual = control_baseline(before, len(bake))
        beside = with_totals(usual, bake).expected
        findings.append(_against_effect(bake, usual, effect, plan, is_weak=False))
    elif effect and not control and len(own_before) >= MIN_VALUES:
        usual, past = past_baseline(own_before, len(bake))
        beside = past.share
        findings.append(
            _against_effect(paired_with_past(past, bake), usual, effect, plan, is_weak=True)
        )
    elif effect and not control:
        why = "There is too little of its own past to compare with."
        findings.append(ComparisonResult(why=why, is_weak=True))
    verdict, detail = combined_verdict(findings)
    judgement = Judgement(verdict=verdict, detail=detail, value=value, control=beside)
    return with_gap(judgement, missing)


def _against_limit(
    bake: Sequence[PeriodCounts],
    before: Sequence[PeriodCounts],
    limit: float,
    fewest_events: int,
    plan: Multiplicity,
) -> ComparisonResult:
    """Hold the color's own share against its limit."""
    bursts, freedom = estimate_dispersion(
        [(each.errors, each.requests) for each in before], len(bake)
    )
    own = Counts(bursts=bursts, freedom=freedom)
    alarm, seen = failure_alpha(plan), percent(totals(bake).share)
    for periods, when in _windows(bake):
        total = with_totals(own, periods)
        by = total.dispersion(alarm)
        low = (
            by * poisson_lower_limit(total.errors / by, alarm) / total.requests
            if total.requests
            else 0.0
        )
        if low > limit and total.errors >= fewest_events:
            why = f"{percent(total.share)}{when}, beyond doubt above the limit of {percent(limit)}."
            return ComparisonResult(why=why, is_worse=True)
    total = with_totals(own, bake)
    by = total.dispersion(pass_alpha(plan))
    high = by * poisson_upper_limit(total.errors / by, pass_alpha(plan)) / total.requests
    if high <= limit and totals(_windows(bake)[1][0]).share <= limit:
        return ComparisonResult(why=f"{seen}, within the limit of {percent(limit)}.", is_fine=True)
    why = f"{seen}, too close to the limit of {percent(limit)} to be sure."
    return ComparisonResult(why=why, is_suspect=True)


def _against_effect(
    bake: Sequence[PeriodCounts],
    usual: Counts,
    effect: Effect,
    plan: Multiplicity,
    *,
    is_weak: bool,
) -> ComparisonResult:
    """Hold the share against what is expected of it."""
    whom = "against its own past" if is_weak else "against the control"
    for periods, when in _windows(bake):
        counts = with_totals(usual, periods)
        times = effect.times**EFFECT_MARGIN
        if _reaches(counts, effect) and counts.is_worse_than(times, failure_alpha(plan)):
            why = (
                f"{percent(counts.share)}{when} {whom} ({percent(counts.expected)}): "
                f"{counts.errors:,.0f} of {counts.requests:,.0f}, beyond doubt more."
            )
            return ComparisonResult(why=why, is_worse=True, is_weak=is_weak)
    counts, end = (with_totals(usual, periods) for periods, _ in _windows(bake))
    seen = f"{percent(counts.share)} {whom} ({percent(counts.expected)})"
    times, more = _threshold(counts, effect)
    beyond = counts.most_beyond(times, more, pass_alpha(plan))
    matters = times * counts.expected + more
    is_suspect = _reaches(counts, effect) or _reaches(end, effect)
    if beyond >= 0 or is_suspect:
        high = f"it may be {percent(min(1.0, matters + beyond))}, " if beyond >= 0 else ""
        why = f"{seen}; {high}and {percent(matters)} would matter."
        return ComparisonResult(why=why, is_suspect=is_suspect, is_weak=is_weak)
    why = f"{seen}, {percent(max(0.0, matters + beyond))} at most: less than {percent(matters)}."
    return ComparisonResult(why=why, is_fine=True, is_weak=is_weak)


def _reaches(counts: Counts, effect: Effect) -> bool:
    """Whether the effect is there as far as can be seen."""
    times, more = _threshold(counts, effect)
    is_enough = counts.errors >= max(1, effect.at_least)
    return is_enough and counts.share >= times * counts.expected + more


def _threshold(counts: Counts, effect: Effect) -> tuple[float, float]:
    """Return a and b: the effect is a·expected + b, whichever of its two parts is more."""
    if effect.times * counts.expected >= counts.expected + effect.by:
        return effect.times, 0.0
    return 1.0, effect.by


def _gap_between(color: Sample, control: Sample | None) -> Gap | None:
    sides = [_valid_counts(each) for each in (color, control) if each]
    return coverage_gap(sides[0], sides[1] if control else ())


def _valid_counts(side: Sample) -> tuple[Series, Series]:
    """Return events and what they are of, with more events than that made broken values."""
    of = [*side.of, *[None] * (len(side.values) - len(side.of))]
    events = [
        math.nan if is_usable(one) and is_usable(other) and (one or 0) > (other or 0) else one
        for one, other in zip(side.values, of, strict=False)
    ]
    return events, of


def _periods(color: Sample, control: Sample | None) -> list[PeriodCounts]:
    """List the periods in which everything is usable."""
    sides = [series for each in (color, control) if each for series in _valid_counts(each)]
    known = [
        [each for each in values if each is not None and is_usable(each)]
        for values in zip(*sides, strict=False)
    ]
    return [PeriodCounts(*values) for values in known if len(values) == len(sides)]


def _windows(bake: Sequence[PeriodCounts]) -> list[tuple[Sequence[PeriodCounts], str]]:
    """List the bake and its last third, each with the words for it."""
    end = bake[-math.ceil(len(bake) / END_PARTS) :]
    return [(bake, ""), (end, f" in the last {len(end)} periods")]
