"""Step Functions as a person at the command line uses it. Tested in `tests/e2e`."""

import json
from collections.abc import Mapping
from typing import Any

from handlers.domain.model.group import Group
from handlers.domain.model.rollout import Rollout
from sandbox.host.sandbox import Sandbox


def start(sandbox: Sandbox, name: str, document: Mapping[str, object]) -> str:
    """Start a rollout, or a group where several applications are named; return its ARN."""
    several = "applications" in document
    stack = sandbox.stack
    answer = sandbox.client("stepfunctions").start_execution(
        stateMachineArn=stack.group_machine_arn if several else stack.state_machine_arn,
        name=name,
        input=json.dumps(document),
    )
    return str(answer["executionArn"])


def end_of(described: Mapping[str, Any], record: Rollout | Group | None) -> dict[str, str]:
    """Return how an execution ended.

    Args:
        described: by DescribeExecution.
        record: None where the execution ended before it was made.
    """
    return {
        "outcome": record.outcome if record else "",
        "execution_status": described["status"],
        "error": described.get("error", "") if described["status"] == "FAILED" else "",
        "cause": record.cause if record else described.get("cause", ""),
    }


def transitions(sandbox: Sandbox, execution: str) -> int:
    """Count the states that an execution entered, which is what Step Functions bills."""
    pages = sandbox.client("stepfunctions").get_paginator("get_execution_history")
    events = (event for page in pages.paginate(executionArn=execution) for event in page["events"])
    return sum(event["type"].endswith("StateEntered") for event in events)
