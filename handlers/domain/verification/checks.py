"""The checks of one look: from what was measured of a color to what each check found.

Whatever could not be measured stays what it is, `no_data` or `error`: it never becomes healthy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from handlers.domain.deployments.diagnostics import sentence, stopped_reasons
from handlers.domain.deployments.target_health import Finding
from handlers.domain.model import number_format
from handlers.domain.model.evidence import Result
from handlers.domain.model.measurements import Alarm, Answer, Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Task
from handlers.domain.model.verification_settings import LogCheck, MetricCheck, Reactions, SmokeCheck
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

OTHER_COLORS: Final = "other colors"
"""The check that the colors before this one still run the release."""
MIN_FAILED_TASKS: Final = 2
"""Tasks that failed within a bake; one may be chance."""
_DEFAULT_REACTIONS: Final = Reactions()


@dataclass(frozen=True, kw_only=True)
class LogCounts:
    """What one pattern found in a color's logs, and in its control's."""

    own: Lines | Unmeasured
    control: Lines | Unmeasured | None = None
    per_own: float = 0
    """How much there was to write about: requests, or task-minutes."""
    per_control: float = 0
    link: str = ""


def tasks(finding: Finding) -> Result:
    """Report the deployment's identity, its tasks and its targets."""
    return Result(
        check="tasks",
        verdict=finding.verdict,
        detail=finding.detail,
        reaction=_DEFAULT_REACTIONS.to(finding.verdict),
    )


def other_colors(gone: Sequence[str]) -> Result:
    """Report the colors that do not run the release any more."""
    return Result(
        check=OTHER_COLORS,
        verdict=Verdict.UNHEALTHY,
        detail=sentence(*gone),
        reaction=_DEFAULT_REACTIONS.to(Verdict.UNHEALTHY),
    )


def unreachable(why: str) -> Result:
    """Report that not even its tasks could be asked for."""
    verdict = Verdict.ERROR
    return Result(
        check="tasks",
        verdict=verdict,
        detail=sentence(why),
        reaction=_DEFAULT_REACTIONS.to(verdict),
    )


def restarts(failed: Sequence[Task], deployment: str, moved: int = 0) -> Result:
    """Judge the tasks that failed by themselves since the bake began.

    Args:
        failed: those tasks.
        deployment: the id of our deployment.
        moved: how many others had to leave their instance, which is told and not held against it.
    """
    verdict = Verdict.HEALTHY
    detail = "No task failed."
    if failed:
        verdict = Verdict.UNHEALTHY if len(failed) >= MIN_FAILED_TASKS else Verdict.INCONCLUSIVE
        times = "task" if len(failed) == 1 else "tasks"
        reasons = stopped_reasons(failed, deployment)
        detail = sentence(f"{len(failed)} {times} failed since it runs the release", *reasons)
    if moved:
        left = "A task" if moved == 1 else f"{moved} tasks"
        detail = sentence(detail, f"{left} had to leave an instance that was drained or went away")
    return Result(
        check="restarts",
        verdict=verdict,
        detail=detail,
        value=number_format.count(len(failed)),
        reaction=_DEFAULT_REACTIONS.to(verdict),
    )


def alarm(name: str, seen: Alarm | Unmeasured, link: str) -> Result:
    """Judge an alarm: only one that sees everything and is OK is healthy."""
    verdict, detail = _alarm(seen)
    return Result(
        check=f"alarm {name}",
        verdict=verdict,
        detail=detail,
        value="" if isinstance(seen, Unmeasured) else seen.state,
        link=link,
        reaction=_DEFAULT_REACTIONS.to(verdict),
    )


def _alarm(seen: Alarm | Unmeasured) -> tuple[Verdict, str]:
    if isinstance(seen, Unmeasured):
        return seen.verdict, seen.why
    if seen.state == "ALARM":
        return Verdict.UNHEALTHY, sentence("It is firing", seen.reason)
    if seen.blind:
        return Verdict.ERROR, sentence(f"It is blind: CloudWatch says {seen.blind}", seen.reason)
    if seen.state == "OK":
        return Verdict.HEALTHY, "It is quiet."
    return Verdict.NO_DATA, sentence(f"Its state is {seen.state or 'not known'}", seen.reason)


def requests(check: MetricCheck, readings: MetricSeries, least: int) -> Result:
    """Judge whether the color has answered enough requests to be judged by."""
    seen = readings.points(check.name, readings.color)
    if isinstance(seen, Unmeasured):
        return _unmeasured(check, seen)
    values = values_in(seen, readings.window.periods)
    total = sum(value for value in values if value is not None)
    enough = total >= least
    verdict = Verdict.HEALTHY if enough else Verdict.NO_DATA
    said = f"{number_format.count(total)} requests"
    detail = (
        f"{said}." if enough else f"Only {said} of the {number_format.count(least)} that it takes."
    )
    return Result(
        check=check.name,
        verdict=verdict,
        detail=detail,
        value=number_format.count(total),
        series=_rounded(values),
        dry_run=check.dry_run or not least,
        reaction=check.reactions.to(verdict),
    )


def metric(check: MetricCheck, readings: MetricSeries) -> Result:
    """Judge one metric against its limits and the control."""
    periods, before = readings.window.periods, readings.window.periods_before
    own = sample_of(check, readings, [readings.color], periods)
    if isinstance(own, Unmeasured):
        return _unmeasured(check, own)
    own = without_late_periods(own)
    control = control_sample(check, readings, len(own.values))
    measured = PairedSamples(
        color=own,
        control=None if isinstance(control, Unmeasured) else control,
        before=or_empty(sample_of(check, readings, [readings.color], before)),
        control_before=or_empty(sample_of(check, readings, readings.control, before)),
    )
    if isinstance(control, Unmeasured):
        judged = _judged_by_limits(check, measured, control, readings.multiplicity)
    else:
        judged = _judgement(check, measured, readings.multiplicity)
    return Result(
        check=check.name,
        verdict=judged.verdict,
        detail=judged.detail,
        value=_value_text(check, judged.value),
        control=_value_text(check, judged.control),
        series=_rounded(_proportions(own) if check.of else own.values),
        dry_run=not check.decides,
        reaction=check.reactions.to(judged.verdict),
    )


def with_few_requests(
    found: Result, check: MetricCheck, readings: MetricSeries, least: int
) -> Result:
    """Let a percentile condemn only once there are the requests that it takes to be judged by.

    The 99th percentile of a handful of requests is one of them. Where traffic has fallen since the
    hour before, from which the usual noise is learned, chance alone would look like a failure.

    Args:
        found: what the check found.
        check: which one; only those that are percentiles are concerned.
        readings: what was measured.
        least: requests that the color must have answered; 0 where they are not counted.
    """
    seen = readings.points("requests", readings.color)
    is_percentile = check.query.statistic[:1] == "p"
    if found.verdict is not Verdict.UNHEALTHY or not is_percentile or not least:
        return found
    counted = [] if isinstance(seen, Unmeasured) else values_in(seen, readings.window.periods)
    total = sum(value for value in counted if value is not None)
    if total >= least:
        return found
    verdict = Verdict.INCONCLUSIVE
    answered = f"{number_format.count(total)} of {number_format.count(least)}"
    few = f"{answered} requests are too few to be sure"
    return replace(
        found,
        verdict=verdict,
        detail=sentence(few, found.detail),
        reaction=check.reactions.to(verdict),
    )


def log(check: LogCheck, read: LogCounts) -> Result:
    """Judge how many lines match a pattern, against the control's."""
    own, control = read.own, read.control
    if isinstance(own, Unmeasured):
        verdict, detail = own.verdict, own.why
    elif isinstance(control, Unmeasured):
        verdict, detail = control.verdict, f"The control could not be read: {control.why}"
    else:
        verdict, detail = _compared_lines(check, own, control, read)
    return Result(
        check=f"log {check.name}",
        verdict=verdict,
        detail=detail,
        value=number_format.count(own.count) if isinstance(own, Lines) else "",
        control=number_format.count(control.count) if isinstance(control, Lines) else "",
        link=read.link,
        dry_run=check.dry_run,
        reaction=check.reactions.to(verdict),
    )


def smoke(check: SmokeCheck, answer: Answer | Unmeasured) -> Result:
    """Judge the answer to a request of our own."""
    if isinstance(answer, Unmeasured):
        verdict, detail = answer.verdict, answer.why
    elif answer.status != check.status:
        verdict, detail = Verdict.UNHEALTHY, f"It answered {answer.status}, not {check.status}."
    elif check.contains not in answer.body:
        verdict, detail = Verdict.UNHEALTHY, f"Its answer does not contain {check.contains!r}."
    else:
        verdict, detail = Verdict.HEALTHY, f"It answered {answer.status}."
    return Result(
        check="smoke",
        verdict=verdict,
        detail=detail,
        value="" if isinstance(answer, Unmeasured) else str(answer.status),
        dry_run=check.dry_run,
        reaction=check.reactions.to(verdict),
    )


def _judgement(
    check: MetricCheck, measured: PairedSamples, multiplicity: Multiplicity
) -> Judgement:
    if check.of:
        return compare_proportions(
            measured, effect=check.effect, at_most=check.at_most, multiplicity=multiplicity
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
    """Judge a metric whose control cannot be measured: its limits can condemn, nothing clears."""
    alone = _judgement(replace(check, effect=None), measured, multiplicity)
    if alone.verdict is Verdict.UNHEALTHY:
        return alone
    why = f"The control could not be measured: {control.why}"
    return replace(alone, verdict=control.verdict, detail=why)


def _compared_lines(
    check: LogCheck, own: Lines, control: Lines | None, read: LogCounts
) -> tuple[Verdict, str]:
    """Compare the lines with what they could have been written about."""
    if not (own.is_whole and (control is None or control.is_whole)):
        return (
            Verdict.INCONCLUSIVE,
            f"More than {number_format.count(own.count)} lines, too many to read",
        )
    if read.per_own <= 0 or (control is not None and read.per_control <= 0):
        return Verdict.NO_DATA, "There was nothing to write about yet."
    ours = own.count / read.per_own
    theirs = control.count / read.per_control if control else 0.0
    effect = check.effect
    is_enough = own.count >= effect.at_least and ours - theirs >= effect.by
    is_more = is_enough and ours >= theirs * effect.times
    known = control.examples if control else ()
    new = [line for line in own.examples if line not in known]
    against = f", the control {number_format.count(control.count)}" if control else ""
    said = f"{number_format.count(own.count)} lines{against}"
    detail = sentence(said, f'New: "{new[0]}"' if new else "")
    return Verdict.UNHEALTHY if is_more else Verdict.HEALTHY, detail


def _proportions(side: Sample) -> list[float | None]:
    return [
        None if value is None or not total else value / total
        for value, total in zip(side.values, side.totals, strict=True)
    ]


def _rounded(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values if value is not None)


def _value_text(check: MetricCheck, value: float | None) -> str:
    if value is None:
        return ""
    return number_format.share(value) if check.of else number_format.level(value, check.unit)


def _unmeasured(check: MetricCheck, seen: Unmeasured) -> Result:
    return Result(
        check=check.name,
        verdict=seen.verdict,
        detail=seen.why,
        dry_run=check.dry_run,
        reaction=check.reactions.to(seen.verdict),
    )
