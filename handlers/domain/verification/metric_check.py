"""The metric checks of one observation: what the measurements of a metric come to.

A metric that could not be measured stays `no_data` or `error`: it never becomes healthy.

Tested in `test_nothing_unmeasured_passes.py`.
"""

from collections.abc import Sequence
from dataclasses import replace

from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.model import number_format
from handlers.domain.model.evidence import Result
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import MetricCheck
from handlers.domain.statistics.comparison import Judgement, Multiplicity, PairedSamples, Sample
from handlers.domain.statistics.level_comparison import compare_levels
from handlers.domain.statistics.proportion_comparison import compare_proportions
from handlers.domain.verification.metric_series import (
    MetricSeries,
    control_sample,
    or_empty,
    sample_of,
    values_in,
    without_late_periods,
)


def request_count(check: MetricCheck, series: MetricSeries, min_requests: int) -> Result:
    """Report whether the color has answered as many requests as a verdict needs."""
    measured = series.points(check.name, series.color)
    if isinstance(measured, Unmeasured):
        return _unmeasured(check, measured)
    values = values_in(measured, series.window.periods)
    total = sum(value for value in values if value is not None)
    is_enough = total >= min_requests
    verdict = Verdict.HEALTHY if is_enough else Verdict.NO_DATA
    count_text = f"{number_format.count(total)} requests"
    detail = (
        f"{count_text}."
        if is_enough
        else f"Only {count_text} of the {number_format.count(min_requests)} that it takes."
    )
    return Result(
        check=check.name,
        verdict=verdict,
        detail=detail,
        value=number_format.count(total),
        series=_rounded(values),
        dry_run=check.dry_run or not min_requests,
        reaction=check.reactions.to(verdict),
    )


def metric_result(check: MetricCheck, series: MetricSeries) -> Result:
    """Compare one metric with its limits and the control."""
    periods, before = series.window.periods, series.window.periods_before
    own = sample_of(check, series, [series.color], periods)
    if isinstance(own, Unmeasured):
        return _unmeasured(check, own)
    own = without_late_periods(own)
    control = control_sample(check, series, len(own.values))
    measured = PairedSamples(
        color=own,
        control=None if isinstance(control, Unmeasured) else control,
        before=or_empty(sample_of(check, series, [series.color], before)),
        control_before=or_empty(sample_of(check, series, series.control, before)),
    )
    if isinstance(control, Unmeasured):
        judgement = _judged_by_limits(check, measured, control, series.multiplicity)
    else:
        judgement = compare(check, measured, series.multiplicity)
    return Result(
        check=check.name,
        verdict=judgement.verdict,
        detail=judgement.detail,
        value=_value_text(check, judgement.value),
        control=_value_text(check, judgement.control),
        series=_rounded(_proportions(own) if check.of else own.values),
        dry_run=not check.decides,
        reaction=check.reactions.to(judgement.verdict),
    )


def weakened_by_few_requests(
    found: Result, check: MetricCheck, series: MetricSeries, min_requests: int
) -> Result:
    """Make an unhealthy percentile inconclusive where it rests on too few requests.

    The 99th percentile of a handful of requests is one of them. Where traffic has fallen since the
    hour before, from which the noise is estimated, chance alone would look like a failure.

    Args:
        found: the result of the check.
        check: the check; only percentiles are concerned.
        series: what was measured.
        min_requests: requests that the color must have answered; 0 where they are not counted.
    """
    measured = series.points("requests", series.color)
    is_percentile = check.query.statistic[:1] == "p"
    if found.verdict is not Verdict.UNHEALTHY or not is_percentile or not min_requests:
        return found
    counted = [] if isinstance(measured, Unmeasured) else values_in(measured, series.window.periods)
    total = sum(value for value in counted if value is not None)
    if total >= min_requests:
        return found
    verdict = Verdict.INCONCLUSIVE
    answered = f"{number_format.count(total)} of {number_format.count(min_requests)}"
    few = f"{answered} requests are too few to be sure"
    return replace(
        found,
        verdict=verdict,
        detail=sentence(few, found.detail),
        reaction=check.reactions.to(verdict),
    )


def compare(check: MetricCheck, measured: PairedSamples, multiplicity: Multiplicity) -> Judgement:
    """Compare a metric as a proportion where it is one, and else as a level."""
    if check.of:
        return compare_proportions(
            measured,
            effect=check.effect,
            at_most=check.at_most,
            at_least=check.at_least,
            multiplicity=multiplicity,
        )
    return compare_levels(
        measured,
        effect=check.effect,
        at_most=check.at_most,
        at_least=check.at_least,
        multiplicity=multiplicity,
        unit=check.unit,
    )


def _judged_by_limits(
    check: MetricCheck, measured: PairedSamples, control: Unmeasured, multiplicity: Multiplicity
) -> Judgement:
    """Judge a metric whose control cannot be measured: it may condemn, and never passes."""
    alone = compare(replace(check, effect=None), measured, multiplicity)
    if alone.verdict is Verdict.UNHEALTHY:
        return alone
    why = f"The control could not be measured: {control.why}"
    return replace(alone, verdict=control.verdict, detail=why)


def _proportions(sample: Sample) -> list[float | None]:
    return [
        None if value is None or not total else value / total
        for value, total in zip(sample.values, sample.totals, strict=True)
    ]


def _rounded(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values if value is not None)


def _value_text(check: MetricCheck, value: float | None) -> str:
    if value is None:
        return ""
    return number_format.share(value) if check.of else number_format.level(value, check.unit)


def _unmeasured(check: MetricCheck, measured: Unmeasured) -> Result:
    return Result(
        check=check.name,
        verdict=measured.verdict,
        detail=measured.why,
        dry_run=check.dry_run,
        reaction=check.reactions.to(measured.verdict),
    )
