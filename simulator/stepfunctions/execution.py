"""An execution: where it is, what it has seen, and how it ended."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from simulator.stepfunctions.asl_data import Data, Json
from simulator.stepfunctions.asl_definition import Scope, State, Task
from simulator.stepfunctions.asl_errors import Failure, HistoryIsFull
from simulator.stepfunctions.execution_history import MOST_EVENTS, Event
from simulator.stepfunctions.json_paths import Context
from simulator.stepfunctions.timers import Timer

RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
TIMED_OUT: Final = "TIMED_OUT"
ABORTED: Final = "ABORTED"


class Attempt:
    """One call of a task, and the wait for its answer.

    Attributes:
        branch: Whose state it is for.
        task: The state.
        token: What answers it; empty where its function's result does.
        open: Whether it can still be answered.
        submitted: Whether its function returned and now only its token counts, or the execution
            that it asked for runs.
        deadline: Its timeout.
        heartbeat_timer: The end of the time without a heartbeat.
    """

    __slots__ = ("branch", "deadline", "heartbeat_timer", "open", "submitted", "task", "token")

    def __init__(self, branch: "Branch", task: Task, token: str) -> None:
        self.branch = branch
        self.task = task
        self.token = token
        self.open = True
        self.submitted = False
        self.deadline: Timer | None = None
        self.heartbeat_timer: Timer | None = None

    def close(self) -> None:
        """Let nobody answer it any more."""
        self.open = False
        for timer in (self.deadline, self.heartbeat_timer):
            if timer is not None:
                timer.cancel()


class Branch:
    """A place in the machine: the execution's own, or that of a branch or an iteration.

    Attributes:
        scope: The states that it is among.
        within: The Parallel or Map that it is a branch or an iteration of.
        context: What its templates may ask.
        state: Where it is; none before it has begun.
        data: The state's input.
        last: Number of its newest event, which its next one names as the previous.
        entered: Number of the event that entered the state.
        retried: How often each retrier of the state was used in this visit.
        waiting: What ends a Wait or a pause before a retry.
        attempt: The call that is being waited for.
        fork: The Parallel or Map that it is in, with its branches.
        output: What came out of it; none before its end.
    """

    __slots__ = (
        "attempt",
        "context",
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
        self,
        execution: "Execution",
        scope: Scope,
        data: Data,
        within: "Fork | None",
        context: Context,
    ) -> None:
        self.execution = execution
        self.scope = scope
        self.within = within
        self.context = context
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
        unfinished = self.fork.running() if self.fork else ()
        if not unfinished:
            yield self
        for branch in unfinished:
            yield from branch.unfinished()


class Fork:
    """A Parallel or a Map on its way; an iteration is a branch, too.

    Attributes:
        branches: In the order of the definition or of the items; the first of them have begun.
        at_once: How many may run at once.
        begun: How many have begun.
        ended: How many have come to their end.
        beginning: Whether branches are just being begun.
        room: Number of the event that made room for the next one to begin.
        newest: Number of the newest event in any of its ended branches.
        failure: What a branch failed of while they were being begun.
    """

    __slots__ = (
        "at_once",
        "beginning",
        "begun",
        "branch",
        "branches",
        "ended",
        "failure",
        "newest",
        "room",
    )

    def __init__(self, branch: Branch, at_once: int) -> None:
        self.branch = branch
        self.branches: list[Branch] = []
        self.at_once = at_once
        self.begun = 0
        self.ended = 0
        self.beginning = False
        self.room = self.newest = branch.last
        self.failure: Failure | None = None

    def has_room(self) -> bool:
        """Say whether another branch is to begin now."""
        return self.begun < len(self.branches) and self.begun - self.ended < self.at_once

    def running(self) -> list[Branch]:
        """Find those branches that have begun and not come to their end."""
        return [branch for branch in self.branches[: self.begun] if branch.output is None]


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
        self.root = Branch(self, scope, data, None, Context(arn, name, iso_timestamp(now), data))

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


def iso_timestamp(moment: datetime) -> str:
    """Write a moment as the context object has it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
