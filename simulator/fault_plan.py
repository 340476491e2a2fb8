"""Which faults one run is to meet, and which it has met."""

from enum import StrEnum
from typing import Any

from simulator.faults import Fault


class FaultPlan:
    """The faults that are listed. `RandomFaultPlan` draws them instead."""

    def __init__(self, *faults: Fault) -> None:
        self._by_point: dict[tuple[type, int], Any] = {
            (type(fault.kind), fault.point): fault.kind for fault in faults
        }
        self.faults = faults
        self.injected: set[Fault] = set()
        self.call_faults: set[tuple[str, str]] = set()
        """Outside calls that met a fault: port and method, and the fault."""
        self.points: list[tuple[str, str]] | None = None
        """The injection points of a traced run, in order: kind, and what happened there."""

    def fault_at(self, kind: type[StrEnum], point: int, what: str) -> Any:
        """Return the fault that is planned at a point, or None."""
        return self._by_point.get((kind, point))

    def inject(self, kind: type[StrEnum], point: int, what: str) -> Any:
        """Return the planned fault, and record that the run has met it."""
        found = self.fault_at(kind, point, what)
        if found is not None:
            self.injected.add(Fault(found, point))
        return found

    def record_point(self, kind: str, words: str) -> None:
        """Record an injection point, where the run is traced."""
        if self.points is not None:
            self.points.append((kind, words))
