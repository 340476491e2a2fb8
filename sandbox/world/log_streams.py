"""The log lines of tasks, made from the same counts as the metrics.

Tested in `tests/sandbox/world/test_world_logs.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sandbox.world.samples import MINUTE, MinuteSample
from sandbox.world.seeded_noise import uniforms
from sandbox.world.traffic import Traffic
from sandbox.world.world_context import WorldContext
from sandbox.world.world_records import Service, Task

_ORDINARY_LINES = 3
"""Lines a minute about requests that went well: a sample of them, as an application's would be."""
_PATHS = ("/recipes", "/recipes/17", "/search?q=soup", "/basket", "/checkout")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log event; `at` is seconds since the epoch."""

    at: float
    stream: str
    message: str


@dataclass(frozen=True, slots=True)
class LogDestination:
    """Group and stream of a container's output, by its task definition's `awslogs` options."""

    group: str
    stream: str


class LogStreams:
    """The log lines of all tasks, by group and stream."""

    def __init__(
        self, context: WorldContext, traffic: Traffic, services: Callable[[], Iterable[Service]]
    ) -> None:
        """Take the world's context and traffic, and a function that yields its services."""
        self._queue = context.queue
        self._delay = context.timings.telemetry_delay
        self._default = context.images.default
        self._traffic = traffic
        self._services = services

    def groups(self) -> dict[str, dict[str, Task]]:
        """Return the streams of each group, and the task that writes to each."""
        found: dict[str, dict[str, Task]] = {}
        for service in self._services():
            for task in service.recent_tasks:
                place = log_destination(task)
                if place is not None:
                    found.setdefault(place.group, {})[place.stream] = task
        return found

    @property
    def complete_until(self) -> float:
        """The end of the last minute of which every line can be found."""
        return (self._queue.now - self._delay) // MINUTE * MINUTE

    def lines(self, task: Task, stream: str, start: float, end: float) -> Iterator[LogLine]:
        """Yield a task's lines between two moments, unordered, up to `complete_until`."""
        booted = task.started_at
        if booted is None:
            return
        if start <= booted < min(end, self.complete_until):
            yield LogLine(booted, stream, "INFO Listening on 0.0.0.0:8080")
        first = int(max(start, booted) // MINUTE)
        last = min(end, self.complete_until, task.stopping_at or end)
        for minute in range(first, int(-(-last // MINUTE))):
            for sample in self._traffic.samples(task.service, minute):
                if sample.task is task:
                    yield from (
                        line for line in self._minute(sample, stream) if start <= line.at < end
                    )

    def _minute(self, sample: MinuteSample, stream: str) -> Iterator[LogLine]:
        for number in range(sample.errors):
            usual = number < sample.usual_errors
            template = (self._default if usual else sample.task.behaviour).error_line
            at, took, request = _request_details(sample, f"error {number}")
            text = template.format(ms=3000 + took)
            yield LogLine(at, stream, f"ERROR {text} request_id={request}")
        for number in range(min(_ORDINARY_LINES, sample.requests - sample.errors)):
            at, took, request = _request_details(sample, f"request {number}")
            path = _PATHS[took % len(_PATHS)]
            took = round(sample.latency(0.5)) + took % 20
            yield LogLine(at, stream, f"INFO GET {path} 200 {took} ms request_id={request}")


def log_destination(task: Task) -> LogDestination | None:
    """Return group and stream of a task's container; None if it does not log to CloudWatch."""
    containers = task.deployment.task_definition.containers
    named = [item for item in containers if item["name"] == task.service.container]
    container = (named or containers)[0]
    configured = container.get("logConfiguration") or {}
    options = configured.get("options") or {}
    prefix = options.get("awslogs-stream-prefix", "")
    if configured.get("logDriver") != "awslogs" or not prefix:
        return None
    return LogDestination(
        options.get("awslogs-group", ""), f"{prefix}/{container['name']}/{task.id}"
    )


def _request_details(sample: MinuteSample, what: str) -> tuple[float, int, str]:
    """Return a request's moment, a number below 100, and the request's id."""
    moment, uniform, one, other, *_ = uniforms(f"{sample.task.id} {what}", sample.minute)
    at = round((sample.minute + moment) * MINUTE, 3)
    return at, int(uniform * 100), f"{int(one * 2**32):08x}{int(other * 2**32):08x}"
