"""Step Functions as a person at the command line uses it."""

import json
from collections.abc import Mapping

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


def transitions(sandbox: Sandbox, execution: str) -> int:
    """Count the states that an execution entered, which is what Step Functions bills."""
    pages = sandbox.client("stepfunctions").get_paginator("get_execution_history")
    events = (event for page in pages.paginate(executionArn=execution) for event in page["events"])
    return sum(event["type"].endswith("StateEntered") for event in events)
