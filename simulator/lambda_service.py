"""Lambda: runs functions for machines, events and requests, and retries them; each in a greenlet.

While one waits in a slow call, the others run, at the same virtual time on every machine.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

from simulator import invariants
from simulator.call_faults import FunctionDied
from simulator.faults import AtEvent, AtInvocation
from simulator.lambda_functions import ASYNC_PAUSES, Function, functions
from simulator.stepfunctions.driver import error_cause
from simulator.stepfunctions.step_functions_service import StepFunctions

A_QUARTER = timedelta(minutes=15)


class Invocation:
    """One invocation that has begun."""

    def __init__(
        self,
        function: Function,
        event: Any,
        deadline: datetime,
        done: Callable[["Invocation"], None],
        slow_at: int | None,
    ) -> None:
        self.function = function
        self.event = event
        self.deadline = deadline
        self.done = done
        self.slow_at = slow_at
        """The number of the call before which other invocations run."""
        self.calls = 0
        self.ran_out = False
        self.greenlet: Any = None
        self.result: Any = None
        self.error: Exception | None = None
        self.died = False


class Lambdas:
    """Runs the functions of one run."""

    def __init__(self, simulation: Any) -> None:
        self.running: Invocation | None = None
        self.last_event = ""
        self._simulation = simulation
        self._invocations = self._events = 0
        self._again: Any = None
        self._held_back: list[Any] = []
        self._hub = getcurrent()

    def invoke_for_machine(self, call: Any, machine: StepFunctions) -> None:
        """Run a function for a machine, or start the execution that it asks for."""

        def done(invocation: Invocation) -> None:
            if invocation.died:
                error = "Sandbox.Timedout" if invocation.ran_out else "Lambda.Unknown"
                machine.fail(call, error, error_cause(error, ""))
            elif invocation.error is not None:
                error = type(invocation.error).__name__
                machine.fail(call, error, error_cause(error, str(invocation.error)))
            else:
                machine.complete(call, invocation.result)

        kind = self._inject_before(call.machine or call.function)
        if call.machine:
            self._again = None
            self._simulation.groups.start_rollout(call, kind)
            return
        if kind is AtInvocation.THROTTLED:
            error = "Lambda.TooManyRequestsException"
            machine.fail(call, error, error_cause(error, "Rate Exceeded."))
            return
        self._invoke(functions()[call.function], call.payload, done)

    def deliver_event(self, event: Mapping[str, Any]) -> None:
        """Invoke the functions whose rules match an event, unless a fault is planned for it."""
        receivers = [each for each in functions().values() if each.wants(event)]
        if not receivers:
            return
        number, self._events = self._events, self._events + 1
        detail = event["detail"]
        words = detail.get("eventName") or detail.get("status") or "alarm"
        self.last_event = words
        self._simulation.fault_plan.record_point("event", words)
        kind = self._simulation.fault_plan.inject(AtEvent, number, words)
        held, self._held_back = self._held_back, []
        if kind is AtEvent.OVERTAKEN:
            self._held_back = [(function, event) for function in receivers]
        elif kind is AtEvent.LATE:
            for function in receivers:
                self._simulation.after(A_QUARTER, partial(self.invoke_async, function, event, 0))
        elif kind is not AtEvent.LOST:
            if kind is AtEvent.FOREIGN and "deploymentId" in detail:
                foreign = {**event, "detail": {**detail, "deploymentId": "ecs-svc/0"}}
                self._deliver_to(receivers, foreign)
            self._deliver_to(receivers * 2 if kind is AtEvent.DOUBLED else receivers, event)
        for function, late in held:
            self.invoke_async(function, late, 0)

    def _deliver_to(self, receivers: list[Function], event: Mapping[str, Any]) -> None:
        for function in receivers:
            self.invoke_async(function, event, 0)

    def invoke_async(self, function: Function, event: Mapping[str, Any], tried: int) -> None:
        """Run a function for an event, and retry it as Lambda does when it fails."""

        def done(invocation: Invocation) -> None:
            failed = invocation.died or invocation.error is not None
            if failed and tried < function.retries:
                again = ASYNC_PAUSES[min(tried, 1)]
                self._simulation.after(again, lambda: self.invoke_async(function, event, tried + 1))
            elif failed and function.keeps_lost_events:
                self._simulation.outside.lost_events.put(event, "RetriesExhausted")

        if self._inject_before(function.name) is AtInvocation.THROTTLED:
            self._simulation.after(
                timedelta(minutes=1), lambda: self.invoke_async(function, event, tried)
            )
            return
        self._invoke(function, event, done)

    def invoke_sync(
        self,
        event: Mapping[str, Any],
        answered: Callable[[Any], None],
        *,
        function: str = "ReceiveSlack",
        overlapping: bool = False,
    ) -> None:
        """Run the function behind a route, and pass its answer on: None where it failed."""

        def done(invocation: Invocation) -> None:
            failed = invocation.died or invocation.error is not None
            answered(None if failed else invocation.result)

        if self._inject_before(function) is AtInvocation.THROTTLED:
            answered(None)
            return
        self._invoke(functions()[function], event, done, overlapping=overlapping)

    def _inject_before(self, function: str) -> Any:
        """Inject what is planned just before an invocation; return it, or None."""
        number, self._invocations = self._invocations, self._invocations + 1
        self._simulation.fault_plan.record_point("invocation", function)
        kind = self._simulation.fault_plan.inject(AtInvocation, number, function)
        self._again = kind if kind in {AtInvocation.TWICE, AtInvocation.TWICE_AT_ONCE} else None
        if kind is not None and self._again is None and kind is not AtInvocation.THROTTLED:
            self._simulation.trigger(kind)
        return kind

    def _invoke(
        self,
        function: Function,
        event: Any,
        done: Callable[[Invocation], None],
        *,
        overlapping: bool = False,
    ) -> None:
        again, self._again = self._again, None
        if again is AtInvocation.TWICE_AT_ONCE or overlapping:
            self._spawn(function, event, lambda _: None, slow_at=1)
        faults = len(self._simulation.fault_plan.injected)
        first = self._spawn(function, event, done)
        if again is AtInvocation.TWICE:
            before = invariants.effects(self._simulation)
            self._spawn(function, event, lambda _: None)
            went_well = first.greenlet.dead and not first.died and first.error is None
            if went_well and len(self._simulation.fault_plan.injected) == faults:
                invariants.check_idempotent(self._simulation, before, function.name)

    def _spawn(
        self,
        function: Function,
        event: Any,
        done: Callable[[Invocation], None],
        slow_at: int | None = None,
    ) -> Invocation:
        invocation = Invocation(
            function, event, self._simulation.now + function.timeout, done, slow_at
        )
        self._simulation.log(f"{function.name} begins")

        def work() -> None:
            try:
                invocation.result = function.handler(event, None)
            except FunctionDied:
                invocation.died = True
            except Exception as error:  # noqa: BLE001 - whatever a handler raises, Lambda reports
                invocation.error = error

        invocation.greenlet = greenlet(work)
        self._switch(invocation)
        return invocation

    def _switch(self, invocation: Invocation) -> None:
        before, self.running = self.running, invocation
        invocation.greenlet.switch()
        self.running = before
        if invocation.greenlet.dead:
            how = (
                "dies"
                if invocation.died
                else repr(invocation.error)
                if invocation.error
                else "ends"
            )
            self._simulation.log(f"{invocation.function.name} {how}")
            invocation.done(invocation)

    def pause(self, pause: timedelta) -> None:
        """Suspend the running handler for a time, in which everything else runs."""
        invocation = self.running
        assert invocation is not None
        pause = min(pause, invocation.deadline - self._simulation.now)
        self._simulation.after(pause, lambda: self._switch(invocation))
        self._hub.switch()
        if self._simulation.now >= invocation.deadline:
            invocation.ran_out = True
            raise FunctionDied
