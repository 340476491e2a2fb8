"""Looks for secrets where nobody may find one: logs, Slack, the records, executions' data.

A task token belongs into the payload of its callback and into the two tables that hold what waits
for an answer; it is searched for everywhere else. So are Slack's credentials, the signatures that
requests came with, and the addresses at which anybody may answer in the app's name.

Tested in `tests/e2e/test_closed_door.py`.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from sandbox.host.sandbox import Sandbox

TOKEN_TABLES: Final = ("Approvals", "Deployments")
"""Tables, by their name in the template."""
PUBLIC_TABLES: Final = ("Rollouts", "Audit", "Locks")


def leaked_secrets(sandbox: Sandbox, execution: str) -> list[str]:
    """Name each secret that was found, and where; none of them is in what this returns.

    Args:
        sandbox: where it is searched.
        execution: of which rollout the data are searched too; its ARN.
    """
    known = secrets(sandbox)
    return [
        f"{known[secret]} is in {place}"
        for place, text in published_texts(sandbox, execution).items()
        for secret in known
        if secret in text
    ]


def secrets(sandbox: Sandbox) -> dict[str, str]:
    """Return every secret that there is now, and what it is."""
    workspace = sandbox.workspace
    signatures = [request.headers["X-Slack-Signature"] for request in list(workspace.requests)]
    tokens = {
        item["token"]["S"]: f"a task token of {table}"
        for table in TOKEN_TABLES
        for item in _items(sandbox, table)
    }
    return {
        workspace.bot_token: "the bot token",
        workspace.signing_secret: "the signing secret",
        workspace.response_url(""): "a response URL",
        **dict.fromkeys(signatures, "a signature"),
        **tokens,
    }


def published_texts(sandbox: Sandbox, *executions: str) -> dict[str, str]:
    """Return everything that is told to anybody, by the place where it is.

    Args:
        sandbox: where.
        executions: ARNs of those whose data count; callbacks' payloads do not.
    """
    shown = [vars(message) for message in list(sandbox.workspace.timeline.messages)]
    data = [each for execution in executions for each in _data(sandbox, execution)]
    return {
        "the functions' logs": sandbox.logged_lines(),
        "Slack": _text(shown),
        **{f"the table {name}": _text(_items(sandbox, name)) for name in PUBLIC_TABLES},
        "an execution": _text(data),
    }


def _items(sandbox: Sandbox, table: str) -> list[dict[str, Any]]:
    pages = sandbox.client("dynamodb").get_paginator("scan")
    asked = {"TableName": sandbox.stack.tables[table], "ConsistentRead": True}
    return [item for page in pages.paginate(**asked) for item in page["Items"]]


def _data(sandbox: Sandbox, execution: str) -> Iterator[object]:
    """Yield an execution's input and output, and those of its states: all but callback payloads."""
    machine = sandbox.client("stepfunctions")
    yield machine.describe_execution(executionArn=execution)
    pages = machine.get_paginator("get_execution_history").paginate(executionArn=execution)
    for event in (event for page in pages for event in page["events"]):
        event.get("taskScheduledEventDetails", {}).pop("parameters", None)
        yield event


def _text(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
