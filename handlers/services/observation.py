"""Observing one color on the release: everything is measured, then judged.

What is measured decides nothing here: `domain/verification` judges it.

Tested in `test_verify_color.py`.
"""

from dataclasses import replace
from datetime import datetime

from handlers.domain.config.placeholders import filled
from handlers.domain.config.removed_application import as_recorded
from handlers.domain.deployments.diagnostics import failed_since
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.evidence import Evidence, Result
from handlers.domain.model.measurements import Answer, Lines, Measured, Unmeasured
from handlers.domain.model.rollout import ColorProgress, Rollout
from handlers.domain.model.service import Task
from handlers.domain.verification.checks import MIN_FAILED_TASKS
from handlers.domain.verification.color_evidence import (
    alarm_results,
    evidence_of,
    metric_results,
    metric_series,
    smoke_results,
    task_results,
)
from handlers.domain.verification.color_observation import (
    ColorObservation,
    active_service,
    alarm_names,
)
from handlers.domain.verification.log_check import (
    FoundLines,
    LogLocation,
    LogSource,
    LogSources,
    control_colors,
    control_sources,
    earlier_tasks,
    lines_together,
    log_location,
    log_results,
    own_source,
    unread_results,
)
from handlers.domain.verification.metric_series import MetricSeries
from handlers.domain.verification.period_window import period_start
from handlers.services.context import Context


def observe(context: Context, rollout: Rollout, color: str, now: datetime) -> Evidence:
    """Look once at a color that is on the release, and say what follows.

    Raises:
        ShingoError: ECS or the load balancer could not be asked.
    """
    seen = _observation(context, rollout, color, now)
    results, is_over = task_results(seen)
    if is_over:
        return evidence_of(seen, results)
    series = metric_series(seen, _measured(context, seen))
    alarms = context.gateways.metrics.alarms(alarm_names(seen.application, seen.color))
    results += alarm_results(seen, alarms)
    results += metric_results(seen, series)
    results += _log_results(context, seen, series)
    results += smoke_results(seen, _smoke_answer(context, seen))
    return evidence_of(seen, results)


def _observation(context: Context, rollout: Rollout, color: str, now: datetime) -> ColorObservation:
    gateways, progress = context.gateways, rollout.colors[color]
    names = [each.service for each in rollout.colors.values()]
    services = gateways.ecs.services(progress.cluster, names)
    service = active_service(services, progress)
    groups = {each.target_group for each in service.load_balancers} if service else set()
    # Targets come first: ECS wants a task stopped before it drains its target, so that a target
    # that drains already belongs to a task that is not listed any more.
    targets = {group: gateways.load_balancers.targets(group) for group in groups}
    running = _tasks(context, progress) if service else []
    stopped = _tasks(context, progress, stopped=True) if service else []
    seen = ColorObservation(
        rollout=rollout,
        color=color,
        application=as_recorded(context.settings.applications[rollout.application], rollout),
        now=now,
        services=services,
        running=running,
        stopped=stopped,
        targets=targets,
    )
    if len(failed_since(stopped, progress.deployment, seen.since)) < MIN_FAILED_TASKS:
        return seen
    others = [rollout.colors[each] for each in seen.control]
    return replace(
        seen,
        control_stopped=[task for each in others for task in _tasks(context, each, stopped=True)],
    )


def _tasks(context: Context, progress: ColorProgress, *, stopped: bool = False) -> list[Task]:
    return context.gateways.ecs.tasks(progress.cluster, progress.service, stopped=stopped)


def _measured(context: Context, seen: ColorObservation) -> dict[tuple[str, str], Measured]:
    """Ask CloudWatch for every metric of the color and its control, in one go."""
    queries = {
        (check.name, color): query
        for check in seen.settings.metrics.values()
        for color, query in seen.queries(check).items()
    }
    window = seen.window
    answers = context.gateways.metrics.series(
        {f"{check}|{color}": query for (check, color), query in queries.items()},
        period_start(window.before_since, window.period),
        period_start(window.until, window.period),
        window.period,
    )
    return {key: answers["|".join(key)] for key in queries}


def _smoke_answer(context: Context, seen: ColorObservation) -> Answer | Unmeasured | None:
    check = seen.settings.smoke
    if check is None:
        return None
    return context.gateways.smoke_check.get(filled(check.url, seen.application.names(seen.color)))


def _log_results(context: Context, seen: ColorObservation, series: MetricSeries) -> list[Result]:
    """Count the lines of each pattern; a container that logs elsewhere has none of these checks."""
    if not seen.settings.logs:
        return []
    try:
        own = _own_source(context, seen)
        control = _control_sources(context, seen) if own else []
    except ShingoError as error:
        return unread_results(seen, str(error))
    if own is None:
        return []
    found = {
        name: FoundLines(
            own=_lines(context, check.pattern, own),
            control=lines_together([_lines(context, check.pattern, each) for each in control]),
        )
        for name, check in seen.settings.logs.items()
    }
    return log_results(seen, LogSources(own=own, control=control), found, series)


def _own_source(context: Context, seen: ColorObservation) -> LogSource | None:
    revision = context.gateways.ecs.task_definition(seen.rollout.release.revision_for(seen.color))
    location = log_location(revision, _container(seen, seen.color))
    return own_source(seen, location) if location else None


def _container(seen: ColorObservation, color: str) -> str:
    return seen.rollout.release.container_for(color, seen.application.container)


def _control_sources(context: Context, seen: ColorObservation) -> list[LogSource]:
    """Return where the control's lines are: colors may have definitions, and places, of their own.

    A color whose tasks log elsewhere is none to compare with.
    """
    tasks = {color: _tasks(context, seen.rollout.colors[color]) for color in seen.control} or {
        seen.color: earlier_tasks(seen)
    }
    locations: dict[str, LogLocation] = {}
    for revision, colors in control_colors(seen).items():
        if any(tasks[color] for color in colors):
            described = context.gateways.ecs.task_definition(revision)
            location = log_location(described, _container(seen, colors[0]))
            locations |= dict.fromkeys(colors, location) if location else {}
    return control_sources(seen, tasks, locations)


def _lines(context: Context, pattern: str, source: LogSource) -> Lines | Unmeasured:
    return context.gateways.logs.find(
        source.location.group, source.streams, pattern, source.since, source.until
    )
