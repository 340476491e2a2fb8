"""What Step Functions makes of its own API's answers where one execution starts another.

`states:startExecution.sync:2` hands them on with names in PascalCase, in the order of the alphabet,
and with times in epoch milliseconds: measured on AWS (floci, AslExecutorNestedStartExecutionTest,
AslExecutorNestedSyncFailureTest).
"""

import json
from collections.abc import Mapping
from datetime import datetime

from simulator.stepfunctions.asl_data import Json, compact
from simulator.stepfunctions.asl_errors import StatesError


def start_output(answer: Mapping[str, Json]) -> dict[str, Json]:
    """Write what StartExecution or DescribeExecution answered."""
    return {f"{name[0].upper()}{name[1:]}": _value(answer[name]) for name in sorted(answer)}


def child_output(described: Mapping[str, Json]) -> dict[str, Json]:
    """Write the result of an execution that succeeded; its input and output are no texts there."""
    told = start_output(described)
    return told | {name: json.loads(told[name]) for name in ("Input", "Output")}


def failure_cause(described: Mapping[str, Json]) -> str:
    """Write the cause of `States.TaskFailed` where an execution did not succeed."""
    return compact(start_output(described))


def start_error(error: StatesError) -> str:
    """Name the error of a StartExecution that was refused."""
    return f"StepFunctions.{error.code.removesuffix('Exception')}Exception"


def stop_cause(parent: str) -> str:
    """Write the cause with which an execution is stopped that its parent waits for no more."""
    return (
        f"The Task state in AWS Step Functions execution [{parent}] which was managing this "
        "resource was aborted"
    )


def _value(value: Json) -> Json:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1_000)
    return start_output(value) if isinstance(value, dict) else value
