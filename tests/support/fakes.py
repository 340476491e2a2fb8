"""In-memory stand-ins that keep the rules of what they stand for."""

import json

from handlers.domain.model.errors import NotThere, TokenGone
from handlers.domain.model.measurements import Lines, Points, Unmeasured
from handlers.domain.model.outcomes import Verdict


class FakeExecutions:
    """Step Functions: a token can be answered once, a name can be started once."""

    def __init__(self, *running, ended=(), gone=()):
        """Know these executions, and no others."""
        self.running = set(running)
        self.ended = set(ended)
        self.gone = set(gone)
        self.started = {}
        self.answers = {}

    def start(self, name, document):
        self.started.setdefault(name, document)

    def answer(self, token, output):
        if token in self.gone or token in self.answers:
            raise TokenGone("the task token is closed")
        self.answers[token] = json.loads(json.dumps(output))

    def status(self, execution):
        if execution in self.running:
            return "RUNNING"
        return "SUCCEEDED" if execution in self.ended else ""

    def is_running(self, execution):
        return execution in self.running


class FakeInstances:
    """The cluster's container instances that take tasks."""

    def __init__(self, *instances):
        self.known = list(instances)

    def active(self, cluster):
        if cluster != "recipes":
            raise NotThere(f"list container instances of {cluster}: ClusterNotFoundException")
        return list(self.known)


class FakeMetrics:
    """CloudWatch: values by the service or color in a query, and alarms by name."""

    def __init__(self, **alarms):
        self.alarm_states = alarms
        self.values = {}

    def series(self, queries, start, end, period):
        nothing = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
        return {name: _within(self.values.get(name, nothing), start, end) for name in queries}

    def alarms(self, names):
        missing = Unmeasured(verdict=Verdict.ERROR, why="There is no such alarm.")
        return {name: self.alarm_states.get(name, missing) for name in names}


def _within(measured, start, end):
    if isinstance(measured, Unmeasured):
        return measured
    return Points(values={at: v for at, v in measured.values.items() if start <= at < end})


class FakeLogs:
    """Lines by stream."""

    def __init__(self, **lines):
        self.lines = lines

    def find(self, group, streams, pattern, start, end):
        return Lines(count=sum(self.lines.get(stream, 0) for stream in streams))


class FakeBalancers:
    def __init__(self, **groups):
        self.groups = groups

    def targets(self, target_group):
        return list(self.groups.get(target_group, ()))
