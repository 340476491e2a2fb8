"""The side of Step Functions that whoever drives it sees: time, functions to call, events.

It has no clock and no threads, and calls no function itself. Functions to call, and executions of
other machines to start, are taken with `take_invocations`, and what becomes of them is said with
`complete` or `fail`, or never. Time goes on with `advance`. So whoever drives it can lose, double,
delay and interleave all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulator.stepfunctions.asl_data import Json, compact, from_outside
from simulator.stepfunctions.asl_definition import Machine, Task
from simulator.stepfunctions.asl_errors import Failure
from simulator.stepfunctions.execution import Attempt, Branch, Execution
from simulator.stepfunctions.interpreter import Interpreter
from simulator.stepfunctions.status_events import status_event
from simulator.stepfunctions.timers import Timers

_TOKEN: Final = "AQCEAAAAKgAAAAMAAAAAAAAAA" + "x" * 560
"""As long as real ones, 556 to 850 characters, and told apart by the number at its end."""

_REQUEST: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocation:
    """A function that is to be called, or an execution of a machine that is to be started.

    Attributes:
        function: The function; empty where an execution is to be started.
        machine: The machine; empty where a function is to be called.
        payload: The function's, or the execution's `Name` and `Input`. It belongs to whoever
            takes it.
    """

    id: int
    function: str
    machine: str
    payload: Json
    execution: str
    state: str
    at: datetime


class Failed(Exception):
    """Raised by a function that `run_with` calls, for an error of a name."""

    def __init__(self, error: str, message: str = "") -> None:
        super().__init__(error, message)
        self.error = error
        self.message = message


class Driver:
    """Time, calls and events of one state machine's executions."""

    def __init__(
        self, machine: Machine, *, now: datetime, arn: str, catches_data_limit: bool
    ) -> None:
        self.now = now
        self.timers = Timers()
        self.catches_data_limit = catches_data_limit
        self.arn = arn
        self.region = arn.split(":")[3]
        self.interpreter = Interpreter(self, machine)
        self.tokens: dict[str, Attempt] = {}
        self._called: list[Attempt] = []
        self._to_call: list[Invocation] = []
        self._events: list[dict[str, Json]] = []
        self._told = 0

    def next_event_at(self) -> datetime | None:
        """When something will happen of itself; never before `now`."""
        first = self.timers.first()
        return first.at if first else None

    def advance(self, to: datetime) -> None:
        """Let time go on, and all happen that is due until then, each at its own time.

        Raises:
            ValueError: That is in the past.
        """
        if to < self.now:
            raise ValueError(f"{to} is before {self.now}")
        while (first := self.timers.first()) is not None and first.at <= to:
            self.now = first.at
            first.fire()
        self.now = to

    def take_invocations(self) -> list[Invocation]:
        """Take what is to be called or started, each once, in order."""
        taken, self._to_call = self._to_call, []
        return taken

    def complete(self, invocation: Invocation, result: Json) -> bool:
        """Say what a function returned, or describe an execution that succeeded (`result_of`).

        A result that is not JSON is an error of the function, as in Lambda's Python runtime.

        Returns:
            Whether anybody still waited for that.
        """
        attempt = self._called[invocation.id]
        if not self.is_awaited(invocation):
            return False
        try:
            data = from_outside(result)
        except (TypeError, ValueError, RecursionError) as error:
            text = f"Unable to marshal response: {error}"
            return self.fail(invocation, "Runtime.MarshalError", error_cause(text, text))
        self.interpreter.returned(attempt, data)
        return True

    def fail(self, invocation: Invocation, error: str, cause: str) -> bool:
        """Say that a call failed; says whether anybody still waited for that.

        Args:
            invocation: The call.
            error: The class of what the function raised, or one of Lambda's own names, such as
                `Lambda.TooManyRequestsException` or `Sandbox.Timedout`. Of an execution: why it
                was not started (`refusal`), or `States.TaskFailed` if it did not end well.
            cause: See `error_cause`, or `cause_of`.
        """
        if not self.is_awaited(invocation):
            return False
        self.interpreter.task_failed(self._called[invocation.id], Failure(error, cause))
        return True

    def submitted(self, invocation: Invocation, answer: Json) -> bool:
        """Say that an execution was started; says whether anybody still waited for that.

        Args:
            invocation: What asked for it.
            answer: What StartExecution answered, as `handed_on` writes it.

        Raises:
            ValueError: It was a function that was to be called, or the answer is not JSON.
        """
        attempt = self._called[invocation.id]
        if not attempt.task.machine:
            raise ValueError(f"{invocation.function} is no machine")
        data = from_outside(answer)
        if not attempt.open or attempt.submitted:
            return False
        self.interpreter.submitted(attempt, data)
        return True

    def is_awaited(self, invocation: Invocation) -> bool:
        """Say whether anybody still waits for what is said with `complete` or `fail`.

        Step Functions stops an execution that it started and that nobody waits for any more,
        after a stop, a timeout or the failure of a branch beside it: so must whoever drives this.
        """
        attempt = self._called[invocation.id]
        return attempt.open and not (attempt.submitted and attempt.task.waits)

    def take_events(self) -> list[dict[str, Json]]:
        """Take the status events since the last time, oldest first."""
        taken, self._events = self._events, []
        return taken

    def run_with(self, handler: Callable[[str, Json], Json]) -> None:
        """Call a handler for every function, at once, and let time pass until all has ended.

        A task that waits and whose token nobody answers waits for its timeout. For an execution
        that is to be started it is called with the machine's name, and that is its end, too.

        Args:
            handler: Given a function's name and payload, gives its result, or raises `Failed`.
        """
        while True:
            for invocation in self.take_invocations():
                try:
                    called = invocation.function or invocation.machine
                    result = handler(called, invocation.payload)
                except Failed as failed:
                    error, message = failed.error, failed.message
                    cause = message if invocation.machine else error_cause(error, message)
                    self.fail(invocation, error, cause)
                else:
                    self.complete(invocation, result)
            if not self._to_call:
                at = self.next_event_at()
                if at is None:
                    return
                self.advance(at)

    def begin(self, branch: Branch, task: Task) -> Attempt:
        """Make an attempt."""
        token = f"{_TOKEN}{len(self.tokens):012d}" if task.waits else ""
        attempt = Attempt(branch, task, token)
        if token:
            self.tokens[token] = attempt
        return attempt

    def call(self, attempt: Attempt, payload: Json) -> None:
        """Put a call where the driver takes it."""
        self._to_call.append(
            Invocation(
                id=len(self._called),
                function=attempt.task.function,
                machine=attempt.task.machine,
                payload=from_outside(payload).value,
                execution=attempt.branch.execution.arn,
                state=attempt.task.name,
                at=self.now,
            )
        )
        self._called.append(attempt)

    def report_status(self, execution: Execution) -> None:
        """Put a status event where the driver takes it."""
        self._told += 1
        self._events.append(
            status_event(execution, machine=self.arn, number=self._told, at=self.now)
        )


def error_cause(error: str, message: str) -> str:
    """Write the cause that Step Functions shows of an exception in a Python function."""
    cause = {"errorMessage": message, "errorType": error, "requestId": _REQUEST, "stackTrace": []}
    return compact(cause)
