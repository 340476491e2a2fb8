"""The graph of a definition as it is drawn: its steps, its ends and the edges between them.

Choice, Pass and Wait states are folded into the edges that lead through them. An edge back to its
own step becomes that step's poll interval. Tested in `test_picture.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

DRAWN_TYPES: Final = frozenset({"Task", "Parallel", "Succeed", "Fail"})
OTHERWISE: Final = "otherwise"


@dataclass(frozen=True)
class Node:
    """A state that is shown.

    Attributes:
        name: Its name.
        kind: Its type in the language.
        color: The color that it is about, if any.
        about: What people are asked about that color, if it asks them.
        poll_interval: How often it looks again, if it does.
        branches: What runs at once in it.
    """

    name: str
    kind: str
    color: str
    about: str
    poll_interval: timedelta | None
    branches: tuple["Node", ...]


@dataclass(frozen=True)
class Edge:
    """An edge from one shown state to another, and the words on which it is taken."""

    start: str
    end: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """A definition as it is shown, in the order of the process."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(machine: Mapping[str, Any]) -> Graph:
    """Keep the steps and the ends, and fold the rest into the edges between them."""
    states = machine["States"]
    found: dict[tuple[str, str], list[str]] = {}
    for name in _drawn(states):
        for word, end in _edges_from(states, name, states[name], ()):
            found.setdefault((name, end), []).append(word)
    nodes = tuple(_node(states, name) for name in _drawn(states))
    edges = tuple(
        Edge(*pair, _labels(words)) for pair, words in found.items() if pair[0] != pair[1]
    )
    return Graph(nodes, edges)


def _drawn(states: Mapping[str, Any]) -> list[str]:
    return [name for name, state in states.items() if state["Type"] in DRAWN_TYPES]


def _node(states: Mapping[str, Any], name: str) -> Node:
    state = states[name]
    payload = state.get("Parameters", {}).get("Payload", {})
    branches = [
        _node(branch["States"], inner)
        for branch in state.get("Branches", ())
        for inner in _drawn(branch["States"])
    ]
    return Node(
        name=name,
        kind=state["Type"],
        color=payload.get("color", ""),
        about=payload.get("about", ""),
        poll_interval=_poll_interval(states, name),
        branches=tuple(branches),
    )


def _poll_interval(states: Mapping[str, Any], name: str) -> timedelta | None:
    if any(catch["ErrorEquals"] == ["States.Timeout"] for catch in states[name].get("Catch", ())):
        return timedelta(seconds=states[name]["TimeoutSeconds"])
    pauses = [s["Seconds"] for s in states.values() if s["Type"] == "Wait" and s["Next"] == name]
    return timedelta(seconds=pauses[0]) if pauses else None


def _edges_from(
    states: Mapping[str, Any], start: str, state: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for word, target in _transitions(state):
        if states[target]["Type"] in DRAWN_TYPES:
            yield (word or next(iter(path), ""), target)
        else:
            yield from _edges_from(states, start, states[target], (word, *path) if word else path)


def _transitions(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "Next" in state:
        yield "", state["Next"]
    for choice in state.get("Choices", ()):
        yield next(_compared_words(choice)), choice["Next"]
    if "Default" in state:
        yield OTHERWISE, state["Default"]
    for catch in state.get("Catch", ()):
        yield OTHERWISE, catch["Next"]


def _compared_words(rule: Mapping[str, Any]) -> Iterator[str]:
    if "StringEquals" in rule:
        yield rule["StringEquals"]
    parts: Sequence[Mapping[str, Any]] = rule.get("And", rule.get("Or", ()))
    for part in parts:
        yield from _compared_words(part)


def _labels(words: list[str]) -> tuple[str, ...]:
    named = [word for word in dict.fromkeys(words) if word not in {"", OTHERWISE}]
    return tuple(named) or ((OTHERWISE,) if OTHERWISE in words and "" not in words else ())
