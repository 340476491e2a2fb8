"""An execution: where it is, what it has seen, and how it ended."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sandbox.states.data import Data, Json
from sandbox.states.definition import Scope, State, Task
from sandbox.states.errors import Failure, HistoryIsFull
from sandbox.states.history import MOST_EVENTS, Event
from sandbox.states.paths import Context
from sandbox.states.timers import Timer

RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
TIMED_OUT: Final = "TIMED_OUT"
ABORTED: Final = "ABORTED"


class Attempt:
    """One call of a task's function, and the wait for its answer.

    Attributes:
        branch: Whose state it is for.
        task: The state.
        token: What answers it; empty where its function's result does.
        open: Whether it can still be answered.
        submitted: Whether its function returned and now only its token counts.
        deadline: Its timeout.
        beat: The end of the time without a heartbeat.
    """

    __slots__ = ("beat", "branch", "deadline", "open", "submitted", "task", "token")

    def __init__(self, branch: "Branch", task: Task, token: str) -> None:
        self.branch = branch
        self.task = task
        self.token = token
        self.open = True
        self.submitted = False
        self.deadline: Timer | None = None
        self.beat: Timer | None = None

    def close(self) -> None:
        """Let nobody answer it any more."""
        self.open = False
        for timer in (self.deadline, self.beat):
            if timer is not None:
                timer.cancel()


class Branch:
    """A place in the machine: the execution's own, or that of a Parallel's branch.

    Attributes:
        scope: The states that it is among.
        within: The Parallel that it is a branch of.
        state: Where it is; none before it has begun.
        data: The state's input.
        last: Number of its newest event, which its next one names as the previous.
        entered: Number of the event that entered the state.
        retried: How often each retrier of the state was used in this visit.
        waiting: What ends a Wait or a pause before a retry.
        attempt: The call that is being waited for.
        fork: The Parallel that it is in, with its branches.
        output: What came out of it; none before its end.
    """

    __slots__ = (
        "attempt",
        "data",
        "entered",
        "execution",
        "fork",
        "last",
        "output",
        "retried",
        "scope",
        "state",
        "waiting",
        "within",
    )

    def __init__(
        self, execution: "Execution", scope: Scope, data: Data, within: "Fork | None"
    ) -> None:
        self.execution = execution
        self.scope = scope
        self.within = within
        self.state: State | None = None
        self.data = data
        self.last = 0
        self.entered = 0
        self.retried: list[int] = []
        self.waiting: Timer | None = None
        self.attempt: Attempt | None = None
        self.fork: Fork | None = None
        self.output: Data | None = None

    def rest(self) -> None:
        """Wait for nothing any more, also in its branches; their tokens are dead."""
        if self.waiting is not None:
            self.waiting.cancel()
        if self.attempt is not None:
            self.attempt.close()
        if self.fork is not None:
            for branch in self.fork.branches:
                branch.rest()

    def unfinished(self) -> Iterator["Branch"]:
        """Find the innermost places that have not come to their end."""
        branches = self.fork.branches if self.fork else ()
        unfinished = [branch for branch in branches if branch.output is None]
        if not unfinished:
            yield self
        for branch in unfinished:
            yield from branch.unfinished()


class Fork:
    """A Parallel on its way.

    Attributes:
        branches: In the definition's order.
        beginning: Whether its branches are just being begun.
        newest: Number of the newest event in any of its ended branches.
        failure: What a branch failed of while they were being begun.
    """

    __slots__ = ("beginning", "branch", "branches", "failure", "newest")

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.branches: list[Branch] = []
        self.beginning = True
        self.newest = 0
        self.failure: Failure | None = None


class Execution:
    """What is known of an execution."""

    def __init__(
        self, *, arn: str, name: str, scope: Scope, text: str, data: Data, now: datetime
    ) -> None:
        self.arn = arn
        self.name = name
        self.input = text
        self.status = RUNNING
        self.started = now
        self.stopped: datetime | None = None
        self.output: Json = None
        self.error: str | None = None
        self.cause: str | None = None
        self.redrives = 0
        self.redriven: datetime | None = None
        self.history: list[Event] = []
        self.limit: Timer | None = None
        self.root = Branch(self, scope, data, None)
        self.context = Context(arn, name, stamp(now), data)

    def record(
        self,
        kind: str,
        at: datetime,
        previous: int,
        details: Mapping[str, Json] | None = None,
    ) -> int:
        """Keep an event; give its number.

        Raises:
            HistoryIsFull: Only the execution's end may be kept now.
        """
        number = len(self.history) + 1
        if number >= MOST_EVENTS and self.status == RUNNING:
            raise HistoryIsFull
        self.history.append(Event(number, previous, kind, at, details))
        return number

    def visited(self) -> list[str]:
        """Name the states that were entered, in order."""
        return [
            event.details["name"]
            for event in self.history
            if event.details is not None and event.kind.endswith("StateEntered")
        ]


def stamp(moment: datetime) -> str:
    """Write a moment as the context object has it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
