"""A violation: what did not hold, by the name of what must."""

from typing import Any


def record_violation(simulation: Any, name: str, words: str) -> None:
    """Note it on the run, once."""
    said = f"{name}: {words}"
    simulation.log(f"VIOLATION {said}")
    if said not in simulation.violations:
        simulation.violations.append(said)
