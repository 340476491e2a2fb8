"""The log checks of one observation: the lines of a color's tasks, and of the control's.

Tested in `test_log_check.py` and `test_nothing_unmeasured_passes.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model import console_links
from handlers.domain.model.evidence import Result
from handlers.domain.model.measurements import Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Task
from handlers.domain.model.verification_settings import LogCheck
from handlers.domain.verification import checks
from handlers.domain.verification.checks import LogCounts
from handlers.domain.verification.color_observation import ColorObservation
from handlers.domain.verification.metric_series import MetricSeries


@dataclass(frozen=True, kw_only=True)
class LogLocation:
    """Where the tasks of a revision write."""

    group: str
    stream: str
    """What the name of every stream begins with."""


@dataclass(frozen=True, kw_only=True)
class LogSource:
    """Whose lines are counted, over which time."""

    colors: Sequence[str]
    tasks: Sequence[Task]
    location: LogLocation
    since: datetime
    until: datetime
    periods: Sequence[datetime]

    @property
    def streams(self) -> list[str]:
        """The names of the log streams."""
        return [f"{self.location.stream}/{task.id}" for task in self.tasks]


@dataclass(frozen=True, kw_only=True)
class LogSources:
    """The color's lines, and the control's."""

    own: LogSource
    control: Sequence[LogSource] = ()
    """One for each place where its colors write; none where there is nothing to compare with."""


@dataclass(frozen=True, kw_only=True)
class FoundLines:
    """What one pattern found."""

    own: Lines | Unmeasured
    control: Lines | Unmeasured | None
    """None where there is nothing to compare with."""


def log_location(revision: TaskDefinition, container: str) -> LogLocation | None:
    """Say where the tasks of a revision write, if to CloudWatch at all.

    A task's stream is `prefix/container/task`
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html).
    """
    for each in revision["containerDefinitions"]:
        logging = each.get("logConfiguration") or {}
        options = logging.get("options", {})
        if each["name"] == container and logging.get("logDriver") == "awslogs":
            prefix = options.get("awslogs-stream-prefix", "")
            return LogLocation(group=options["awslogs-group"], stream=f"{prefix}/{container}")
    return None


def own_source(seen: ColorObservation, location: LogLocation) -> LogSource:
    """Return the color's own lines since it was deployed."""
    window = seen.window
    return LogSource(
        colors=[seen.color],
        tasks=seen.running,
        location=location,
        since=window.since,
        until=window.until,
        periods=window.periods,
    )


def earlier_tasks(seen: ColorObservation) -> list[Task]:
    """List the tasks that the color ran before its deployment, as far as ECS still knows them."""
    return [task for task in seen.stopped if task.started_by != seen.progress.deployment]


def control_colors(seen: ColorObservation) -> dict[str, list[str]]:
    """Return the colors of the control by the revision (ARN) that they run, or ran.

    Where no color is left on what ran before, the control is the color itself before.
    """
    found: dict[str, list[str]] = {}
    for color in seen.control or [seen.color]:
        found.setdefault(seen.rollout.colors[color].previous, []).append(color)
    return found


def control_sources(
    seen: ColorObservation,
    tasks: Mapping[str, Sequence[Task]],
    locations: Mapping[str, LogLocation],
) -> list[LogSource]:
    """Return the control's lines, for each place where its colors write.

    Args:
        seen: the color.
        tasks: color → its tasks; of no other color, the color's own earlier ones.
        locations: color → where its tasks write.
    """
    window = seen.window
    if seen.control:
        since, until, periods = window.since, window.until, window.periods
    else:
        since, until, periods = window.before_since, window.before_until, window.periods_before
    places: dict[LogLocation, list[str]] = {}
    for color in tasks:
        if tasks[color] and color in locations:
            places.setdefault(locations[color], []).append(color)
    return [
        LogSource(
            colors=colors,
            tasks=[task for color in colors for task in tasks[color]],
            location=location,
            since=since,
            until=until,
            periods=periods,
        )
        for location, colors in places.items()
    ]


def lines_together(found: Sequence[Lines | Unmeasured]) -> Lines | Unmeasured | None:
    """Return what a pattern found in several places; unmeasured where one of them is."""
    read: list[Lines] = []
    for each in found:
        if isinstance(each, Unmeasured):
            return each
        read.append(each)
    if not read:
        return None
    return Lines(
        count=sum(each.count for each in read),
        examples=tuple(dict.fromkeys(line for each in read for line in each.examples)),
        is_whole=all(each.is_whole for each in read),
    )


def log_results(
    seen: ColorObservation,
    sources: LogSources,
    found: Mapping[str, FoundLines],
    series: MetricSeries,
) -> list[Result]:
    """Judge the lines of every pattern, by the name of its check."""
    return [
        _result(seen, check, sources, found[name], series)
        for name, check in seen.settings.logs.items()
    ]


def unread_results(seen: ColorObservation, why: str) -> list[Result]:
    """Say of every pattern that where the color logs could not be read."""
    unread = Unmeasured(verdict=Verdict.ERROR, why=f"Where it logs is not known: {why}.")
    return [checks.log(check, LogCounts(own=unread)) for check in seen.settings.logs.values()]


def _result(
    seen: ColorObservation,
    check: LogCheck,
    sources: LogSources,
    found: FoundLines,
    series: MetricSeries,
) -> Result:
    own, control = sources.own, sources.control
    by_requests = _requests(series, own) > 0
    exposure = _requests if by_requests else _task_minutes
    counts = LogCounts(
        own=found.own,
        control=found.control,
        own_exposure=exposure(series, own),
        control_exposure=sum(exposure(series, each) for each in control),
        link=console_links.log_events(
            seen.region, own.location.group, check.pattern, own.since, own.until
        ),
    )
    return checks.log(check, counts)


def _requests(series: MetricSeries, source: LogSource) -> float:
    """Count the requests that the colors answered, as far as they are known."""
    seen = [series.points("requests", color) for color in source.colors]
    return sum(
        points.values.get(period, 0.0)
        for points in seen
        if not isinstance(points, Unmeasured)
        for period in source.periods
    )


def _task_minutes(_series: MetricSeries, source: LogSource) -> float:
    return len(source.tasks) * ((source.until - source.since) / timedelta(minutes=1))
