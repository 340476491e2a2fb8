"""Draws combinations of faults from a seed."""

from enum import StrEnum
from random import Random
from typing import Any

from simulator.fault_plan import FaultPlan
from simulator.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault
from simulator.injection_points import kinds_at
from simulator.simulated_story import SimulatedStory
from simulator.stories import ALL

RATES = {
    AtCall: (0.0, 0.003, 0.01, 0.03),
    AtInvocation: (0.0, 0.02, 0.06),
    AtEvent: (0.0, 0.1, 0.4),
    AtClick: (0.0, 0.3),
}
"""Shares of the points at which a fault is injected; each run draws one of each."""
BURST_SHARE = 0.3
"""Share of runs with one burst of faults: faults close together show what single ones cannot."""
BURST_RATE = 0.25
BURST_CALLS, BURST_BEGINS_WITHIN = 16, 300
"""Calls that a burst lasts, and among how many it begins."""


class RandomFaultPlan(FaultPlan):
    """The faults of one seed. Equal seeds give equal runs."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)
        self.story: SimulatedStory = self._random.choice(ALL)
        self._rates = {kind: self._random.choice(rates) for kind, rates in RATES.items()}
        has_burst = self._random.random() < BURST_SHARE
        begins = self._random.randrange(BURST_BEGINS_WITHIN) if has_burst else BURST_BEGINS_WITHIN
        self._burst = range(begins, begins + BURST_CALLS)

    def fault_at(self, kind: type[StrEnum], point: int, what: str) -> Any:
        """Draw the fault at a point, or None."""
        in_burst = kind is AtCall and point in self._burst
        if self._random.random() >= (BURST_RATE if in_burst else self._rates[kind]):
            return None
        kinds: list[Any] = kinds_at(what, is_first=True) if kind is AtCall else list(kind)
        found = self._random.choice(kinds)
        self.faults += (Fault(found, point),)
        return found
