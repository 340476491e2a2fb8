"""A state of a definition together with where it stands; tested in `test_machine_rules.py`.

Tested in `test_machine_rules.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

CALLBACK: Final = ".waitForTaskToken"
START_EXECUTION: Final = "arn:aws:states:::states:startExecution"


@dataclass(frozen=True)
class PlacedState:
    """A state where it stands.

    Attributes:
        name: Its name.
        state: Its definition.
        scope: The machine or the branch of a Parallel state that it belongs to.
        machine: The machine machine.
    """

    name: str
    state: Mapping[str, Any]
    scope: Mapping[str, Any]
    machine: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.state["Type"])

    @property
    def is_callback(self) -> bool:
        return str(self.state.get("Resource", "")).endswith(CALLBACK)

    @property
    def is_nested(self) -> bool:
        return str(self.state.get("Resource", "")).startswith(START_EXECUTION)

    @property
    def target(self) -> str:
        """The function that it calls, or the machine that it starts."""
        given = self.state.get("Parameters", {})
        return str(given.get("StateMachineArn" if self.is_nested else "FunctionName", ""))

    @property
    def uses_placeholder(self) -> bool:
        return self.target.startswith("${") and self.target.endswith("}")

    @property
    def timeout(self) -> float:
        return float(self.state.get("TimeoutSeconds", 0))


def placed_states(scope: Mapping[str, Any], machine: Mapping[str, Any]) -> Iterator[PlacedState]:
    for name, state in scope["States"].items():
        yield PlacedState(name, state, scope, machine)
        for branch in (*state.get("Branches", ()), *_iterators_of(state)):
            yield from placed_states(branch, machine)


def _iterators_of(state: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return (state["Iterator"],) if "Iterator" in state else ()
