"""A definition after it was read: what each kind of state needs to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from simulator.stepfunctions.asl_choices import Test
from simulator.stepfunctions.asl_errors import ALL, TASK_FAILED, TIMEOUT, TOO_MUCH_DATA, Failure
from simulator.stepfunctions.json_paths import Path
from simulator.stepfunctions.payload_templates import Template


@dataclass(frozen=True, kw_only=True, slots=True)
class Errors:
    """The `ErrorEquals` of a retrier or a catcher."""

    names: frozenset[str]

    def match(self, failure: Failure, *, catches_data_limit: bool) -> bool:
        """Say whether it is about this failure, which is none that nothing catches.

        Args:
            failure: What went wrong.
            catches_data_limit: Whether States.ALL is about `States.DataLimitExceeded`. The
                developer guide says no; AWS itself was recorded to do so for a task's result.
        """
        error = failure.error
        if error in self.names or (failure.alias and failure.alias in self.names):
            return True
        if error == TOO_MUCH_DATA and not catches_data_limit:
            return False
        if ALL in self.names:
            return True
        return TASK_FAILED in self.names and error is not None and error != TIMEOUT


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrier:
    """How an error is tried again. Its attempts are counted per visit of the state."""

    errors: Errors
    first_after: float
    growing: float
    attempts: int

    def pause(self, attempts_made: int) -> timedelta:
        """How long to wait before the next attempt."""
        return timedelta(seconds=self.first_after * self.growing**attempts_made)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catcher:
    """Where an error leads that is not tried again, and where it is put; nowhere without a path."""

    errors: Errors
    path: Path | None
    next: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Calls a Lambda function, or runs an execution of another machine.

    Attributes:
        resource_type: The service that it calls, as the history names it.
        resource: What of the service, as the history names it.
        function: Which function it calls; empty where it runs a machine.
        machine: Which machine it runs; empty where it calls a function.
        waits: Whether an answer to its token ends it, and not what its function returns.
    """

    name: str
    next: str | None
    resource_type: str
    resource: str
    function: str
    machine: str
    waits: bool
    parameters: Template
    selector: Template | None
    result_path: Path | None
    output_path: Path | None
    timeout: timedelta | None
    heartbeat: timedelta | None
    retry: Sequence[Retrier]
    catch: Sequence[Catcher]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """Goes on, with other data if it has parameters."""

    name: str
    next: str | None
    parameters: Template | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Goes on after a time."""

    name: str
    next: str | None
    pause: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Goes where the first rule that holds leads."""

    name: str
    rules: Sequence[tuple[Test, str]]
    default: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Parallel:
    """Runs its branches at once, each with all of the data."""

    name: str
    next: str | None
    branches: Sequence["Scope"]
    result_path: Path | None
    catch: Sequence[Catcher]


@dataclass(frozen=True, kw_only=True, slots=True)
class Map:
    """Runs its states once for each item of a list, some at once, each with its own data."""

    name: str
    next: str | None
    items: Path
    at_once: int
    parameters: Template | None
    iterator: "Scope"
    result_path: Path | None
    catch: Sequence[Catcher]


@dataclass(frozen=True, kw_only=True, slots=True)
class Succeed:
    """Ends well."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fail:
    """Ends badly, with an error's name and, at a path, its cause."""

    name: str
    error: str
    cause: Path | None


State: TypeAlias = Task | Pass | Wait | Choice | Parallel | Map | Succeed | Fail


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """A machine's, a branch's or an iteration's own states; a transition never leaves them."""

    start: str
    states: Mapping[str, State]


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """A whole definition, read once and shared by all of its executions."""

    scope: Scope
    timeout: timedelta | None
