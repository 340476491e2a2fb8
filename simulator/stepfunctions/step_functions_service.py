"""Step Functions' API, for one state machine, on a time that is given to it."""

from datetime import datetime, timedelta
from typing import Final

from simulator.stepfunctions.asl_data import LIMIT, Data, Json, compact, from_text
from simulator.stepfunctions.asl_definition import Machine
from simulator.stepfunctions.asl_errors import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    ExecutionNotRedrivable,
    Failure,
    InvalidExecutionInput,
    InvalidName,
    InvalidOutput,
    InvalidToken,
    TaskTimedOut,
    ValidationException,
)
from simulator.stepfunctions.driver import Driver
from simulator.stepfunctions.execution import RUNNING, SUCCEEDED, Attempt, Execution
from simulator.stepfunctions.execution_history import MOST_EVENTS, api_event
from simulator.stepfunctions.status_events import REDRIVABLE_DAYS, not_redrivable_reason

NAME_AT_MOST: Final = 80
NAME_FREE_AFTER: Final = timedelta(days=90)
_NOT_IN_NAMES: Final = frozenset(' <>{}[]?*"#%\\^|~`$&,;:/')
_ERROR_AT_MOST: Final = 256
_CAUSE_AT_MOST: Final = 32_768
_GONE: Final = "Task Timed Out: 'Provided task does not exist anymore'"


class StepFunctions(Driver):
    """The service. Its calls raise `StatesError`s, whose names are AWS's error codes."""

    def __init__(
        self,
        machine: Machine,
        *,
        now: datetime,
        arn: str = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:shingo-rollout",
        catches_data_limit: bool = False,
    ) -> None:
        """Make a service with no executions.

        Args:
            machine: Read once, and shared with whoever else runs it.
            now: An aware time.
            arn: The state machine's.
            catches_data_limit: See `Errors.match`.
        """
        super().__init__(machine, now=now, arn=arn, catches_data_limit=catches_data_limit)
        self._scope = machine.scope
        self._executions: dict[str, Execution] = {}

    def start_execution(self, *, name: str, input: str = "{}") -> dict[str, Json]:  # noqa: A002 - AWS's word
        """Start an execution, or give the running one of the same name and input.

        Raises:
            InvalidName: AWS takes no such name.
            InvalidExecutionInput: The input is not JSON.
            ValidationException: The input is over 256 KiB.
            ExecutionAlreadyExists: The name is not free.
        """
        arn = f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"
        before = self._executions.get(arn)
        if before is not None and not self._is_free(before):
            if before.status != RUNNING or before.input != input:
                raise ExecutionAlreadyExists(f"Execution Already Exists: '{arn}'")
            return {"executionArn": arn, "startDate": before.started}
        _check_name(name)
        execution = Execution(
            arn=arn,
            name=name,
            scope=self._scope,
            text=input,
            data=_read(input, InvalidExecutionInput),
            now=self.now,
        )
        self._executions[arn] = execution
        self.interpreter.start(execution)
        return {"executionArn": arn, "startDate": execution.started}

    def stop_execution(
        self, *, arn: str, error: str | None = None, cause: str | None = None
    ) -> dict[str, Json]:
        """Abort an execution; one that has ended stays as it is.

        Raises:
            ExecutionDoesNotExist: There is none.
            ValidationException: The error or the cause is too long.
        """
        execution = self.execution(arn)
        _check_failure(error, cause)
        if execution.status == RUNNING:
            self.interpreter.stop(execution, error, cause)
        return {"stopDate": execution.stopped}

    def redrive_execution(self, *, arn: str) -> dict[str, Json]:
        """Go on with an execution that ended, but not well.

        Raises:
            ExecutionDoesNotExist: There is none.
            ExecutionNotRedrivable: It runs, succeeded, ended too long ago, or has too many events.
        """
        execution = self.execution(arn)
        if reason := self._not_redrivable(execution):
            raise ExecutionNotRedrivable(reason)
        self.interpreter.redrive(execution)
        return {"redriveDate": execution.redriven}

    def describe_execution(self, *, arn: str) -> dict[str, Json]:
        """Describe an execution, as AWS does; what has no value has no key.

        Raises:
            ExecutionDoesNotExist: There is none.
        """
        execution = self.execution(arn)
        reason = self._not_redrivable(execution)
        succeeded = execution.status == SUCCEEDED
        described = {
            "executionArn": arn,
            "stateMachineArn": self.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": execution.started,
            "stopDate": execution.stopped,
            "input": execution.input,
            "inputDetails": {"included": True},
            "output": compact(execution.output) if succeeded else None,
            "outputDetails": {"included": True} if succeeded else None,
            "error": execution.error,
            "cause": execution.cause,
            "redriveCount": execution.redrives,
            "redriveDate": execution.redriven,
            "redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE",
            "redriveStatusReason": reason or None,
        }
        return {name: value for name, value in described.items() if value is not None}

    def get_execution_history(self, *, arn: str) -> dict[str, Json]:
        """Give all events of an execution, oldest first.

        Raises:
            ExecutionDoesNotExist: There is none.
        """
        return {"events": [api_event(event) for event in self.execution(arn).history]}

    def send_task_success(self, *, token: str, output: str) -> None:
        """Answer a waiting task.

        Raises:
            InvalidToken: It is nobody's.
            InvalidOutput: The output is not JSON.
            ValidationException: The output is over 256 KiB.
            TaskTimedOut: The task has ended.
        """
        attempt = self._attempt(token)
        data = _read(output, InvalidOutput)
        self.interpreter.answered(_still_open(attempt), data)

    def send_task_failure(
        self, *, token: str, error: str | None = None, cause: str | None = None
    ) -> None:
        """Fail a waiting task.

        Raises:
            InvalidToken: It is nobody's.
            ValidationException: The error or the cause is too long.
            TaskTimedOut: The task has ended.
        """
        attempt = self._attempt(token)
        _check_failure(error, cause)
        self.interpreter.task_failed(_still_open(attempt), Failure(error, cause))

    def send_task_heartbeat(self, *, token: str) -> None:
        """Say that a task is still being worked on. Its timeout stays where it is.

        Raises:
            InvalidToken: It is nobody's.
            TaskTimedOut: The task has ended.
        """
        self.interpreter.heartbeat(_still_open(self._attempt(token)))

    def execution(self, arn: str) -> Execution:
        """Find an execution.

        Raises:
            ExecutionDoesNotExist: There is none.
        """
        try:
            return self._executions[arn]
        except KeyError:
            raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{arn}'") from None

    def _attempt(self, token: str) -> Attempt:
        try:
            return self.tokens[token]
        except KeyError:
            raise InvalidToken("Invalid Token: 'Invalid token'") from None

    def _is_free(self, execution: Execution) -> bool:
        stopped = execution.stopped
        return stopped is not None and self.now - stopped > NAME_FREE_AFTER

    def _not_redrivable(self, execution: Execution) -> str:
        stopped = execution.stopped
        if stopped is None or execution.status == SUCCEEDED:
            return not_redrivable_reason(execution.status)
        if self.now - stopped > timedelta(days=REDRIVABLE_DAYS):
            return "Execution redrivable period exceeded."
        if len(execution.history) >= MOST_EVENTS - 1:
            return "Execution history event limit exceeded."
        return ""


def _still_open(attempt: Attempt) -> Attempt:
    if not attempt.open:
        raise TaskTimedOut(_GONE)
    return attempt


def _check_name(name: str) -> None:
    if not name or len(name) > NAME_AT_MOST or not name.isprintable():
        raise InvalidName(f"Invalid Name: '{name}'")
    if not _NOT_IN_NAMES.isdisjoint(name) or any(letter.isspace() for letter in name):
        raise InvalidName(f"Invalid Name: '{name}'")


def _check_failure(error: str | None, cause: str | None) -> None:
    if len(error or "") > _ERROR_AT_MOST or len(cause or "") > _CAUSE_AT_MOST:
        raise ValidationException("error or cause is too long")


def _read(text: str, invalid: type[InvalidOutput | InvalidExecutionInput]) -> Data:
    if len(text.encode()) > LIMIT:
        raise ValidationException(f"over {LIMIT} bytes")
    try:
        return from_text(text)
    except (ValueError, RecursionError) as error:
        raise invalid(str(error)) from None
