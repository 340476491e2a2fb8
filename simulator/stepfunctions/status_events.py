"""Execution status changes, as EventBridge brings them."""

from datetime import datetime
from typing import Final

from simulator.stepfunctions.asl_data import Json, compact
from simulator.stepfunctions.execution import RUNNING, SUCCEEDED, TIMED_OUT, Execution

MOST_BYTES: Final = 248 * 1024
"""Of input and output, as escaped texts (developer guide, "EventBridge ... status changes")."""
REDRIVABLE_DAYS: Final = 14


def status_event(
    execution: Execution, *, machine: str, number: int, at: datetime
) -> dict[str, Json]:
    """Make the event of an execution's present status.

    Times are in epoch milliseconds. TIMED_OUT has neither `error` nor `cause`. The input is left
    out where input and output together are too large, and the output where it alone is.
    """
    _, _, _, region, account, *_ = execution.arn.split(":")
    output = None if execution.status != SUCCEEDED else compact(execution.output)
    output_bytes = _escaped(output)
    with_input = _escaped(execution.input) + output_bytes <= MOST_BYTES
    with_output = output_bytes <= MOST_BYTES
    redrivable = execution.status not in {RUNNING, SUCCEEDED}
    detail: dict[str, Json] = {
        "executionArn": execution.arn,
        "stateMachineArn": machine,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.started),
        "stopDate": _milliseconds(execution.stopped),
        "input": execution.input if with_input else None,
        "output": output if with_output else None,
        "inputDetails": {"included": with_input},
        "outputDetails": None if output is None else {"included": with_output},
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": execution.redrives,
        "redriveDate": _milliseconds(execution.redriven),
        "redriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
        "redriveStatusReason": None if redrivable else not_redrivable_reason(execution.status),
    }
    if execution.status != TIMED_OUT:
        detail |= {"error": execution.error, "cause": execution.cause}
    return {
        "version": "0",
        "id": f"00000000-0000-0000-0000-{number:012d}",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [execution.arn],
        "detail": detail,
    }


def not_redrivable_reason(status: str) -> str:
    """Say why an execution with a status cannot be redriven, in AWS's words."""
    return f"Execution is {status} and cannot be redriven."


def _escaped(text: str | None) -> int:
    return 0 if text is None else len(compact(text).encode())


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1_000)
