"""Outside calls of handlers: each is made, or goes wrong, and is held against what must hold."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator import invariants
from simulator.call_faults import OF_SLACK, failure, misfortune
from simulator.faults import AtCall
from simulator.simulated_gateways import EVENTUAL

_TOLD = (".deploy", ".answer", ".start", ".decide", ".close", ".post")
"""Calls that a trace shows even when nothing goes wrong with them."""
_FAILING = frozenset({"group_records.mark_failed_once", "group_records.move_member"})
_TELLING = frozenset({"slack.post", "slack.edit", "light.post", "light.edit"})


class Calls:
    """Makes the outside calls of one run."""

    def __init__(self, simulation: Any) -> None:
        self._simulation = simulation
        self._calls = 0
        self._remembered: dict[tuple[str, str], Any] = {}
        """Call and what it is given → what it returned the last time."""

    def call(self, label: str, effect: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Make an outside call for a handler, or let it go wrong."""
        number, self._calls = self._calls, self._calls + 1
        self._count(label, args)
        kind = self._simulation.fate.meets(AtCall, number, label)
        if self._simulation.now < self._simulation.slack_down_until and label in OF_SLACK:
            return failure(label, args)
        if label in _TELLING:
            self._simulation.people_should_look = True
        elif label == "ecs.deploy":
            invariants.before_deploy(self._simulation, *args)
        elif label == "rollouts.settle_color" and "outcome" in kwargs:
            effect = invariants.settling(self._simulation, effect)
        elif label in _FAILING:
            effect = self._simulation.groups.failing(effect)
        elif label == "rollouts.close":
            effect = invariants.closing(self._simulation, effect)
        if kind is None and label not in EVENTUAL:
            return effect(*args, **kwargs)
        asked = (label, str(args))
        if kind is None:
            result = effect(*args, **kwargs)
        else:
            self._simulation.say(f"    {label}: {kind}")
            self._simulation.fate.misfortunes.add((label, str(kind)))
            result = misfortune(
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
        """Count a call of the invocation that makes it, and let others come between."""
        invocation = self._simulation.lambdas.running
        if invocation is None:
            return
        if self._simulation.fate.places is not None:
            where = f"{invocation.function.name} {label}"
            self._simulation.fate.at("first call" if invocation.calls == 0 else "call", where)
            if label.endswith(_TOLD):
                self._simulation.say(f"    {label} {_brief(args)}")
        if invocation.slow_at == invocation.calls:
            self._simulation.lambdas.pause(timedelta(seconds=1))
        invocation.calls += 1


def _brief(args: Any) -> str:
    return " ".join(str(each)[:60] for each in args)[:160]
