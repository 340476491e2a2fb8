"""CloudWatch alarms: looked at each whole minute that passes, while there are any."""

import hashlib
import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sandbox.world.outbox import utc
from sandbox.world.samples import MINUTE
from sandbox.world.telemetry import MetricQuery, Span, Telemetry
from sandbox.world.world_context import Context

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Blindness = Literal["", "PARTIAL_DATA", "EVALUATION_FAILURE", "EVALUATION_ERROR"]

COMPARISONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
"""CloudWatch's name → the comparison, and its words."""

_MOST_LOOKS = 180
"""After a leap in time only so many minutes are looked at again."""
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
    """An alarm and its state. `held` is one whose state was set by hand, until it is let go."""

    rule: AlarmRule
    arn: str
    created_at: float
    state: State = "INSUFFICIENT_DATA"
    reason: str = _UNCHECKED
    reason_data: str = ""
    changed_at: float = 0.0
    blindness: Blindness = ""
    held: bool = False


@dataclass(slots=True)
class Alarms:
    """The alarms of an account, by name."""

    context: Context
    telemetry: Telemetry
    by_name: dict[str, Alarm] = field(default_factory=dict)
    _looked_until: float = 0.0

    def add(self, rule: AlarmRule) -> Alarm:
        """Make an alarm; it has a state from the next whole minute on."""
        if not self.by_name:
            self._looked_until = self.context.agenda.now - MINUTE
        now = self.context.agenda.now
        arn = self.context.names.arn(f"alarm:{rule.name}", "cloudwatch")
        made = Alarm(rule, arn, created_at=now, changed_at=now)
        self.by_name[rule.name] = made
        return made

    def force(self, name: str, state: State = "ALARM", reason: str = "set by hand") -> None:
        """Set an alarm's state, and hold it there whatever the metrics say."""
        alarm = self.by_name[name]
        alarm.held = True
        self._become(alarm, state, reason, "", self.context.agenda.now)

    def blind(self, name: str, how: Blindness = "PARTIAL_DATA") -> None:
        """Let an alarm not see all that it should: it keeps its state, and says so."""
        self.by_name[name].blindness = how

    def let_go(self, name: str) -> None:
        """Let an alarm follow the metrics again, with open eyes."""
        alarm = self.by_name[name]
        alarm.held, alarm.blindness = False, ""

    def catch_up(self) -> None:
        """Look at every alarm at each whole minute since the last time."""
        if not self.by_name:
            return
        last = self.context.agenda.now // MINUTE
        first = max(self._looked_until // MINUTE + 1, last - _MOST_LOOKS)
        for minute in range(int(first), int(last) + 1):
            for alarm in self.by_name.values():
                if not alarm.held and not alarm.blindness:
                    self._look(alarm, minute * MINUTE)
        self._looked_until = last * MINUTE

    def _look(self, alarm: Alarm, at: float) -> None:
        rule = alarm.rule
        # The last minute that has arrived in full.
        end = (at - self.context.timings.telemetry_delay) // MINUTE * MINUTE
        span = Span(end - rule.periods * MINUTE, end, MINUTE)
        found = self.telemetry.answers(rule.queries, lambda _query: span)
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
            "queryDate": _stamp(at),
            "startDate": _stamp(span.start),
            "period": int(MINUTE),
            "recentDatapoints": list(points.values()),
            "threshold": rule.threshold,
        }
        self._become(alarm, state, reason, json.dumps(data, separators=(",", ":")), at)

    def _become(self, alarm: Alarm, state: State, reason: str, data: str, at: float) -> None:
        if state == alarm.state:
            return
        before = _shown(alarm)
        alarm.state, alarm.reason, alarm.reason_data, alarm.changed_at = state, reason, data, at
        detail = {
            "alarmName": alarm.rule.name,
            "state": _shown(alarm),
            "previousState": before,
            "configuration": {
                "description": alarm.rule.description,
                "metrics": [_configured(query) for query in alarm.rule.queries],
            },
        }
        self.context.outbox.alarm(_ident(alarm), at, alarm.arn, detail)


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


def _shown(alarm: Alarm) -> dict[str, str]:
    """Write a state as "Alarm events and EventBridge" of the CloudWatch user guide does."""
    shown = {"value": alarm.state, "reason": alarm.reason, "timestamp": _stamp(alarm.changed_at)}
    if alarm.reason_data:
        shown["reasonData"] = alarm.reason_data
    return shown


def _configured(query: MetricQuery) -> dict[str, Any]:
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


def _stamp(seconds: float) -> str:
    return utc(seconds, "milliseconds").replace("Z", "+0000")


def _ident(alarm: Alarm) -> str:
    text = f"{alarm.arn}\0{alarm.changed_at}\0{alarm.state}".encode()
    bits = hashlib.blake2b(text, digest_size=16).hexdigest()
    return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"
