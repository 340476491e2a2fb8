"""The order in which a definition's states are written: that of the process.

Tested in `test_generate.py`.
"""

from typing import Any


def in_process_order(machine: dict[str, Any]) -> dict[str, Any]:
    """The machine with each state before those that it leads to.

    The order is the reverse postorder of a depth-first walk: what leads on comes first, a
    detour that only leads back stands right behind its state, and the ends stand last.
    """
    states = machine["States"]
    ordered: list[str] = []
    path: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in states:
            return
        seen.add(name)
        path.append(name)
        targets = sorted(successors_of(states[name]), key=lambda target: not _is_detour(target))
        for target in reversed(targets):
            visit(target)
        path.pop()
        ordered.append(name)

    def _is_detour(name: str) -> bool:
        following = successors_of(states.get(name, {}))
        return bool(following) and set(following) <= set(path)

    visit(machine["StartAt"])
    unreached = [name for name in states if name not in seen]
    names = [*reversed(ordered), *unreached]
    return {**machine, "States": {name: _with_ordered_content(states[name]) for name in names}}


def successors_of(state: dict[str, Any]) -> list[str]:
    """Names of the states that a state can lead to: on, by choice, by default, by error."""
    ways = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    targets = [way["Next"] for way in ways if "Next" in way]
    if "Default" in state:
        targets.insert(len(targets) - len(state.get("Catch", ())), state["Default"])
    return list(dict.fromkeys(targets))


def _with_ordered_content(state: dict[str, Any]) -> dict[str, Any]:
    if "Iterator" in state:
        return {**state, "Iterator": in_process_order(state["Iterator"])}
    if "Branches" not in state:
        return state
    return {**state, "Branches": [in_process_order(branch) for branch in state["Branches"]]}
