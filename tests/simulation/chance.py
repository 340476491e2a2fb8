"""Draws what goes wrong, from a seed: combinations of faults that nobody would think of."""

from random import Random
from typing import Any

from tests.simulation.fate import Fate
from tests.simulation.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault
from tests.simulation.places import kinds_at
from tests.simulation.stories import ALL, Story

RATES = {
    AtCall: (0.0, 0.003, 0.01, 0.03),
    AtInvocation: (0.0, 0.02, 0.06),
    AtEvent: (0.0, 0.1, 0.4),
    AtClick: (0.0, 0.3),
}
"""Shares of places at which something goes wrong; each run draws one of each."""


class Chance(Fate):
    """The faults of one seed. Equal seeds give equal runs."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)
        self.story: Story = self._random.choice(ALL)
        self._rates = {kind: self._random.choice(rates) for kind, rates in RATES.items()}

    def of(self, kind: type, place: int, what: str) -> Any:
        """Draw what goes wrong at a place; nothing, mostly."""
        if self._random.random() >= self._rates[kind]:
            return None
        kinds: list[Any] = kinds_at(what, is_first=True) if kind is AtCall else list(kind)  # type: ignore[call-overload]
        found = self._random.choice(kinds)
        self.faults += (Fault(found, place),)
        return found
