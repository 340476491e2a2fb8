"""The machine's waits, shortened for a world whose clock runs faster than ours."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ASKS_PEOPLE: Final = "${RequestApproval}"

States = dict[str, dict[str, Any]]


def accelerated(
    definition: Mapping[str, Any], acceleration: float, people_acceleration: float = 1
) -> dict[str, Any]:
    """Shorten the waits of a definition in a copy of it.

    The committed definition has fixed times, and must: MiniStack ignores `TimeoutSecondsPath`,
    so a time that comes with the input would never end there. Its copy for the sandbox has them
    divided instead. Wherever the world's clock decides (`Seconds` of a Wait, `TimeoutSeconds` of a
    callback that waits for ECS) they are divided by `acceleration`; where people answer, they
    are not, unless asked: a person in front of the page is not accelerated.

    Args:
        definition: the machine, in Amazon States Language.
        acceleration: seconds of the world in one of ours.
        people_acceleration: the same for questions to people.

    Returns:
        The copy; no time in it is below one second.
    """
    paced = copy.deepcopy(dict(definition))
    for state in _states(paced["States"]):
        if "Seconds" in state:
            state["Seconds"] = _shortened(state["Seconds"], acceleration)
        if state.get("Resource", "").endswith(".waitForTaskToken") and "TimeoutSeconds" in state:
            asks = state.get("Parameters", {}).get("FunctionName") == _ASKS_PEOPLE
            factor = people_acceleration if asks else acceleration
            state["TimeoutSeconds"] = _shortened(state["TimeoutSeconds"], factor)
    return paced


def _states(states: States) -> Iterator[dict[str, Any]]:
    for state in states.values():
        yield state
        for branch in state.get("Branches", []):
            yield from _states(branch["States"])


def _shortened(seconds: int, factor: float) -> int:
    return max(1, round(seconds / factor))
