"""What each kind of state does, by AWS's rules."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from simulator.stepfunctions.asl_data import Data, Json
from simulator.stepfunctions.asl_definition import (
    Choice,
    Fail,
    Machine,
    Map,
    Parallel,
    Pass,
    Succeed,
    Task,
    Wait,
)
from simulator.stepfunctions.asl_errors import HEARTBEAT_TIMEOUT, TIMEOUT, Failure, runtime
from simulator.stepfunctions.execution import (
    ABORTED,
    RUNNING,
    TIMED_OUT,
    Attempt,
    Branch,
    Execution,
)
from simulator.stepfunctions.fork_walk import ForkWalk, looked_up
from simulator.stepfunctions.state_walk import Host, Step, data_limit_failure

_ANSWER: Final[Mapping[str, Json]] = {
    "ExecutedVersion": "$LATEST",
    "SdkHttpMetadata": {"HttpStatusCode": 200},
    "SdkResponseMetadata": {"RequestId": "00000000-0000-0000-0000-000000000000"},
    "StatusCode": 200,
}
"""What `lambda:invoke` gives beside the function's own answer; headers are left out."""
_ANSWER_BYTES: Final = 300


class Interpreter(ForkWalk):
    """Walks the executions of one machine."""

    def __init__(self, host: Host, machine: Machine) -> None:
        super().__init__(host)
        self._machine = machine

    def states(self) -> Mapping[type, Callable[[Branch, Any], Step]]:
        """Give what each kind of state does when it is entered."""
        return {
            Task: self._task,
            Pass: self._pass,
            Wait: self._wait,
            Choice: self._choice,
            Parallel: self.enter_parallel,
            Map: self.enter_map,
            Succeed: self._succeed,
            Fail: self._fail,
        }

    def start(self, execution: Execution) -> None:
        """Begin an execution."""
        root = execution.root
        execution.record("ExecutionStarted", self.host.now, 0, {"input": root.data.value})
        self._limit(execution)
        self.host.report_status(execution)
        self.act(root, lambda _: (self._machine.scope.start, root.data))

    def stop(self, execution: Execution, error: str | None, cause: str | None) -> None:
        """Abort an execution."""
        self.close(execution, ABORTED, 0, error=error, cause=cause)

    def redrive(self, execution: Execution) -> None:
        """Go on from every state that was entered and not left, with new tokens.

        Developer guide, "Redriving executions": results of what succeeded are kept; the machine's
        and the states' timeouts and the counts of retries begin anew; of a Parallel or a Map only
        those branches or iterations run that failed, were aborted or had not begun; a Fail state
        fails again.
        """
        execution.status, execution.stopped = RUNNING, None
        execution.error = execution.cause = None
        execution.redrives += 1
        execution.redriven = self.host.now
        number = execution.record(
            "ExecutionRedriven",
            self.host.now,
            len(execution.history),
            {"redriveCount": execution.redrives},
        )
        self._limit(execution)
        self.host.report_status(execution)
        root, fork = execution.root, execution.root.fork
        if fork is not None:
            fork.room = number
        for place in list(root.unfinished()):
            if execution.status == RUNNING:
                place.last = number
                self.act(place, self._reenter)
        # Only the execution's own place has one: no Parallel and no Map is within another.
        if fork is not None and root.fork is fork and execution.status == RUNNING:
            self.act(root, self._start_iterations)

    def _limit(self, execution: Execution) -> None:
        if self._machine.timeout is not None:
            at = self.host.now + self._machine.timeout
            execution.limit = self.host.timers.add(
                at, lambda: self.close(execution, TIMED_OUT, 0, error=TIMEOUT)
            )

    def _reenter(self, branch: Branch) -> Step:
        state = branch.state
        if state is None:
            return branch.scope.start, branch.data
        if isinstance(state, Task):
            branch.retried = [0] * len(state.retry)
            return self.attempt(branch)
        if isinstance(state, Wait):
            return self._pause(branch, state)
        if branch.fork is not None:
            return self._start_iterations(branch)
        return state.name, branch.data

    def _pass(self, branch: Branch, state: Pass) -> Step:
        self.entered(branch, "PassStateEntered", state.name)
        data = branch.data
        if state.parameters is not None:
            data = state.parameters.render(data, branch.context)
        return self.leave(branch, "PassStateExited", state.name, (data, state.next))

    def _choice(self, branch: Branch, state: Choice) -> Step:
        self.entered(branch, "ChoiceStateEntered", state.name)
        value = branch.data.value
        following = next((to for test, to in state.rules if test(value)), state.default)
        if following is None:
            raise runtime(
                "Failed to transition out of the state. The state does not point to a next state."
            )
        return self.leave(branch, "ChoiceStateExited", state.name, (branch.data, following))

    def _succeed(self, branch: Branch, state: Succeed) -> Step:
        self.entered(branch, "SucceedStateEntered", state.name)
        return self.leave(branch, "SucceedStateExited", state.name, (branch.data, None))

    def _fail(self, branch: Branch, state: Fail) -> Step:
        self.entered(branch, "FailStateEntered", state.name)
        cause = None
        if state.cause is not None:
            cause = looked_up(state.cause, branch.data.value)
            if not isinstance(cause, str):
                raise runtime(f"The field 'CausePath' must be a string at '{state.cause.text}'")
        raise Failure(state.error, cause)

    def _wait(self, branch: Branch, state: Wait) -> Step:
        self.entered(branch, "WaitStateEntered", state.name)
        return self._pause(branch, state)

    def _pause(self, branch: Branch, state: Wait) -> Step:
        def over(_: Branch) -> Step:
            return self.leave(branch, "WaitStateExited", state.name, (branch.data, state.next))

        at = self.host.now + state.pause
        branch.waiting = self.host.timers.add(at, lambda: self.act(branch, over))
        return None

    def _task(self, branch: Branch, state: Task) -> Step:
        self.entered(branch, "TaskStateEntered", state.name)
        branch.retried = [0] * len(state.retry)
        return self.attempt(branch)

    def attempt(self, branch: Branch) -> Step:
        """Call what the branch's task calls, with a token of its own if it waits."""
        state, host = branch.state, self.host
        if not isinstance(state, Task):
            return None
        attempt = branch.attempt = host.begin(branch, state)
        branch.context.token = attempt.token
        payload = state.parameters.render(branch.data, branch.context)
        if not payload.fits():
            attempt.close()
            raise data_limit_failure(state.name)
        self.mark(branch, "TaskScheduled", _scheduled(state, payload.value, host.region))
        self.mark(branch, "TaskStarted", _of(state))
        if state.timeout is not None:
            attempt.deadline = host.timers.add(
                host.now + state.timeout, partial(self._expired, attempt, "")
            )
        self.heartbeat(attempt)
        given = payload.value
        if state.machine:
            host.call(attempt, {"Name": given["Name"], "Input": given["Input"]})
        else:
            host.call(attempt, given.get("Payload"))
        return None

    def heartbeat(self, attempt: Attempt) -> None:
        """Begin to count anew until a heartbeat is missing."""
        every = attempt.task.heartbeat
        if every is not None:
            if attempt.heartbeat_timer is not None:
                attempt.heartbeat_timer.cancel()
            attempt.heartbeat_timer = self.host.timers.add(
                self.host.now + every, partial(self._expired, attempt, HEARTBEAT_TIMEOUT)
            )

    def _expired(self, attempt: Attempt, alias: str) -> None:
        def timed_out(branch: Branch) -> Step:
            self.mark(branch, "TaskTimedOut", {**_of(attempt.task), "error": TIMEOUT})
            raise Failure(TIMEOUT, None, alias)

        attempt.close()
        self.act(attempt.branch, timed_out)

    def returned(self, attempt: Attempt, result: Data) -> None:
        """Take what a call gave: a task's result, or a sign that it waits now."""
        if attempt.task.machine:
            self.answered(attempt, result)
            return
        answer = Data({**_ANSWER, "Payload": result.value}, result.bound + _ANSWER_BYTES)
        if attempt.task.waits:
            self.submitted(attempt, answer)
        else:
            self.answered(attempt, answer)

    def submitted(self, attempt: Attempt, answer: Data) -> None:
        """Note that a task's call was taken, and that the task waits now for what comes of it."""

        def submitted(branch: Branch) -> Step:
            self.mark(branch, "TaskSubmitted", {**_of(attempt.task), "output": answer.value})
            return None

        attempt.submitted = True
        self.act(attempt.branch, submitted)

    def answered(self, attempt: Attempt, data: Data) -> None:
        """Take a task's result."""
        attempt.close()
        self.act(attempt.branch, lambda branch: self._succeeded(branch, attempt.task, data))

    def task_failed(self, attempt: Attempt, failure: Failure) -> None:
        """Take a task's failure."""
        attempt.close()
        self.act(attempt.branch, lambda branch: self._fail_task(branch, attempt.task, failure))

    def _fail_task(self, branch: Branch, task: Task, failure: Failure) -> Step:
        details = {**_of(task), "error": failure.error, "cause": failure.cause}
        self.mark(branch, "TaskFailed", details)
        raise failure

    def _succeeded(self, branch: Branch, task: Task, data: Data) -> Step:
        if not data.fits():
            return self._fail_task(branch, task, data_limit_failure(task.resource_type))
        self.mark(branch, "TaskSucceeded", {**_of(task), "output": data.value})
        if task.selector is not None:
            data = task.selector.render(data, branch.context)
        data = task.result_path.put(branch.data, data) if task.result_path else branch.data
        if task.output_path is not None:
            data = Data(looked_up(task.output_path, data.value), data.bound)
        return self.leave(branch, "TaskStateExited", task.name, (data, task.next))


def _of(task: Task) -> dict[str, Json]:
    return {"resourceType": task.resource_type, "resource": task.resource}


def _scheduled(task: Task, parameters: Json, region: str) -> dict[str, Json]:
    details = {**_of(task), "region": region, "parameters": parameters}
    if task.timeout is not None:
        details["timeoutInSeconds"] = int(task.timeout.total_seconds())
    if task.heartbeat is not None:
        details["heartbeatInSeconds"] = int(task.heartbeat.total_seconds())
    return details
