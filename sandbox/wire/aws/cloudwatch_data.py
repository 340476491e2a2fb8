"""GetMetricData, as CloudWatch answers it.

Source of rules and limits: CloudWatch API reference, "GetMetricData" and "MetricStat".

Tested in `tests/contract/wire/test_cloudwatch_wire.py`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.host.accelerated_clock import Translation
from sandbox.wire.fault_injection import WireError
from sandbox.world.metric_math import ExpressionError, Series
from sandbox.world.metric_store import Metric, is_statistic
from sandbox.world.telemetry import Availability, MetricQuery, PeriodRange
from sandbox.world.world import World

MOST_QUERIES: Final = 500
MOST_DATAPOINTS: Final = 100_800
_MINUTE: Final = 60
_SHORT_PERIODS: Final = {1, 5, 10, 20, 30}
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")

_STATUS: Final[Mapping[Availability, str]] = {
    "partial": "PartialData",
    "internal": "InternalError",
    "forbidden": "Forbidden",
}

Parameters = Mapping[str, Any]


def get_metric_data(world: World, parameters: Parameters, times: Translation) -> dict[str, Any]:
    """Answer GetMetricData: the period that is still filling is among the values.

    Raises:
        WireError: The request is not one that CloudWatch accepts.
    """
    asked = parameters.get("MetricDataQueries") or []
    _check(parameters, asked)
    queries = [_query(number, item) for number, item in enumerate(asked, 1)]
    periods = {item["Id"]: item["MetricStat"]["Period"] for item in asked if "MetricStat" in item}

    def span(query: MetricQuery) -> PeriodRange:
        period = periods[query.id]
        start = math.floor(parameters["StartTime"] / period) * period
        ends = times.to_world(parameters["EndTime"])
        return PeriodRange(round(times.to_world(start), 3), ends, period * times.acceleration)

    try:
        found = world.telemetry.series(queries, span)
    except ExpressionError as error:
        raise _invalid(str(error)) from error
    shown = [query for query in queries if query.returns_data]
    availability = world.telemetry.availability
    series = [_seen(found[query.id], availability) for query in shown]
    return _page(parameters, shown, series, availability, times)


def _page(
    parameters: Parameters,
    queries: Sequence[MetricQuery],
    series: Sequence[Series],
    availability: Availability,
    times: Translation,
) -> dict[str, Any]:
    """Write as many values as one answer takes; the next one goes on where it ends."""
    most = int(parameters.get("MaxDatapoints") or MOST_DATAPOINTS)
    start = _token(parameters)
    newest_first = parameters.get("ScanBy") != "TimestampAscending"
    results, passed = [], 0
    for query, values in zip(queries, series, strict=True):
        moments = sorted(values, reverse=newest_first)
        first, last = max(0, start - passed), max(0, start + most - passed)
        passed += len(moments)
        if start and (first >= len(moments) or not moments):
            continue
        page = moments[first:last]
        is_whole = last >= len(moments)
        results.append(
            {
                "Id": query.id,
                "Label": query.words,
                "Timestamps": [round(times.to_real(moment), 3) for moment in page],
                "Values": [values[moment] for moment in page],
                "StatusCode": _STATUS.get(availability, "Complete" if is_whole else "PartialData"),
            }
        )
    more = {"NextToken": str(start + most)} if start + most < passed else {}
    return {"MetricDataResults": results, "Messages": [], **more}


def _seen(series: Series, availability: Availability) -> Series:
    if availability in {"forbidden", "internal", "empty"}:
        return {}
    if availability == "partial":
        return {moment: series[moment] for moment in sorted(series)[::2]}
    return series


def _token(parameters: Parameters) -> int:
    token = str(parameters.get("NextToken") or "0")
    if not token.isdecimal():
        raise WireError("InvalidNextToken", "The next token specified is invalid.")
    return int(token)


def _check(parameters: Parameters, asked: Sequence[Any]) -> None:
    for name in ("MetricDataQueries", "StartTime", "EndTime"):
        if not parameters.get(name):
            raise _invalid(f"The parameter {name} is required.", "MissingParameter")
    if parameters["StartTime"] == parameters["EndTime"]:
        raise _invalid("The parameter StartTime must not equal parameter EndTime.")
    if parameters["StartTime"] > parameters["EndTime"]:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    if len(asked) > MOST_QUERIES:
        raise _invalid(
            f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    if not 1 <= int(parameters.get("MaxDatapoints") or 1) <= MOST_DATAPOINTS:
        raise _invalid(f"The parameter MaxDatapoints must be at most {MOST_DATAPOINTS}.")
    ids = [str(item.get("Id")) for item in asked]
    if len(set(ids)) < len(ids):
        raise _invalid("The values for parameter id in MetricDataQueries are not unique.")
    if not any(item.get("ReturnData", True) for item in asked):
        raise _invalid("At least one query must return data.")


def _query(number: int, item: Parameters) -> MetricQuery:
    where = f"MetricDataQueries.member.{number}"
    ident, stat = str(item.get("Id")), item.get("MetricStat")
    if not _ID.fullmatch(ident):
        raise _invalid(f"The value {ident} for parameter {where}.Id is not matching the pattern.")
    if (stat is None) == ("Expression" not in item):
        raise _invalid(f"{where} must have either MetricStat or Expression.")
    common: dict[str, Any] = {
        "id": ident,
        "label": item.get("Label", ""),
        "returns_data": item.get("ReturnData", True),
    }
    if stat is None:
        return MetricQuery(expression=item["Expression"], **common)
    if not is_statistic(stat["Stat"]):
        raise _invalid(f"The value for parameter {where}.MetricStat.Stat is not a valid statistic.")
    _check_period(stat["Period"], where)
    metric = stat["Metric"]
    dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}
    return MetricQuery(
        metric=Metric(metric.get("Namespace", ""), metric.get("MetricName", ""), dimensions),
        statistic=stat["Stat"],
        unit=stat.get("Unit", ""),
        **common,
    )


def _check_period(period: int, where: str) -> None:
    if period not in _SHORT_PERIODS and period % _MINUTE:
        raise _invalid(
            f"The parameter {where}.MetricStat.Period must be 1, 5, 10, 20, 30, or a multiple of"
            f" {_MINUTE}."
        )


def _invalid(message: str, code: str = "ValidationError") -> WireError:
    return WireError(code, message)
