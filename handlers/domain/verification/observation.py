"""One look at a color on the release: everything is measured, and every check judged."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers.domain.config.applications import Application
from handlers.domain.config.placeholders import filled, filled_query
from handlers.domain.deployments.diagnostics import failed_since, moved_since
from handlers.domain.deployments.target_health import Finding, find
from handlers.domain.model import console_links
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.evidence import Evidence, Result
from handlers.domain.model.measurements import Measured, Points, Unmeasured
from handlers.domain.model.outcomes import DecisionOutcome, Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from handlers.domain.model.service import Service, Task
from handlers.domain.model.verification_settings import MetricCheck, Verification
from handlers.domain.statistics.comparison import Multiplicity
from handlers.domain.verification import checks, metric_check
from handlers.domain.verification.bake import BakeProgress, bake_verdict
from handlers.domain.verification.log_check import log_results
from handlers.domain.verification.metric_series import MetricSeries
from handlers.domain.verification.observation_window import Observation, ObservationTools
from handlers.domain.verification.period_window import PeriodWindow, period_start

MAX_LATE_LOOKS: Final = 50
"""Looks at a color that was let through, while people think: as many as a day has half hours."""


def observe(
    rollout: Rollout, color: str, application: Application, tools: ObservationTools, now: datetime
) -> Evidence:
    """Look once at a color that is on the release, and say what follows.

    Raises:
        ShingoError: ECS or the load balancer could not be asked.
    """
    progress, wanted = rollout.colors[color], application.verification
    since = progress.times[Stage.VERIFYING]
    is_late = progress.stage is Stage.RELEASED
    begun = max(since, now - wanted.bake) if is_late else since
    names = [each.service for each in rollout.colors.values()]
    taken = Observation(
        rollout=rollout,
        progress=progress,
        application=application,
        tools=tools,
        window=_window(progress, wanted, begun, now),
        services=tools.ecs.services(progress.cluster, names),
    )
    results = _results(taken, is_late=is_late, settled=is_late or now >= since + application.settle)
    weighed = bake_verdict(results, _bake(progress, wanted, now))
    region = rollout.execution.split(":")[3]
    board = wanted.dashboard
    return Evidence(
        verdict=weighed.verdict,
        reaction=weighed.reaction,
        detail=weighed.detail,
        since=begun,
        at=now,
        looks=1 + (progress.evidence.looks if progress.evidence else 0),
        control=tuple(taken.control),
        results=tuple(results),
        link=console_links.dashboard(region, board, begun, now) if board else "",
        overtaken=any(each.check == checks.OTHER_COLORS for each in results),
    )


def unreachable_evidence(
    rollout: Rollout, color: str, application: Application, why: ShingoError, now: datetime
) -> Evidence:
    """Say what follows where ECS could not be asked: an error like that of any other check."""
    progress = rollout.colors[color]
    result = checks.unreachable(str(why))
    weighed = bake_verdict([result], _bake(progress, application.verification, now))
    return Evidence(
        verdict=weighed.verdict,
        reaction=weighed.reaction,
        detail=weighed.detail,
        since=progress.times[Stage.VERIFYING],
        at=now,
        looks=1 + (progress.evidence.looks if progress.evidence else 0),
        results=(result,),
    )


def _window(
    progress: ColorProgress, wanted: Verification, since: datetime, now: datetime
) -> PeriodWindow:
    left = progress.times.get(Stage.DEPLOYING, progress.times[Stage.VERIFYING])
    return PeriodWindow(
        since=since,
        until=now,
        before_since=left - wanted.compare_with,
        before_until=left,
        period=wanted.period,
    )


def _bake(progress: ColorProgress, wanted: Verification, now: datetime) -> BakeProgress:
    """Say until when it is watched; people who ask for another look give it more time."""
    since = progress.times[Stage.VERIFYING]
    enough, at_most = since + wanted.bake, since + wanted.bake_at_most
    answer = progress.doubt.decision if progress.doubt else None
    if answer is not None and answer.outcome == DecisionOutcome.LOOK_AGAIN:
        at_most = max(at_most, answer.at + (wanted.bake_at_most - wanted.bake or wanted.bake))
    return BakeProgress(now=now, earliest_pass=enough, latest_end=at_most)


def _results(taken: Observation, *, is_late: bool, settled: bool) -> list[Result]:
    """Run every check; one whose color is not there, or is not ours, ends it at once."""
    service = taken.service(taken.progress.color)
    running = taken.tasks(taken.progress.color) if service else []
    stopped = taken.tasks(taken.progress.color, stopped=True) if service else []
    # Those that ECS starts for tasks that had to move get the same time to become healthy.
    lately = taken.window.until - taken.application.settle
    settled = settled and not moved_since(stopped, taken.progress.deployment, lately)
    finding = _health_finding(taken, service, running, settled=settled)
    first = checks.tasks(finding)
    gone = [] if is_late else overtaken_colors(taken.rollout, taken.services)
    if gone:
        return [first, checks.other_colors(gone)]
    if service is None or finding.verdict is Verdict.UNHEALTHY:
        return [first]
    wanted, multiplicity = taken.wanted, _multiplicity(taken.wanted, is_late=is_late)
    readings = _metric_series(taken, multiplicity)
    return [
        first,
        _restarts(taken, stopped),
        *_alarms(taken),
        *(_metric(taken, check, readings) for check in wanted.metrics.values()),
        *log_results(taken, running, readings),
        *_smoke(taken),
    ]


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


def _metric(taken: Observation, check: MetricCheck, readings: MetricSeries) -> Result:
    """Judge one metric; its link shows the color beside those that it was held against."""
    window, colors = taken.window, (taken.progress.color, *taken.control)
    queries = [filled_query(check.query, taken.application.names(each)) for each in colors]
    link = console_links.metrics(
        taken.region, queries, window.period, window.before_since, window.until
    )
    if check.name == "requests":
        found = metric_check.request_count(check, readings, taken.wanted.requests)
    else:
        found = metric_check.metric_result(check, readings)
        found = metric_check.weakened_by_few_requests(found, check, readings, taken.wanted.requests)
    return replace(found, link=link)


def _health_finding(
    taken: Observation, service: Service | None, running: Sequence[Task], *, settled: bool
) -> Finding:
    groups = {each.target_group for each in service.load_balancers} if service else set()
    return find(
        service=service,
        deployment=taken.progress.deployment,
        revision=taken.rollout.release.revision,
        tasks=running,
        targets={group: taken.tools.balancers.targets(group) for group in groups},
        settled=settled,
    )


def _multiplicity(wanted: Verification, *, is_late: bool) -> Multiplicity:
    deciding = sum(check.decides for check in wanted.metrics.values())
    looks = MAX_LATE_LOOKS if is_late else max(1, wanted.bake_at_most // wanted.period)
    return Multiplicity(looks=looks, checks=max(1, deciding))


def _restarts(taken: Observation, stopped: Sequence[Task]) -> Result:
    deployment, since = taken.progress.deployment, taken.window.since
    failed = failed_since(stopped, deployment, since)
    return checks.restarts(failed, deployment, len(moved_since(stopped, deployment, since)))


def _alarms(taken: Observation) -> list[Result]:
    names = alarm_names(taken.application, taken.progress.color)
    seen = taken.tools.metrics.alarms(names) if names else {}
    return [checks.alarm(n, seen[n], console_links.alarm(taken.region, n)) for n in names]


def alarm_names(application: Application, color: str) -> list[str]:
    """Name the alarms of one color."""
    return [filled(a, application.names(color)) for a in application.verification.alarms]


def _metric_series(taken: Observation, multiplicity: Multiplicity) -> MetricSeries:
    """Ask CloudWatch for every metric of the color and its control, in one go."""
    window, color = taken.window, taken.progress.color
    colors = [color, *taken.control]
    queries = {
        (check.name, each): filled_query(check.query, taken.application.names(each))
        for check in taken.wanted.metrics.values()
        for each in colors
    }
    answers = taken.tools.metrics.series(
        {f"{check}|{each}": query for (check, each), query in queries.items()},
        period_start(window.before_since, window.period),
        period_start(window.until, window.period),
        window.period,
    )
    measured = {key: _period_aligned(answers["|".join(key)], window.period) for key in queries}
    return MetricSeries(
        color=color,
        control=taken.control,
        measured=measured,
        window=window,
        multiplicity=multiplicity,
    )


def _period_aligned(seen: Measured, period: timedelta) -> Measured:
    """Put each value down to the period in which it begins, so that series can be held together."""
    if isinstance(seen, Unmeasured):
        return seen
    return Points(
        values={period_start(start, period): value for start, value in seen.values.items()}
    )


def _smoke(taken: Observation) -> list[Result]:
    check = taken.wanted.smoke
    if check is None:
        return []
    url = filled(check.url, taken.application.names(taken.progress.color))
    return [checks.smoke(check, taken.tools.smoke.get(url))]
