"""The side of Step Functions that whoever drives it sees: time, functions to call, events.

It has no clock and no threads, and calls no function itself. Functions to call are taken with
`take_invocations`, and what becomes of them is said with `complete` or `fail`, or never. Time
goes on with `advance`. So whoever drives it can lose, double, delay and interleave all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sandbox.states.data import Json, compact, from_outside
from sandbox.states.definition import Machine, Task
from sandbox.states.errors import Failure
from sandbox.states.execution import Attempt, Branch, Execution
from sandbox.states.interpreter import Interpreter
from sandbox.states.status_events import status_event
from sandbox.states.timers import Timers

_TOKEN: Final = "AQCEAAAAKgAAAAMAAAAAAAAAA" + "x" * 560
"""As long as real ones, 556 to 850 characters, and told apart by the number at its end."""

_REQUEST: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocation:
    """A function that is to be called. Its payload belongs to whoever takes it."""

    id: int
    function: str
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


class Driven:
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
            first.happen()
        self.now = to

    def take_invocations(self) -> list[Invocation]:
        """Take the functions that are to be called, each once, in order."""
        taken, self._to_call = self._to_call, []
        return taken

    def complete(self, invocation: Invocation, result: Json) -> bool:
        """Say what a function returned; says whether anybody still waited for that.

        A result that is not JSON is an error of the function, as in Lambda's Python runtime.
        """
        attempt = self._called[invocation.id]
        if not attempt.open or attempt.submitted:
            return False
        try:
            data = from_outside(result)
        except (TypeError, ValueError, RecursionError) as error:
            text = f"Unable to marshal response: {error}"
            return self.fail(invocation, "Runtime.MarshalError", raised(text, text))
        self.interpreter.returned(attempt, data)
        return True

    def fail(self, invocation: Invocation, error: str, cause: str) -> bool:
        """Say that a call failed; says whether anybody still waited for that.

        Args:
            invocation: The call.
            error: The class of what the function raised, or one of Lambda's own names, such as
                `Lambda.TooManyRequestsException` or `Sandbox.Timedout`.
            cause: See `raised`.
        """
        attempt = self._called[invocation.id]
        if attempt.open and not attempt.submitted:
            self.interpreter.erred(attempt, Failure(error, cause))
            return True
        return False

    def take_events(self) -> list[dict[str, Json]]:
        """Take the status events since the last time, oldest first."""
        taken, self._events = self._events, []
        return taken

    def run_with(self, handler: Callable[[str, Json], Json]) -> None:
        """Call a handler for every function, at once, and let time pass until all has ended.

        A task that waits and whose token nobody answers waits for its timeout.

        Args:
            handler: Given a function's name and payload, gives its result, or raises `Failed`.
        """
        while True:
            for invocation in self.take_invocations():
                try:
                    result = handler(invocation.function, invocation.payload)
                except Failed as failed:
                    self.fail(invocation, failed.error, raised(failed.error, failed.message))
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
                payload=from_outside(payload).value,
                execution=attempt.branch.execution.arn,
                state=attempt.task.name,
                at=self.now,
            )
        )
        self._called.append(attempt)

    def tell(self, execution: Execution) -> None:
        """Put a status event where the driver takes it."""
        self._told += 1
        self._events.append(
            status_event(execution, machine=self.arn, number=self._told, at=self.now)
        )


def raised(error: str, message: str) -> str:
    """Write the cause that Step Functions shows of an exception in a Python function."""
    cause = {"errorMessage": message, "errorType": error, "requestId": _REQUEST, "stackTrace": []}
    return compact(cause)
