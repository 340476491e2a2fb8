"""The log checks of one observation: the lines of a color's tasks, and of the control's.

Tested in `test_observation.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.domain.model import console_links
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.evidence import Result
from handlers.domain.model.measurements import Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Task
from handlers.domain.model.verification_settings import LogCheck
from handlers.domain.verification import checks
from handlers.domain.verification.checks import LogCounts
from handlers.domain.verification.metric_series import MetricSeries
from handlers.domain.verification.observation_window import Observation


@dataclass(frozen=True, kw_only=True)
class _LogSource:
    """Whose lines are counted, over which time."""

    colors: Sequence[str]
    tasks: Sequence[Task]
    location: tuple[str, str]
    """The log group, and the prefix of every stream's name."""
    since: datetime
    until: datetime
    periods: Sequence[datetime]


def log_results(
    taken: Observation, running: Sequence[Task], readings: MetricSeries
) -> list[Result]:
    """Return a result for each pattern; none for a container that does not log to CloudWatch."""
    wanted, window = taken.wanted.logs, taken.window
    if not wanted:
        return []
    try:
        location = _log_location(taken, taken.rollout.release.revision)
        control = _control(taken) if location else None
    except ShingoError as error:
        unread = Unmeasured(verdict=Verdict.ERROR, why=f"Where it logs is not known: {error}.")
        return [checks.log(check, LogCounts(own=unread)) for check in wanted.values()]
    if location is None:
        return []
    own = _LogSource(
        colors=[taken.progress.color],
        tasks=running,
        location=location,
        since=window.since,
        until=window.until,
        periods=window.periods,
    )
    return [_result(taken, check, own, control, readings) for check in wanted.values()]


def _result(
    taken: Observation,
    check: LogCheck,
    own: _LogSource,
    control: _LogSource | None,
    readings: MetricSeries,
) -> Result:
    by_requests = _requests(readings, own) > 0
    exposure = _requests if by_requests else _task_minutes
    counts = LogCounts(
        own=_lines(taken, check, own),
        control=_lines(taken, check, control) if control else None,
        own_exposure=exposure(readings, own),
        control_exposure=exposure(readings, control) if control else 0,
        link=console_links.log_events(
            taken.region, own.location[0], check.pattern, own.since, own.until
        ),
    )
    return checks.log(check, counts)


def _control(taken: Observation) -> _LogSource | None:
    """Return the colors on the old release, or else the color itself before its deployment."""
    window, colors = taken.window, taken.control
    tasks = [task for color in colors for task in taken.tasks(color)]
    since, until, periods = window.since, window.until, window.periods
    if not colors:
        colors = [taken.progress.color]
        stopped = taken.tasks(taken.progress.color, stopped=True)
        tasks = [task for task in stopped if task.started_by != taken.progress.deployment]
        since, until = window.before_since, window.before_until
        periods = window.periods_before
    ran = {taken.rollout.colors[color].previous for color in colors}
    location = _log_location(taken, ran.pop()) if len(ran) == 1 and tasks else None
    if location is None:
        return None
    return _LogSource(
        colors=colors, tasks=tasks, location=location, since=since, until=until, periods=periods
    )


def _lines(taken: Observation, check: LogCheck, source: _LogSource) -> Lines | Unmeasured:
    group, stream = source.location
    streams = [f"{stream}/{task.id}" for task in source.tasks]
    return taken.tools.logs.find(group, streams, check.pattern, source.since, source.until)


def _requests(readings: MetricSeries, source: _LogSource) -> float:
    """Count the requests that the colors answered, as far as they are known."""
    seen = [readings.points("requests", color) for color in source.colors]
    return sum(
        points.values.get(period, 0.0)
        for points in seen
        if not isinstance(points, Unmeasured)
        for period in source.periods
    )


def _task_minutes(_readings: MetricSeries, source: _LogSource) -> float:
    return len(source.tasks) * ((source.until - source.since) / timedelta(minutes=1))


def _log_location(taken: Observation, revision: str) -> tuple[str, str] | None:
    """Return the log group and stream prefix of a revision's tasks; None if not in CloudWatch.

    A task's stream is `prefix/container/task`
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html).
    """
    described = taken.tools.ecs.task_definition(revision)
    container = taken.application.container
    for each in described["containerDefinitions"]:
        logging = each.get("logConfiguration") or {}
        options = logging.get("options", {})
        if each["name"] == container and logging.get("logDriver") == "awslogs":
            prefix = options.get("awslogs-stream-prefix", "")
            return options["awslogs-group"], f"{prefix}/{container}"
    return None
