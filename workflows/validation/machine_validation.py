"""Holds a rendered definition against every rule, and names all broken ones at once.

It works on plain data, so that any definition can be held against the rules. Tested in
`test_machine_rules.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from handlers.domain.model.outcomes import ERRORS
from workflows.validation.machine_rules import RULES
from workflows.validation.placed_state import PlacedState, placed_states

MACHINE: Final = "the machine"


class BrokenRulesError(Exception):
    """A definition breaks rules; the message has a line for each: the state, then the rule."""


def broken_rules(
    machine: Mapping[str, Any],
    placeholders: Collection[str],
    errors: Collection[str] = tuple(ERRORS.values()),
) -> list[str]:
    """Returns a line for each broken rule, in the order of the definition.

    Args:
        machine: The rendered definition.
        placeholders: Those that the template fills.
        errors: The names of the errors in which it must be able to end.
    """
    states = list(placed_states(machine, machine))
    parts = [
        f"{placed.name}: {rule.text}"
        for placed in states
        for rule in RULES
        if rule.applies_to(placed) and not rule.holds(placed)
    ]
    return parts + [
        f"{MACHINE}: {rule}" for rule in _broken_machine_rules(states, placeholders, errors)
    ]


def validate(
    machine: Mapping[str, Any],
    placeholders: Collection[str],
    errors: Collection[str] = tuple(ERRORS.values()),
) -> None:
    """Refuses a definition that breaks a rule; the arguments are those of `broken_rules`.

    Raises:
        BrokenRulesError: At least one rule is broken; it names all of them.
    """
    if text := broken_rules(machine, placeholders, errors):
        raise BrokenRulesError("\n".join(text))


def _broken_machine_rules(
    states: list[PlacedState], placeholders: Collection[str], errors: Collection[str]
) -> Iterator[str]:
    limit = states[0].machine.get("TimeoutSeconds", 0)
    if not limit:
        yield "has a TimeoutSeconds"
    if limit and limit <= max(placed.timeout for placed in states):
        yield "has a TimeoutSeconds longer than that of any state"
    used = {placed.target[2:-1] for placed in states if placed.uses_placeholder}
    if missing := used - set(placeholders):
        yield f"every placeholder is filled by the template; not so: {_listed(missing)}"
    if unused := set(placeholders) - used:
        yield f"every placeholder that the template fills is used; not so: {_listed(unused)}"
    ends = {placed.state.get("Error") for placed in states if placed.kind == "Fail"}
    if absent := set(errors) - ends:
        yield f"every error of the outcomes is an end; not so: {_listed(absent)}"
    if not any(placed.kind == "Succeed" for placed in states):
        yield "can succeed"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
