"""How an execution goes on, waits, fails and ends, whatever its states do.

A place in the machine that was entered gives a `Step`: the next state and its input, or nothing
if it waits or has come to its end. A walk takes steps until there is none.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

from simulator.stepfunctions.asl_data import Data, Json
from simulator.stepfunctions.asl_definition import Map, Parallel, Task, Wait
from simulator.stepfunctions.asl_errors import (
    RUNTIME,
    TIMEOUT,
    TOO_MUCH_DATA,
    Failure,
    HistoryIsFull,
)
from simulator.stepfunctions.execution import FAILED, SUCCEEDED, Attempt, Branch, Execution
from simulator.stepfunctions.execution_history import MOST_EVENTS
from simulator.stepfunctions.timers import Timers

Step: TypeAlias = tuple[str, Data] | None

FULL: Final = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
_ABORTED: Final[Mapping[type, str]] = {
    Task: "TaskStateAborted",
    Wait: "WaitStateAborted",
}
_ENDS: Final = {
    SUCCEEDED: "ExecutionSucceeded",
    FAILED: "ExecutionFailed",
    "TIMED_OUT": "ExecutionTimedOut",
    "ABORTED": "ExecutionAborted",
}


class Host(Protocol):
    """What a walk needs around it."""

    now: datetime
    timers: Timers
    region: str
    catches_data_limit: bool

    def begin(self, branch: Branch, task: Task) -> Attempt:
        """Make an attempt, with a token of its own if the task waits."""

    def call(self, attempt: Attempt, payload: Json) -> None:
        """Have what the task calls called."""

    def report_status(self, execution: Execution) -> None:
        """Let others know that an execution's status has changed."""


class StateWalk(ABC):
    """The part of the rules that is common to all states."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.entering: Mapping[type, Callable[[Branch, Any], Step]] = self.states()

    @abstractmethod
    def states(self) -> Mapping[type, Callable[[Branch, Any], Step]]:
        """Give what each kind of state does when it is entered."""

    def act(self, branch: Branch, action: Callable[[Branch], Step]) -> None:
        """Let something happen at a place, and walk on from there."""
        try:
            try:
                step = action(branch)
            except Failure as failure:
                step = self._failed(branch, failure)
            self.go(branch, step)
        except HistoryIsFull:
            self.close(branch.execution, FAILED, branch.last, error=RUNTIME, cause=FULL)

    def go(self, branch: Branch, step: Step) -> None:
        """Walk until there is no next step."""
        while step is not None:
            name, branch.data = step
            branch.state = state = branch.scope.states[name]
            branch.attempt = branch.fork = None
            try:
                step = self.entering[type(state)](branch, state)
            except Failure as failure:
                step = self._failed(branch, failure)

    def mark(self, branch: Branch, kind: str, details: Mapping[str, Json] | None = None) -> None:
        """Record an event of a place."""
        branch.last = branch.execution.record(kind, self.host.now, branch.last, details)

    def entered(self, branch: Branch, kind: str, name: str) -> None:
        """Record that a state was entered."""
        self.mark(branch, kind, {"name": name, "input": branch.data.value})
        branch.entered = branch.last

    def leave(self, branch: Branch, kind: str, name: str, way: tuple[Data, str | None]) -> Step:
        """Record that a state was left, with its output, for a next one or for the end.

        Raises:
            Failure: The output is too large.
        """
        data, following = way
        if not data.fits():
            raise data_limit_failure(name)
        self.mark(branch, kind, {"name": name, "output": data.value})
        if following is not None:
            return following, data
        branch.output = data
        if branch.within is None:
            self.close(branch.execution, SUCCEEDED, branch.last, output=data.value)
        else:
            self.branch_ended(branch)
        return None

    @abstractmethod
    def branch_ended(self, branch: Branch) -> None:
        """Note the end of a branch or an iteration."""

    def close(
        self,
        execution: Execution,
        status: str,
        previous: int,
        **ending: Json,  # error, cause or output
    ) -> None:
        """End an execution; whatever waits does so no more."""
        execution.status = status
        execution.stopped = self.host.now
        execution.root.rest()
        if execution.limit is not None:
            execution.limit.cancel()
        execution.record(_ENDS[status], self.host.now, previous, ending)
        if status != "TIMED_OUT":
            execution.error, execution.cause = ending.get("error"), ending.get("cause")
        execution.output = ending.get("output")
        self.host.report_status(execution)

    def _failed(self, branch: Branch, failure: Failure) -> Step:
        """Retry, catch, or fail all around it."""
        if failure.error == RUNTIME:
            name = branch.state.name if branch.state else ""
            cause = (
                f"An error occurred while executing the state '{name}' "
                f"(entered at the event id #{branch.entered}). {failure.cause}"
            )
            self.close(branch.execution, FAILED, branch.last, error=RUNTIME, cause=cause)
            return None
        if self._retried(branch, failure):
            return None
        try:
            return self._caught(branch, failure)
        except Failure as another:
            failure = another
        if branch.within is None:
            self.close(
                branch.execution, FAILED, branch.last, error=failure.error, cause=failure.cause
            )
        else:
            self._cut(branch, failure)
        return None

    def _retried(self, branch: Branch, failure: Failure) -> bool:
        if not isinstance(branch.state, Task):
            return False
        limit = self.host.catches_data_limit
        for number, retrier in enumerate(branch.state.retry):
            if retrier.errors.match(failure, catches_data_limit=limit):
                made = branch.retried[number]
                if made >= retrier.attempts:
                    return False
                branch.retried[number] += 1
                again = self.host.now + retrier.pause(made)
                branch.waiting = self.host.timers.add(again, lambda: self.act(branch, self.attempt))
                return True
        return False

    @abstractmethod
    def attempt(self, branch: Branch) -> Step:
        """Try the branch's task."""

    def _caught(self, branch: Branch, failure: Failure) -> Step:
        state = branch.state
        if isinstance(state, Task | Parallel | Map):
            for catcher in state.catch:
                if catcher.errors.match(failure, catches_data_limit=self.host.catches_data_limit):
                    data = branch.data
                    if catcher.path is not None:
                        data = catcher.path.put(data, _as_data(failure))
                    kind = f"{type(state).__name__}StateExited"
                    return self.leave(branch, kind, state.name, (data, catcher.next))
        raise failure

    def _cut(self, branch: Branch, failure: Failure) -> None:
        """Let a branch's failure end all branches beside it, and the Parallel or Map around them.

        Each iteration and each state that is cut leaves an event whose previous is the failed
        branch's last, and so do the failed iteration and the Parallel or Map itself: measured on
        AWS (floci, AslExecutorParallelCutTest).
        """
        fork = branch.within
        if fork is None:
            raise failure
        parent, previous = fork.branch, branch.last
        self._abort(branch, previous)
        for other in fork.running():
            if other is not branch:
                self.iteration("Aborted", other, previous)
                for place in other.unfinished():
                    self._abort(place, previous)
        self.iteration("Failed", branch, previous)
        kind = f"{type(parent.state).__name__}StateFailed"
        parent.last = branch.execution.record(kind, self.host.now, previous)
        if fork.beginning:
            fork.failure = failure
        else:
            self.act(parent, lambda _: _raise(failure))

    def _abort(self, place: Branch, previous: int) -> None:
        if type(place.state) in _ABORTED:
            place.execution.record(_ABORTED[type(place.state)], self.host.now, previous)
        place.rest()

    def iteration(self, what: str, branch: Branch, previous: int) -> int:
        """Record what became of an iteration; give the event's number.

        A Parallel's branch leaves no such event; what was the previous one still is.
        """
        fork = branch.within
        if fork is None or not isinstance(fork.branch.state, Map):
            return previous
        details = {"name": fork.branch.state.name, "index": fork.branches.index(branch)}
        return branch.execution.record(f"MapIteration{what}", self.host.now, previous, details)


def data_limit_failure(name: str) -> Failure:
    """Make the failure of a state or task whose result is over 256 KiB, in AWS's words."""
    return Failure(
        TOO_MUCH_DATA,
        f"The state/task '{name}' returned a result with a size exceeding the maximum number of "
        "bytes service limit.",
    )


def _as_data(failure: Failure) -> Data:
    """Give what a catcher hands on. A timeout's cause is an empty text, recorded on AWS."""
    cause = "" if failure.error == TIMEOUT else failure.cause
    bound = 100 + 6 * (len(failure.error or "") + len(cause or ""))
    return Data({"Error": failure.error, "Cause": cause}, bound)


def _raise(failure: Failure) -> Step:
    raise failure
