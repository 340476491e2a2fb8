"""Makes the outside calls of handlers, with the planned faults, and checks the invariants."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator import invariants
from simulator.call_faults import SLACK_CALLS, call_with_fault, failure
from simulator.faults import AtCall
from simulator.simulated_gateways import EVENTUALLY_CONSISTENT

_TRACED = (".deploy", ".answer", ".start", ".decide", ".close", ".post")
"""Endings of the calls that a trace always shows."""
_GROUP_CHANGES = frozenset({"group_records.mark_failed_once", "group_records.move_member"})
_BOARD_CALLS = frozenset({"slack.post", "slack.edit", "light.post", "light.edit"})


class OutsideCalls:
    """Makes the outside calls of one run."""

    def __init__(self, simulation: Any) -> None:
        self._simulation = simulation
        self._calls = 0
        self._remembered: dict[tuple[str, str], Any] = {}
        """Call and arguments → the last result, for the fault STALE."""

    def call(self, label: str, effect: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Make an outside call for a handler, with the fault that is planned for it, if any."""
        number, self._calls = self._calls, self._calls + 1
        self._count(label, args)
        kind = self._simulation.fault_plan.inject(AtCall, number, label)
        if self._simulation.now < self._simulation.slack_down_until and label in SLACK_CALLS:
            return failure(label, args)
        if label in _BOARD_CALLS:
            self._simulation.people_should_look = True
        elif label == "ecs.deploy":
            invariants.check_before_deploy(self._simulation, *args)
        elif label == "rollouts.settle_color" and "outcome" in kwargs:
            effect = invariants.checked_settle(self._simulation, effect)
        elif label in _GROUP_CHANGES:
            effect = self._simulation.groups.recording_failures(effect)
        elif label == "rollouts.close":
            effect = invariants.checked_close(self._simulation, effect)
        if kind is None and label not in EVENTUALLY_CONSISTENT:
            return effect(*args, **kwargs)
        asked = (label, str(args))
        if kind is None:
            result = effect(*args, **kwargs)
        else:
            self._simulation.log(f"    {label}: {kind}")
            self._simulation.fault_plan.call_faults.add((label, str(kind)))
            result = call_with_fault(
                kind,
                label,
                args,
                lambda: effect(*args, **kwargs),
                pause=self._simulation.lambdas.pause,
                remembered=self._remembered.get(asked),
            )
        self._remembered[asked] = result
        return result

    def _count(self, label: str, args: Any) -> None:
        """Record a call of the running invocation; run the others where they are to come between."""
        invocation = self._simulation.lambdas.running
        if invocation is None:
            return
        if self._simulation.fault_plan.points is not None:
            where = f"{invocation.function.name} {label}"
            self._simulation.fault_plan.record_point(
                "first call" if invocation.calls == 0 else "call", where
            )
            if label.endswith(_TRACED):
                self._simulation.log(f"    {label} {_brief(args)}")
        if invocation.slow_at == invocation.calls:
            self._simulation.lambdas.pause(timedelta(seconds=1))
        invocation.calls += 1


def _brief(args: Any) -> str:
    return " ".join(str(each)[:60] for each in args)[:160]
