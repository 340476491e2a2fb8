"""Violations of the invariants."""

from typing import Any


def record_violation(simulation: Any, name: str, words: str) -> None:
    """Record on the run that an invariant does not hold; once for equal words."""
    said = f"{name}: {words}"
    simulation.log(f"VIOLATION {said}")
    if said not in simulation.violations:
        simulation.violations.append(said)
