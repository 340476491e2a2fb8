"""DescribeAlarms, as CloudWatch answers it. Source: CloudWatch API reference, "DescribeAlarms"."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.host.accelerated_clock import Translation
from sandbox.wire.fault_injection import WireError
from sandbox.world.metric_alarms import Alarm
from sandbox.world.samples import MINUTE
from sandbox.world.telemetry import MetricQuery
from sandbox.world.world import World

MOST_NAMES: Final = 100
MOST_RECORDS: Final = 100
_RECORDS: Final = 50


def describe_alarms(
    world: World, parameters: Mapping[str, Any], times: Translation
) -> dict[str, Any]:
    """Answer DescribeAlarms, by name, by the beginning of the name, by state, or all of them.

    A name that no alarm has is not an error: it is left out.

    Raises:
        WireError: The request is not one that CloudWatch accepts.
    """
    names, prefix = parameters.get("AlarmNames"), parameters.get("AlarmNamePrefix")
    if names and prefix:
        raise WireError(
            "InvalidParameterCombination", "AlarmNames and AlarmNamePrefix exclude each other."
        )
    if len(names or []) > MOST_NAMES:
        raise WireError("ValidationError", f"AlarmNames must have at most {MOST_NAMES} elements.")
    size = int(parameters.get("MaxRecords") or _RECORDS)
    token = str(parameters.get("NextToken") or "0")
    if not 1 <= size <= MOST_RECORDS:
        raise WireError("ValidationError", f"MaxRecords must be between 1 and {MOST_RECORDS}.")
    if not token.isdecimal():
        raise WireError("InvalidNextToken", "The next token specified is invalid.")
    wanted = parameters.get("StateValue")
    found = [
        alarm
        for name, alarm in sorted(world.alarms.by_name.items())
        if (not names or name in names)
        and name.startswith(prefix or "")
        and wanted in {None, alarm.state}
        and "MetricAlarm" in (parameters.get("AlarmTypes") or ["MetricAlarm"])
    ]
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    shown = [_alarm(alarm, times) for alarm in found[start : start + size]]
    return {"MetricAlarms": shown, "CompositeAlarms": [], **more}


def _alarm(alarm: Alarm, times: Translation) -> dict[str, Any]:
    rule, changed = alarm.rule, round(times.to_real(alarm.changed_at), 3)
    shown = {
        "AlarmName": rule.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": rule.description,
        "AlarmConfigurationUpdatedTimestamp": round(times.to_real(alarm.created_at), 3),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "StateValue": alarm.state,
        "StateReason": alarm.reason,
        "StateUpdatedTimestamp": changed,
        "StateTransitionedTimestamp": changed,
        "EvaluationPeriods": rule.periods,
        "DatapointsToAlarm": rule.points,
        "Threshold": rule.threshold,
        "ComparisonOperator": rule.comparison,
        "TreatMissingData": rule.missing,
        "Metrics": [_query(query) for query in rule.queries],
    }
    if alarm.reason_data:
        shown["StateReasonData"] = alarm.reason_data
    if alarm.evaluation_state:
        shown["EvaluationState"] = alarm.evaluation_state
    return shown


def _query(query: MetricQuery) -> dict[str, Any]:
    shown: dict[str, Any] = {"Id": query.id, "ReturnData": query.returns_data}
    if query.metric is None:
        return {**shown, "Expression": query.expression, "Label": query.words}
    dimensions = query.metric.dimensions.items()
    metric = {
        "Namespace": query.metric.namespace,
        "MetricName": query.metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
    }
    stat = {"Metric": metric, "Period": int(MINUTE), "Stat": query.statistic}
    return {**shown, "MetricStat": stat}
