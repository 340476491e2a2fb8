"""Draws what goes wrong, from a seed: combinations of faults that nobody would think of."""

from enum import StrEnum
from random import Random
from typing import Any

from simulator.fault_plan import Fate
from simulator.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault
from simulator.injection_points import kinds_at
from simulator.stories import ALL, SimulatedStory

RATES = {
    AtCall: (0.0, 0.003, 0.01, 0.03),
    AtInvocation: (0.0, 0.02, 0.06),
    AtEvent: (0.0, 0.1, 0.4),
    AtClick: (0.0, 0.3),
}
"""Shares of places at which something goes wrong; each run draws one of each."""
STORMS = 0.3
"""Share of runs with one short time in which much goes wrong: what single faults cannot show is
shown by faults that come close together."""
IN_A_STORM = 0.25
STORM, CALLS = 16, 300
"""Calls that a storm lasts, and among how many it begins."""


class Chance(Fate):
    """The faults of one seed. Equal seeds give equal runs."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)
        self.story: SimulatedStory = self._random.choice(ALL)
        self._rates = {kind: self._random.choice(rates) for kind, rates in RATES.items()}
        begins = self._random.randrange(CALLS) if self._random.random() < STORMS else CALLS
        self._storm = range(begins, begins + STORM)

    def of(self, kind: type[StrEnum], place: int, what: str) -> Any:
        """Draw what goes wrong at a place; nothing, mostly."""
        is_stormy = kind is AtCall and place in self._storm
        if self._random.random() >= (IN_A_STORM if is_stormy else self._rates[kind]):
            return None
        kinds: list[Any] = kinds_at(what, is_first=True) if kind is AtCall else list(kind)
        found = self._random.choice(kinds)
        self.faults += (Fault(found, place),)
        return found
