"""The functions of the template: their code, timeouts, and the events that invoke them."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from workflows.validation.machine_template import FUNCTION, read_template

TEMPLATE = Path(__file__).parents[1] / "definitions" / "template.yaml"
IDLE = {"MatchSpotCapacity"}
"""Functions whose schedule is left out: no cluster is configured here."""
ASYNC_PAUSES = (timedelta(minutes=1), timedelta(minutes=2))
"""Between Lambda's attempts at an asynchronous invocation (developer guide, "error handling")."""


@dataclass(frozen=True)
class Function:
    """One function as it is deployed."""

    name: str
    handler: Callable[[Any, Any], Any]
    timeout: timedelta
    retries: int
    """Of asynchronous invocations."""
    keeps_lost_events: bool
    """Whether what it failed to handle goes into the queue of lost events."""
    patterns: Sequence[Mapping[str, Any]]
    every: timedelta | None
    """How often a schedule invokes it."""

    def wants(self, event: Mapping[str, Any]) -> bool:
        """Whether one of its rules matches an event."""
        source = event["source"]
        return any(source in each["source"] and matches(each, event) for each in self.patterns)


@cache
def functions() -> dict[str, Function]:
    """Read every function of the template."""
    document = read_template(TEMPLATE)
    usual = document["Globals"]["Function"]
    found = {}
    for name, resource in document["Resources"].items():
        if resource["Type"] != FUNCTION:
            continue
        given = resource["Properties"]
        module, attribute = given["Handler"].rsplit(".", 1)
        invoked = given.get("EventInvokeConfig", {})
        events = list(given.get("Events", {}).values())
        patterns = [e["Properties"]["Pattern"] for e in events if e["Type"] == "EventBridgeRule"]
        schedules = [e["Properties"]["Schedule"] for e in events if e["Type"] == "Schedule"]
        found[name] = Function(
            name=name,
            handler=getattr(importlib.import_module(module), attribute),
            timeout=timedelta(seconds=given.get("Timeout", usual["Timeout"])),
            retries=invoked.get("MaximumRetryAttempts", 2),
            keeps_lost_events="DestinationConfig" in invoked,
            patterns=patterns,
            every=_rate(schedules[0]) if schedules and name not in IDLE else None,
        )
    return found


def _rate(schedule: str) -> timedelta:
    number, unit = schedule.removeprefix("rate(").removesuffix(")").split()
    return timedelta(**{unit.removesuffix("s") + "s": int(number)})


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """EventBridge's matching, of what the template uses: lists of texts, and objects.

    Of a text that CloudFormation fills in, what stands after the last name counts.

    Raises:
        NotImplementedError: a pattern compares in another way; to guess would match wrongly.
    """
    for key, wanted in pattern.items():
        found = event.get(key)
        if isinstance(wanted, Mapping):
            if not isinstance(found, Mapping) or not matches(wanted, found):
                return False
        elif any(isinstance(each, Mapping) and "Sub" not in each for each in wanted):
            raise NotImplementedError(f"{key}: {wanted}")
        elif not any(_is(each, found) for each in wanted):
            return False
    return True


def _is(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, Mapping):
        return str(found).endswith(str(wanted["Sub"]).rpartition("}")[2])
    return bool(wanted == found)
