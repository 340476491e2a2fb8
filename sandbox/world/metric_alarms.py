"""CloudWatch alarms: each is evaluated at every whole minute that passes.

Tested in `tests/sandbox/world/test_world_alarms.py`.
"""

import hashlib
import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sandbox.world.outbox import utc
from sandbox.world.samples import MINUTE
from sandbox.world.telemetry import MetricQuery, PeriodRange, Telemetry
from sandbox.world.world_context import WorldContext

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
EvaluationState = Literal["", "PARTIAL_DATA", "EVALUATION_FAILURE", "EVALUATION_ERROR"]

COMPARISONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
"""CloudWatch's name → the comparison, and its words."""

_MOST_EVALUATIONS = 180
"""Minutes that are evaluated after a leap in time: the last ones only."""
_UNCHECKED = "Unchecked: Initial alarm creation"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """When an alarm goes off: `points` of the last `periods` minutes are beyond the threshold.

    Attributes:
        queries: exactly one of them returns data, and that is what is compared.
        missing: what a minute without data counts as: `missing` (a window of nothing else is
            INSUFFICIENT_DATA) or `notBreaching`.
    """

    name: str
    queries: tuple[MetricQuery, ...]
    threshold: float
    comparison: str = "GreaterThanThreshold"
    periods: int = 3
    points: int = 3
    missing: Literal["missing", "notBreaching"] = "missing"
    description: str = ""


@dataclass(slots=True)
class Alarm:
    """An alarm and its state. A forced one keeps its state until it is released."""

    rule: AlarmRule
    arn: str
    created_at: float
    state: State = "INSUFFICIENT_DATA"
    reason: str = _UNCHECKED
    reason_data: str = ""
    changed_at: float = 0.0
    evaluation_state: EvaluationState = ""
    is_forced: bool = False


@dataclass(slots=True)
class Alarms:
    """The alarms of an account, by name."""

    context: WorldContext
    telemetry: Telemetry
    by_name: dict[str, Alarm] = field(default_factory=dict)
    _evaluated_until: float = 0.0

    def add(self, rule: AlarmRule) -> Alarm:
        """Make an alarm; it has a state from the next whole minute on."""
        if not self.by_name:
            self._evaluated_until = self.context.queue.now - MINUTE
        now = self.context.queue.now
        arn = self.context.identifiers.arn(f"alarm:{rule.name}", "cloudwatch")
        made = Alarm(rule, arn, created_at=now, changed_at=now)
        self.by_name[rule.name] = made
        return made

    def force_state(self, name: str, state: State = "ALARM", reason: str = "set by hand") -> None:
        """Set an alarm's state by hand; the metrics do not change it until `release`."""
        alarm = self.by_name[name]
        alarm.is_forced = True
        self._change_state(alarm, state, reason, "", self.context.queue.now)

    def set_evaluation_state(self, name: str, state: EvaluationState = "PARTIAL_DATA") -> None:
        """Have an alarm report an incomplete evaluation; its state no longer changes."""
        self.by_name[name].evaluation_state = state

    def release(self, name: str) -> None:
        """Have an alarm follow the metrics again."""
        alarm = self.by_name[name]
        alarm.is_forced, alarm.evaluation_state = False, ""

    def evaluate_due(self) -> None:
        """Evaluate every alarm at each whole minute since the last call."""
        if not self.by_name:
            return
        last = self.context.queue.now // MINUTE
        first = max(self._evaluated_until // MINUTE + 1, last - _MOST_EVALUATIONS)
        for minute in range(int(first), int(last) + 1):
            for alarm in self.by_name.values():
                if not alarm.is_forced and not alarm.evaluation_state:
                    self._evaluate(alarm, minute * MINUTE)
        self._evaluated_until = last * MINUTE

    def _evaluate(self, alarm: Alarm, at: float) -> None:
        rule = alarm.rule
        # The last minute that has arrived in full.
        end = (at - self.context.timings.telemetry_delay) // MINUTE * MINUTE
        span = PeriodRange(end - rule.periods * MINUTE, end, MINUTE)
        found = self.telemetry.series(rule.queries, lambda _query: span)
        shown = next(query.id for query in rule.queries if query.returns_data)
        points = dict(sorted(found[shown].items()))
        beyond, words = COMPARISONS[rule.comparison]
        breaching = [value for value in points.values() if beyond(value, rule.threshold)]
        state: State = "OK"
        if len(breaching) >= rule.points:
            state = "ALARM"
        elif not points and rule.missing == "missing":
            state = "INSUFFICIENT_DATA"
        if state == alarm.state:
            return
        reason = _reason(rule, state, points, len(breaching), words)
        data = {
            "version": "1.0",
            "queryDate": _timestamp(at),
            "startDate": _timestamp(span.start),
            "period": int(MINUTE),
            "recentDatapoints": list(points.values()),
            "threshold": rule.threshold,
        }
        self._change_state(alarm, state, reason, json.dumps(data, separators=(",", ":")), at)

    def _change_state(self, alarm: Alarm, state: State, reason: str, data: str, at: float) -> None:
        if state == alarm.state:
            return
        before = _event_state(alarm)
        alarm.state, alarm.reason, alarm.reason_data, alarm.changed_at = state, reason, data, at
        detail = {
            "alarmName": alarm.rule.name,
            "state": _event_state(alarm),
            "previousState": before,
            "configuration": {
                "description": alarm.rule.description,
                "metrics": [_event_query(query) for query in alarm.rule.queries],
            },
        }
        self.context.outbox.send_alarm_event(_event_id(alarm), at, alarm.arn, detail)


def _reason(
    rule: AlarmRule, state: State, points: Mapping[float, float], breaching: int, words: str
) -> str:
    """Say why, in CloudWatch's own words."""
    if not points:
        ratio = f"{rule.points} out of the last {rule.periods}"
        return f"Insufficient Data: {ratio} datapoints were missing"
    listed = ", ".join(
        f"{value} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})"
        for at, value in reversed(list(points.items()))
    )
    count = breaching if state == "ALARM" else len(points) - breaching
    is_so = "was" if count == 1 else "were"
    is_so += "" if state == "ALARM" else " not"
    return (
        f"Threshold Crossed: {count} out of the last {rule.periods} datapoints [{listed}] {is_so}"
        f" {words} the threshold ({float(rule.threshold)}) (minimum {rule.points} datapoints for"
        " OK -> ALARM transition)."
    )


def _event_state(alarm: Alarm) -> dict[str, str]:
    """Write a state as "Alarm events and EventBridge" of the CloudWatch user guide does."""
    shown = {
        "value": alarm.state,
        "reason": alarm.reason,
        "timestamp": _timestamp(alarm.changed_at),
    }
    if alarm.reason_data:
        shown["reasonData"] = alarm.reason_data
    return shown


def _event_query(query: MetricQuery) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": query.id, "returnData": query.returns_data}
    if query.metric is None:
        return {**shown, "expression": query.expression, "label": query.words}
    metric = {
        "namespace": query.metric.namespace,
        "name": query.metric.name,
        "dimensions": dict(query.metric.dimensions),
    }
    return {
        **shown,
        "metricStat": {"metric": metric, "period": int(MINUTE), "stat": query.statistic},
    }


def _timestamp(seconds: float) -> str:
    return utc(seconds, "milliseconds").replace("Z", "+0000")


def _event_id(alarm: Alarm) -> str:
    text = f"{alarm.arn}\0{alarm.changed_at}\0{alarm.state}".encode()
    bits = hashlib.blake2b(text, digest_size=16).hexdigest()
    return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"
