"""CloudWatch: the values of metrics, and the states of alarms.

Nothing here raises: what cannot be read is `Unmeasured`, so that one blind check hides no other.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from handlers.domain.model.errors import ShingoError
from handlers.domain.model.measurements import Alarm, Measured, Points, Query, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.gateways.aws_clients import aws_errors

MOST_QUERIES: Final = 500
"""In one GetMetricData."""
MOST_ALARMS: Final = 100
"""In one DescribeAlarms."""
MOST_PAGES: Final = 10
MOST_NAMED: Final = 100
"""Characters of an expression that a sentence quotes."""
_TO_BE_COMPLETED: Final = {"", "PartialData", "InternalError"}
"""Status codes that a later page may replace; "" stands for none yet."""


class CloudWatch(Protocol):
    """What is needed of boto3's client."""

    def get_metric_data(self, **asked: object) -> Mapping[str, Any]: ...

    def describe_alarms(self, **asked: object) -> Mapping[str, Any]: ...


class Metrics:
    def __init__(self, client: CloudWatch) -> None:
        self._client = client

    def series(
        self, queries: Mapping[str, Query], start: datetime, end: datetime, period: timedelta
    ) -> dict[str, Measured]:
        """Measure each query, by its name, one value per period.

        Both times are put down to whole periods, so that the one that is still filling is never
        asked for. A period without a value, or with one that is no number, is left out.
        """
        seconds = max(1, int(period.total_seconds()))
        window = (_aligned(start, seconds), _aligned(end, seconds))
        if window[0] >= window[1]:
            why = "No period is complete yet."
            return {name: Unmeasured(verdict=Verdict.NO_DATA, why=why) for name in queries}
        named = list(queries.items())
        measured: dict[str, Measured] = {}
        for begin in range(0, len(named), MOST_QUERIES):
            measured |= self._batch(dict(named[begin : begin + MOST_QUERIES]), window, seconds)
        return measured

    def _batch(
        self, queries: Mapping[str, Query], window: tuple[datetime, datetime], seconds: int
    ) -> dict[str, Measured]:
        gathered = {f"q{number}": _Gathered() for number in range(len(queries))}
        asked: dict[str, object] = {
            "MetricDataQueries": [
                _query(id_, query, seconds)
                for id_, query in zip(gathered, queries.values(), strict=True)
            ],
            "StartTime": window[0],
            "EndTime": window[1],
            "ScanBy": "TimestampAscending",
        }
        said: list[str] = []
        try:
            for _ in range(MOST_PAGES):
                with aws_errors("get metric data"):
                    answer = self._client.get_metric_data(**asked)
                said += _messages(answer)
                _gather(answer["MetricDataResults"], gathered)
                if not answer.get("NextToken"):
                    break
                asked["NextToken"] = answer["NextToken"]
        except ShingoError as error:
            why = f"CloudWatch could not be asked: {error}"
            return {name: _blind(why) for name in queries}
        return {
            name: found.measured(_named(query), window, seconds, said)
            for (name, query), found in zip(queries.items(), gathered.values(), strict=True)
        }

    def alarms(self, names: Sequence[str]) -> dict[str, Alarm | Unmeasured]:
        """Look at alarms, by name: of metrics, and composite ones."""
        distinct = list(dict.fromkeys(names))
        seen: dict[str, Alarm | Unmeasured] = {}
        for begin in range(0, len(distinct), MOST_ALARMS):
            seen |= self._alarms(distinct[begin : begin + MOST_ALARMS])
        return seen

    def _alarms(self, names: list[str]) -> dict[str, Alarm | Unmeasured]:
        asked: dict[str, object] = {
            "AlarmNames": names,
            # Composite alarms are left out unless they are asked for.
            "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
            "MaxRecords": MOST_ALARMS,
        }
        found: dict[str, Alarm] = {}
        try:
            for _ in range(MOST_PAGES):
                with aws_errors("describe alarms"):
                    answer = self._client.describe_alarms(**asked)
                for kind in ("MetricAlarms", "CompositeAlarms"):
                    found |= {each["AlarmName"]: _alarm(each) for each in answer.get(kind, ())}
                if not answer.get("NextToken"):
                    break
                asked["NextToken"] = answer["NextToken"]
        except ShingoError as error:
            return {name: _blind(f"CloudWatch could not be asked: {error}") for name in names}
        return {
            name: found.get(name, _blind(f"There is no alarm {name} in CloudWatch"))
            for name in names
        }


class _Gathered:
    """What the pages of an answer said of one query."""

    def __init__(self) -> None:
        self._values: dict[datetime, float] = {}
        self._labels: set[str] = set()
        self._status = ""
        self._said: list[str] = []
        self._is_mixed = False

    def add(self, result: Mapping[str, Any]) -> None:
        if self._status in _TO_BE_COMPLETED | {"Complete"}:
            self._status = result.get("StatusCode", "missing")
        self._labels.add(result.get("Label", ""))
        self._said += _messages(result)
        times, values = result.get("Timestamps", ()), result.get("Values", ())
        self._is_mixed = self._is_mixed or len(times) != len(values)
        for at, value in zip(times, values, strict=False):
            if not math.isfinite(value):
                continue
            self._is_mixed = self._is_mixed or self._values.setdefault(at, value) != value

    def mix(self) -> None:
        """Note that the same page had another series of the same query."""
        self._is_mixed = True

    def measured(
        self, what: str, window: tuple[datetime, datetime], seconds: int, said: Iterable[str]
    ) -> Measured:
        """Say what was measured; only what CloudWatch calls complete counts."""
        told = "".join(f" ({each})" for each in dict.fromkeys([*self._said, *said]))
        values = {
            at.astimezone(UTC): value
            for at, value in sorted(self._values.items())
            if window[0] <= at and at + timedelta(seconds=seconds) <= window[1]
        }
        match self._status:
            case "":
                return _blind(f"CloudWatch's answer leaves out {what}{told}")
            case "Complete" if self._is_mixed or len(self._labels) > 1:
                return _blind(f"It takes one series, and CloudWatch has several of {what}{told}")
            case "Complete" if values:
                return Points(values=values)
            case "Complete":
                times = " to ".join(f"{time.astimezone(UTC):%H:%M:%S}" for time in window)
                why = f"CloudWatch has no values of {what}: {times} UTC{told}."
                return Unmeasured(verdict=Verdict.NO_DATA, why=why)
            case "PartialData":
                why = f"CloudWatch has no values of {what}: its answer is partial{told}."
                return Unmeasured(verdict=Verdict.NO_DATA, why=why)
        return _blind(f"CloudWatch could not read {what}: {self._status}{told}")


def _gather(results: Iterable[Mapping[str, Any]], gathered: Mapping[str, _Gathered]) -> None:
    here: set[str] = set()
    for result in results:
        id_ = result.get("Id", "")
        if id_ not in gathered:
            continue
        if id_ in here:
            # An expression yields as many results of the same id as it has series.
            gathered[id_].mix()
        here.add(id_)
        gathered[id_].add(result)


def _query(id_: str, query: Query, seconds: int) -> dict[str, Any]:
    if query.expression:
        asked: dict[str, Any] = {"Expression": query.expression, "Period": seconds}
    else:
        dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions.items()]
        metric = {"Namespace": query.namespace, "MetricName": query.metric}
        metric_stat = {"Metric": metric | {"Dimensions": dimensions}, "Period": seconds}
        asked = {"MetricStat": metric_stat | {"Stat": query.statistic}}
    return {"Id": id_, "ReturnData": True, **asked}


def _alarm(described: Mapping[str, Any]) -> Alarm:
    return Alarm(
        name=described["AlarmName"],
        state=described["StateValue"],
        reason=described.get("StateReason", ""),
        blind=described.get("EvaluationState", ""),
    )


def _named(query: Query) -> str:
    if query.expression:
        short = query.expression[:MOST_NAMED]
        return short if short == query.expression else f"{short}…"
    of = ", ".join([query.namespace, *(f"{n}={value}" for n, value in query.dimensions.items())])
    return f"{query.metric} ({query.statistic}) of {of}"


def _messages(answer: Mapping[str, Any]) -> list[str]:
    return [
        ": ".join(part for part in (each.get("Code", ""), each.get("Value", "")) if part)
        for each in answer.get("Messages", ())
    ]


def _blind(why: str) -> Unmeasured:
    return Unmeasured(verdict=Verdict.ERROR, why=why if why.endswith(".") else f"{why}.")


def _aligned(time: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(time.timestamp()) // seconds * seconds, UTC)
