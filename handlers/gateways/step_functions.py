"""Step Functions: starting rollouts, answering task tokens, asking whether one still runs.

Tested in `test_smaller_gateways.py`.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from handlers.domain.model.errors import TokenGone
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_TOKEN_GONE = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class Executions:
    def __init__(self, client: "SFNClient", state_machine: str) -> None:
        """Talk through this client, about this state machine (ARN)."""
        self._client = client
        self._state_machine = state_machine

    def start(self, name: str, document: Mapping[str, object]) -> None:
        """Start a rollout; starting it again under the same name does nothing.

        The input's bytes are stable, since Step Functions takes a repeated start for the same
        only when name and input are.
        """
        text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        with aws_errors(f"start {name}"):
            try:
                self._client.start_execution(
                    stateMachineArn=self._state_machine, name=name, input=text
                )
            except self._client.exceptions.ExecutionAlreadyExists:
                return

    def answer(self, token: str, output: Mapping[str, object]) -> None:
        """Answer a task token.

        Raises:
            TokenGone: it was answered, timed out, or its execution has ended. Never retried.
        """
        with aws_errors("answer a task token"):
            try:
                self._client.send_task_success(taskToken=token, output=json.dumps(output))
            except ClientError as error:
                if error.response["Error"].get("Code") in _TOKEN_GONE:
                    raise TokenGone("the task token is closed") from error
                raise

    def status(self, execution: str) -> str:
        """Return an execution's (ARN) status in AWS's word; empty where there is none."""
        with aws_errors(f"describe execution {execution}"):
            try:
                return self._client.describe_execution(executionArn=execution)["status"]
            except self._client.exceptions.ExecutionDoesNotExist:
                return ""

    def is_running(self, execution: str) -> bool:
        """Tell whether an execution (ARN) is still running."""
        return self.status(execution) in {"RUNNING", "PENDING_REDRIVE"}
