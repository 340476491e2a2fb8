"""A violation: what did not hold, by the name of what must."""

from typing import Any


def broken(simulation: Any, name: str, words: str) -> None:
    """Note it on the run, once."""
    said = f"{name}: {words}"
    simulation.say(f"VIOLATION {said}")
    if said not in simulation.violations:
        simulation.violations.append(said)
