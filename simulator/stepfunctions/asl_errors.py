"""What can go wrong, in three kinds.

    Refused              the definition, or its data, needs something that the double does not do
    Failure              a state failed; Retry and Catch see it
    StatesError          an API call was refused; the class's name is AWS's error code
    ├── ExecutionAlreadyExists, ExecutionDoesNotExist, ExecutionNotRedrivable
    ├── InvalidExecutionInput, InvalidName, InvalidOutput, InvalidToken
    └── TaskTimedOut, ValidationException

The codes are those of botocore's service model of Step Functions.
"""

from typing import Final

RUNTIME: Final = "States.Runtime"
TIMEOUT: Final = "States.Timeout"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
TOO_MUCH_DATA: Final = "States.DataLimitExceeded"
NO_RESULT_PATH: Final = "States.ResultPathMatchFailure"
TASK_FAILED: Final = "States.TaskFailed"
ALL: Final = "States.ALL"


class Refused(Exception):
    """Something that the double does not implement; never part of a simulated AWS."""


class Failure(Exception):
    """A state failed.

    Attributes:
        error: AWS's or the function's name of the error; none where an answer named none.
        cause: A text for people; none where there is none.
        alias: A second name under which Retry and Catch know it.
    """

    def __init__(self, error: str | None, cause: str | None, alias: str = "") -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause
        self.alias = alias


def runtime(cause: str) -> Failure:
    """Make the failure that nothing catches.

    Errors in choices, parameters and intrinsic functions are all reported under this name: the
    developer guide, "Handling errors", keeps `States.NoChoiceMatched`,
    `States.ParameterPathFailure` and `States.IntrinsicFailure` for future use.
    """
    return Failure(RUNTIME, cause)


class HistoryIsFull(Exception):
    """The execution has no room for another event but its last."""


class StatesError(Exception):
    """An API call that AWS refuses."""

    @property
    def code(self) -> str:
        """AWS's error code."""
        return type(self).__name__


class ExecutionAlreadyExists(StatesError):
    """The name was used for another input, or its execution has ended, within 90 days."""


class ExecutionDoesNotExist(StatesError):
    """No execution has this ARN."""


class ExecutionNotRedrivable(StatesError):
    """It runs, succeeded, ended over 14 days ago, or has too long a history."""


class InvalidExecutionInput(StatesError):
    """The input is not JSON."""


class InvalidName(StatesError):
    """The name is too long, empty, or has a character that no name may have."""


class InvalidOutput(StatesError):
    """The output of a task is not JSON."""


class InvalidToken(StatesError):
    """No task ever had this token."""


class TaskTimedOut(StatesError):
    """The task of this token has ended, in whatever way."""


class ValidationException(StatesError):
    """An argument is outside its limits."""
