"""The evidence about one color: every check judged, and what follows from all of them.

Tested in `test_verdict_record.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers.domain.config.applications import Application
from handlers.domain.deployments.diagnostics import failed_since, moved_since, unclear_since
from handlers.domain.deployments.target_health import HealthFinding, judge_health
from handlers.domain.model import console_links
from handlers.domain.model.evidence import Evidence, Result
from handlers.domain.model.measurements import Alarm, Answer, Measured, Points, Unmeasured
from handlers.domain.model.outcomes import DecisionOutcome, Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from handlers.domain.model.service import Service
from handlers.domain.model.verification_settings import MetricCheck, Verification
from handlers.domain.statistics.comparison import Multiplicity
from handlers.domain.verification import checks, metric_check
from handlers.domain.verification.bake import BakeProgress, bake_verdict
from handlers.domain.verification.color_observation import ColorObservation
from handlers.domain.verification.metric_series import MetricSeries
from handlers.domain.verification.period_window import period_start

MAX_LATE_LOOKS: Final = 50
"""Looks at a color that was let through, while people think: as many as a day has half hours."""


def evidence_of(seen: ColorObservation, results: Sequence[Result]) -> Evidence:
    """Say what follows from what the checks found."""
    weighed = bake_verdict(results, _bake(seen.progress, seen.settings, seen.now))
    board = seen.settings.dashboard
    return Evidence(
        verdict=weighed.verdict,
        reaction=weighed.reaction,
        detail=weighed.detail,
        since=seen.since,
        at=seen.now,
        looks=_looks(seen.progress),
        control=tuple(seen.control),
        results=tuple(results),
        link=console_links.dashboard(seen.region, board, seen.since, seen.now) if board else "",
        overtaken=any(each.check == checks.OTHER_COLORS for each in results),
    )


def unreachable_evidence(
    progress: ColorProgress, application: Application, why: str, now: datetime
) -> Evidence:
    """Say what follows where ECS could not be asked: an error like that of any other check."""
    result = checks.unreachable(why)
    weighed = bake_verdict([result], _bake(progress, application.verification, now))
    return Evidence(
        verdict=weighed.verdict,
        reaction=weighed.reaction,
        detail=weighed.detail,
        since=progress.times[Stage.VERIFYING],
        at=now,
        looks=_looks(progress),
        results=(result,),
    )


def task_results(seen: ColorObservation) -> tuple[list[Result], bool]:
    """Judge the deployment's identity, its tasks and its targets.

    Returns:
        What was found, and whether that ends it: the color is not there, unhealthy, or one before
        it does not run the release any more.
    """
    first = checks.tasks(_health(seen))
    gone = [] if seen.is_late else overtaken_colors(seen.rollout, seen.services)
    if gone:
        return [first, checks.other_colors(gone)], True
    if seen.service is None or first.verdict is Verdict.UNHEALTHY:
        return [first], True
    deployment = seen.progress.deployment
    stops = checks.TaskStops(
        deployment=deployment,
        desired=seen.service.desired,
        failed=failed_since(seen.stopped, deployment, seen.since),
        unclear=unclear_since(seen.stopped, deployment, seen.since),
        moved=len(moved_since(seen.stopped, deployment, seen.since)),
        control_failed=_control_failed(seen),
    )
    return [first, checks.restarts(stops)], False


def overtaken_colors(rollout: Rollout, services: Mapping[str, Service]) -> list[str]:
    """Name the released colors that do not run the release any more, a sentence each.

    Their own looks come while people are asked; between an answer and the end nobody asks.

    Args:
        rollout: its record.
        services: ECS service → what ECS says of it; one that does not exist is left out.
    """
    said = []
    for color in rollout.colors.values():
        if color.stage is not Stage.RELEASED:
            continue
        service = services.get(color.service)
        primary = service.primary if service and service.active else None
        if primary is None or primary.id != color.deployment:
            runs = short_name(primary.task_definition) if primary else "nothing"
            said.append(f"Someone changed {color.color}: it runs {runs}")
        elif service and service.desired == 0:
            said.append(f"Someone scaled {color.color} to zero")
    return said


def metric_series(
    seen: ColorObservation, measured: Mapping[tuple[str, str], Measured]
) -> MetricSeries:
    """Put together what was measured, by the metric's name and the color."""
    period = seen.window.period
    return MetricSeries(
        color=seen.color,
        control=seen.control,
        measured={key: _period_aligned(each, period) for key, each in measured.items()},
        window=seen.window,
        multiplicity=_multiplicity(seen.settings, is_late=seen.is_late),
    )


def alarm_results(seen: ColorObservation, alarms: Mapping[str, Alarm | Unmeasured]) -> list[Result]:
    region = seen.region
    return [checks.alarm(n, each, console_links.alarm(region, n)) for n, each in alarms.items()]


def metric_results(seen: ColorObservation, series: MetricSeries) -> list[Result]:
    return [_metric(seen, check, series) for check in seen.settings.metrics.values()]


def smoke_results(seen: ColorObservation, answer: Answer | Unmeasured | None) -> list[Result]:
    """Judge the color's answer; None where none is asked for."""
    check = seen.settings.smoke
    return [checks.smoke(check, answer)] if check and answer else []


def _looks(progress: ColorProgress) -> int:
    return 1 + (progress.evidence.looks if progress.evidence else 0)


def _bake(progress: ColorProgress, wanted: Verification, now: datetime) -> BakeProgress:
    """Say until when it is watched; people who ask for another look give it more time."""
    since = progress.times[Stage.VERIFYING]
    enough, at_most = since + wanted.bake, since + wanted.bake_at_most
    answer = progress.doubt.decision if progress.doubt else None
    if answer is not None and answer.outcome == DecisionOutcome.LOOK_AGAIN:
        at_most = max(at_most, answer.at + (wanted.bake_at_most - wanted.bake or wanted.bake))
    return BakeProgress(now=now, earliest_pass=enough, latest_end=at_most)


def _control_failed(seen: ColorObservation) -> float:
    """Say how many of the color's tasks would have failed, had they failed like the control's."""
    services = [seen.services[seen.rollout.colors[color].service] for color in seen.control]
    failed = sum(
        len(failed_since(seen.control_stopped, each.primary.id, seen.since))
        for each in services
        if each.primary
    )
    tasks = sum(each.desired for each in services)
    return failed * seen.service.desired / tasks if seen.service and tasks else 0


def _health(seen: ColorObservation) -> HealthFinding:
    settle = seen.application.settle
    deployed = seen.progress.times[Stage.VERIFYING]
    # Those that ECS starts for tasks that had to move get the same time to become healthy.
    moved = moved_since(seen.stopped, seen.progress.deployment, seen.now - settle)
    return judge_health(
        service=seen.service,
        deployment=seen.progress.deployment,
        revision=seen.rollout.release.revision_for(seen.color),
        tasks=seen.running,
        targets=seen.targets,
        settled=(seen.is_late or seen.now >= deployed + settle) and not moved,
    )


def _metric(seen: ColorObservation, check: MetricCheck, series: MetricSeries) -> Result:
    """Judge one metric; its link shows the color beside those that it was held against."""
    window, queries = seen.window, list(seen.queries(check).values())
    link = console_links.metrics(
        seen.region, queries, window.period, window.before_since, window.until
    )
    least = seen.settings.requests
    if check.name == "requests":
        found = metric_check.request_count(check, series, least)
    else:
        found = metric_check.metric_result(check, series)
        found = metric_check.weakened_by_few_requests(found, check, series, least)
    return replace(found, link=link)


def _multiplicity(wanted: Verification, *, is_late: bool) -> Multiplicity:
    deciding = sum(check.decides for check in wanted.metrics.values())
    looks = MAX_LATE_LOOKS if is_late else max(1, wanted.bake_at_most // wanted.period)
    return Multiplicity(looks=looks, checks=max(1, deciding))


def _period_aligned(seen: Measured, period: timedelta) -> Measured:
    """Put each value down to the period in which it begins, so that series can be held together."""
    if isinstance(seen, Unmeasured):
        return seen
    return Points(
        values={period_start(start, period): value for start, value in seen.values.items()}
    )
