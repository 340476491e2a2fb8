"""In-memory stand-ins that keep the rules of what they stand for."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers.domain.capacity.container_instance import ContainerInstance
from handlers.domain.model.errors import NotThere, TokenGone
from handlers.domain.model.measurements import Alarm, Lines, Measured, Points, Query, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Target


class FakeExecutions:
    """Step Functions: a token can be answered once, a name can be started once."""

    def __init__(self, *running: str, ended: Iterable[str] = (), gone: Iterable[str] = ()) -> None:
        """Know these executions, and no others."""
        self.running = set(running)
        self.ended = set(ended)
        self.gone = set(gone)
        self.started: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}

    def start(self, name: str, document: Mapping[str, object]) -> None:
        self.started.setdefault(name, document)

    def answer(self, token: str, output: Mapping[str, object]) -> None:
        if token in self.gone or token in self.answers:
            raise TokenGone("the task token is closed")
        self.answers[token] = json.loads(json.dumps(output))

    def status(self, execution: str) -> str:
        if execution in self.running:
            return "RUNNING"
        return "SUCCEEDED" if execution in self.ended else ""

    def is_running(self, execution: str) -> bool:
        return execution in self.running


class FakeInstances:
    """The cluster's container instances that take tasks."""

    def __init__(self, *instances: ContainerInstance) -> None:
        self.known = list(instances)

    def active(self, cluster: str) -> list[ContainerInstance]:
        if cluster != "recipes":
            raise NotThere(f"list container instances of {cluster}: ClusterNotFoundException")
        return list(self.known)


class FakeMetrics:
    """CloudWatch: values by the service or color in a query, and alarms by name."""

    def __init__(self, **alarms: Alarm | Unmeasured) -> None:
        self.alarm_states = alarms
        self.values: dict[str, Measured] = {}

    def series(
        self, queries: Mapping[str, Query], start: datetime, end: datetime, period: timedelta
    ) -> dict[str, Measured]:
        nothing = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
        return {name: _within(self.values.get(name, nothing), start, end) for name in queries}

    def alarms(self, names: Sequence[str]) -> dict[str, Alarm | Unmeasured]:
        missing = Unmeasured(verdict=Verdict.ERROR, why="There is no such alarm.")
        return {name: self.alarm_states.get(name, missing) for name in names}


def _within(measured: Measured, start: datetime, end: datetime) -> Measured:
    if isinstance(measured, Unmeasured):
        return measured
    return Points(values={at: v for at, v in measured.values.items() if start <= at < end})


class FakeLogs:
    """Lines by stream."""

    def __init__(self, **lines: int) -> None:
        self.lines = lines

    def find(
        self, group: str, streams: Sequence[str], pattern: str, start: datetime, end: datetime
    ) -> Lines:
        return Lines(count=sum(self.lines.get(stream, 0) for stream in streams))


class FakeBalancers:
    def __init__(self, **groups: list[Target]) -> None:
        self.groups = groups

    def targets(self, target_group: str) -> list[Target]:
        return list(self.groups.get(target_group, ()))
