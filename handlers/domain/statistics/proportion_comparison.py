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
from handlers.domain.statistics.autocorrelation import ENOUGH, Series, usable
from handlers.domain.statistics.comparison import Judgement, Measurements, Plan, Side
from handlers.domain.statistics.counts import (
    Counts,
    Period,
    beside_past,
    bursts_of,
    counted,
    past_of,
    total_of,
    usual_between,
)
from handlers.domain.statistics.coverage import Gap, gap, with_gap
from handlers.domain.statistics.findings import Finding, combined, percent
from handlers.domain.statistics.quantiles import fewest, most
from handlers.domain.statistics.significance import END, MARGIN, alarming, passing


def judge_share(
    measured: Measurements, *, effect: Effect | None, at_most: float | None, plan: Plan
) -> Judgement:
    """Say whether a share is where it should be.

    Args:
        measured: `values` are the events (errors), `of` what they are a share of (requests).
        effect: What difference from the control matters; `by` and the limit are shares (0.005).
        at_most: The share's upper limit.
        plan: What the bounds are corrected for.
    """
    color, control = measured.color, measured.control
    missing = _gap(color, control)
    alone, bake = _periods(color, None), _periods(color, control)
    total = total_of(alone)
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
        findings.append(_held(alone, own_before, at_most, floor, plan))
    beside: float | None = None
    if effect and control and not (missing and missing.is_alone):
        before = _periods(measured.before, measured.control_before)
        usual = usual_between(before, len(bake))
        beside = counted(usual, bake).expected
        findings.append(_compared(bake, usual, effect, plan, is_weak=False))
    elif effect and not control and len(own_before) >= ENOUGH:
        usual, past = past_of(own_before, len(bake))
        beside = past.share
        findings.append(_compared(beside_past(past, bake), usual, effect, plan, is_weak=True))
    elif effect and not control:
        why = "There is too little of its own past to compare with."
        findings.append(Finding(why=why, is_weak=True))
    verdict, detail = combined(findings)
    judgement = Judgement(verdict=verdict, detail=detail, value=value, control=beside)
    return with_gap(judgement, missing)


def _held(
    bake: Sequence[Period], before: Sequence[Period], limit: float, fewest_events: int, plan: Plan
) -> Finding:
    """Hold the color's own share against its limit."""
    bursts, freedom = bursts_of([(each.errors, each.requests) for each in before], len(bake))
    own = Counts(bursts=bursts, freedom=freedom)
    alarm, seen = alarming(plan), percent(total_of(bake).share)
    for periods, when in _windows(bake):
        total = counted(own, periods)
        by = total.dispersion(alarm)
        low = by * fewest(total.errors / by, alarm) / total.requests if total.requests else 0.0
        if low > limit and total.errors >= fewest_events:
            why = f"{percent(total.share)}{when}, beyond doubt above the limit of {percent(limit)}."
            return Finding(why=why, is_worse=True)
    total = counted(own, bake)
    by = total.dispersion(passing(plan))
    high = by * most(total.errors / by, passing(plan)) / total.requests
    if high <= limit and total_of(_windows(bake)[1][0]).share <= limit:
        return Finding(why=f"{seen}, within the limit of {percent(limit)}.", is_fine=True)
    why = f"{seen}, too close to the limit of {percent(limit)} to be sure."
    return Finding(why=why, is_suspect=True)


def _compared(
    bake: Sequence[Period], usual: Counts, effect: Effect, plan: Plan, *, is_weak: bool
) -> Finding:
    """Hold the share against what is expected of it."""
    whom = "against its own past" if is_weak else "against the control"
    for periods, when in _windows(bake):
        counts = counted(usual, periods)
        times = effect.times**MARGIN
        if _reaches(counts, effect) and counts.is_worse_than(times, alarming(plan)):
            why = (
                f"{percent(counts.share)}{when} {whom} ({percent(counts.expected)}): "
                f"{counts.errors:,.0f} of {counts.requests:,.0f}, beyond doubt more."
            )
            return Finding(why=why, is_worse=True, is_weak=is_weak)
    counts, end = (counted(usual, periods) for periods, _ in _windows(bake))
    seen = f"{percent(counts.share)} {whom} ({percent(counts.expected)})"
    times, more = _threshold(counts, effect)
    beyond = counts.most_beyond(times, more, passing(plan))
    matters = times * counts.expected + more
    is_suspect = _reaches(counts, effect) or _reaches(end, effect)
    if beyond >= 0 or is_suspect:
        high = f"it may be {percent(min(1.0, matters + beyond))}, " if beyond >= 0 else ""
        why = f"{seen}; {high}and {percent(matters)} would matter."
        return Finding(why=why, is_suspect=is_suspect, is_weak=is_weak)
    why = f"{seen}, {percent(max(0.0, matters + beyond))} at most: less than {percent(matters)}."
    return Finding(why=why, is_fine=True, is_weak=is_weak)


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


def _gap(color: Side, control: Side | None) -> Gap | None:
    sides = [_clean(each) for each in (color, control) if each]
    return gap(sides[0], sides[1] if control else ())


def _clean(side: Side) -> tuple[Series, Series]:
    """Return events and what they are of, with more events than that made broken values."""
    of = [*side.of, *[None] * (len(side.values) - len(side.of))]
    events = [
        math.nan if usable(one) and usable(other) and (one or 0) > (other or 0) else one
        for one, other in zip(side.values, of, strict=False)
    ]
    return events, of


def _periods(color: Side, control: Side | None) -> list[Period]:
    """List the periods in which everything is usable."""
    sides = [series for each in (color, control) if each for series in _clean(each)]
    known = [
        [each for each in values if each is not None and usable(each)]
        for values in zip(*sides, strict=False)
    ]
    return [Period(*values) for values in known if len(values) == len(sides)]


def _windows(bake: Sequence[Period]) -> list[tuple[Sequence[Period], str]]:
    """List the bake and its last third, each with the words for it."""
    end = bake[-math.ceil(len(bake) / END) :]
    return [(bake, ""), (end, f" in the last {len(end)} periods")]
