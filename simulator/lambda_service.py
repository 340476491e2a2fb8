"""Lambda: functions that are called, brought events and tried again, each in a greenlet.

A call that is slow lets everything else happen meanwhile, at the same virtual time on every
machine.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

from simulator import invariants
from simulator.call_faults import Died
from simulator.faults import AtEvent, AtInvocation
from simulator.lambda_functions import ASYNC_PAUSES, Function, functions
from simulator.stepfunctions.driver import raised
from simulator.stepfunctions.step_functions_service import StepFunctions

A_QUARTER = timedelta(minutes=15)


class Running:
    """One invocation that has begun."""

    def __init__(
        self,
        function: Function,
        deadline: datetime,
        done: Callable[["Running"], None],
        slow_at: int | None,
    ) -> None:
        self.function = function
        self.deadline = deadline
        self.done = done
        self.slow_at = slow_at
        """The call before which others come."""
        self.calls = 0
        self.ran_out = False
        self.greenlet: Any = None
        self.result: Any = None
        self.error: Exception | None = None
        self.died = False


class Lambdas:
    """Runs the functions of one run."""

    def __init__(self, simulation: Any) -> None:
        self.running: Running | None = None
        self.last_event = ""
        self._simulation = simulation
        self._invocations = self._events = 0
        self._again: Any = None
        self._held_back: list[Any] = []
        self._hub = getcurrent()

    def called(self, call: Any, machine: StepFunctions) -> None:
        """Run a function for a machine, or start the execution that it asks for."""

        def done(invocation: Running) -> None:
            if invocation.died:
                error = "Sandbox.Timedout" if invocation.ran_out else "Lambda.Unknown"
                machine.fail(call, error, raised(error, ""))
            elif invocation.error is not None:
                error = type(invocation.error).__name__
                machine.fail(call, error, raised(error, str(invocation.error)))
            else:
                machine.complete(call, invocation.result)

        fate = self._before(call.machine or call.function)
        if call.machine:
            self._again = None
            self._simulation.groups.begin(call, fate)
            return
        if fate is AtInvocation.THROTTLED:
            error = "Lambda.TooManyRequestsException"
            machine.fail(call, error, raised(error, "Rate Exceeded."))
            return
        self._invoke(functions()[call.function], call.payload, done)

    def bring(self, event: Mapping[str, Any]) -> None:
        """Bring an event to whoever wants it, unless it meets its fate."""
        receivers = [each for each in functions().values() if each.wants(event)]
        if not receivers:
            return
        number, self._events = self._events, self._events + 1
        detail = event["detail"]
        words = detail.get("eventName") or detail.get("status") or "alarm"
        self.last_event = words
        self._simulation.fate.at("event", words)
        kind = self._simulation.fate.meets(AtEvent, number, words)
        held, self._held_back = self._held_back, []
        if kind is AtEvent.OVERTAKEN:
            self._held_back = [(function, event) for function in receivers]
        elif kind is AtEvent.LATE:
            for function in receivers:
                self._simulation.after(A_QUARTER, partial(self.deliver, function, event, 0))
        elif kind is not AtEvent.LOST:
            if kind is AtEvent.FOREIGN and "deploymentId" in detail:
                foreign = {**event, "detail": {**detail, "deploymentId": "ecs-svc/0"}}
                self._deliver_to(receivers, foreign)
            self._deliver_to(receivers * 2 if kind is AtEvent.DOUBLED else receivers, event)
        for function, late in held:
            self.deliver(function, late, 0)

    def _deliver_to(self, receivers: list[Function], event: Mapping[str, Any]) -> None:
        for function in receivers:
            self.deliver(function, event, 0)

    def deliver(self, function: Function, event: Mapping[str, Any], tried: int) -> None:
        """Run a function for an event, and again as Lambda does if it fails."""

        def done(invocation: Running) -> None:
            failed = invocation.died or invocation.error is not None
            if failed and tried < function.retries:
                again = ASYNC_PAUSES[min(tried, 1)]
                self._simulation.after(again, lambda: self.deliver(function, event, tried + 1))

        if self._before(function.name) is AtInvocation.THROTTLED:
            self._simulation.after(
                timedelta(minutes=1), lambda: self.deliver(function, event, tried)
            )
            return
        self._invoke(function, event, done)

    def receive(
        self,
        event: Mapping[str, Any],
        answered: Callable[[Any], None],
        *,
        function: str = "ReceiveSlack",
        overlapping: bool = False,
    ) -> None:
        """Run the function behind a route, Slack's if none is named, and hand its answer back."""

        def done(invocation: Running) -> None:
            failed = invocation.died or invocation.error is not None
            answered(None if failed else invocation.result)

        if self._before(function) is AtInvocation.THROTTLED:
            answered(None)
            return
        self._invoke(functions()[function], event, done, overlapping=overlapping)

    def _before(self, function: str) -> Any:
        """Count an invocation, and let happen what is to happen just before it."""
        number, self._invocations = self._invocations, self._invocations + 1
        self._simulation.fate.at("invocation", function)
        kind = self._simulation.fate.meets(AtInvocation, number, function)
        self._again = kind if kind in {AtInvocation.TWICE, AtInvocation.TWICE_AT_ONCE} else None
        if kind is not None and self._again is None and kind is not AtInvocation.THROTTLED:
            self._simulation.happen(kind)
        return kind

    def _invoke(
        self,
        function: Function,
        event: Any,
        done: Callable[[Running], None],
        *,
        overlapping: bool = False,
    ) -> None:
        again, self._again = self._again, None
        if again is AtInvocation.TWICE_AT_ONCE or overlapping:
            self._spawn(function, event, lambda _: None, slow_at=1)
        misfortunes = len(self._simulation.fate.happened)
        first = self._spawn(function, event, done)
        if again is AtInvocation.TWICE:
            before = invariants.effects(self._simulation)
            self._spawn(function, event, lambda _: None)
            went_well = first.greenlet.dead and not first.died and first.error is None
            if went_well and len(self._simulation.fate.happened) == misfortunes:
                invariants.same_effects(self._simulation, before, function.name)

    def _spawn(
        self,
        function: Function,
        event: Any,
        done: Callable[[Running], None],
        slow_at: int | None = None,
    ) -> Running:
        invocation = Running(function, self._simulation.now + function.timeout, done, slow_at)
        self._simulation.say(f"{function.name} begins")

        def work() -> None:
            try:
                invocation.result = function.handler(event, None)
            except Died:
                invocation.died = True
            except Exception as error:  # noqa: BLE001 - whatever a handler raises, Lambda reports
                invocation.error = error

        invocation.greenlet = greenlet(work)
        self._switch(invocation)
        return invocation

    def _switch(self, invocation: Running) -> None:
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
            self._simulation.say(f"{invocation.function.name} {how}")
            invocation.done(invocation)

    def pause(self, pause: timedelta) -> None:
        """Let time pass within a handler, and everything else happen."""
        invocation = self.running
        assert invocation is not None
        pause = min(pause, invocation.deadline - self._simulation.now)
        self._simulation.after(pause, lambda: self._switch(invocation))
        self._hub.switch()
        if self._simulation.now >= invocation.deadline:
            invocation.ran_out = True
            raise Died
