"""The state machine's waits, divided by the acceleration of the world's clock."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ASKS_PEOPLE: Final = "${RequestApproval}"

States = dict[str, dict[str, Any]]


def accelerated(
    definition: Mapping[str, Any], acceleration: float, people_acceleration: float = 1
) -> dict[str, Any]:
    """Return a copy of a definition with shorter waits.

    The committed definition has fixed times, because MiniStack ignores `TimeoutSecondsPath`. In
    the copy, waits on the world's clock (`Seconds` of a Wait, `TimeoutSeconds` of a callback that
    waits for ECS) are divided by `acceleration`. Questions to people are divided by
    `people_acceleration`: a person in front of the page is not accelerated.

    Args:
        definition: the machine, in Amazon States Language.
        acceleration: world seconds in one real second.
        people_acceleration: the same for questions to people.

    Returns:
        The copy; no time in it is below one second.
    """
    copied = copy.deepcopy(dict(definition))
    for state in _states(copied["States"]):
        if "Seconds" in state:
            state["Seconds"] = _shortened(state["Seconds"], acceleration)
        if state.get("Resource", "").endswith(".waitForTaskToken") and "TimeoutSeconds" in state:
            asks = state.get("Parameters", {}).get("FunctionName") == _ASKS_PEOPLE
            factor = people_acceleration if asks else acceleration
            state["TimeoutSeconds"] = _shortened(state["TimeoutSeconds"], factor)
    return copied


def _states(states: States) -> Iterator[dict[str, Any]]:
    for state in states.values():
        yield state
        for branch in state.get("Branches", []):
            yield from _states(branch["States"])


def _shortened(seconds: int, factor: float) -> int:
    return max(1, round(seconds / factor))
