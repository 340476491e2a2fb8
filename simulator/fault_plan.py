"""What goes wrong where, in one run, and what has."""

from enum import StrEnum
from typing import Any

from simulator.faults import Fault


class Fate:
    """What goes wrong: here, what is listed. `Chance` draws it."""

    def __init__(self, *faults: Fault) -> None:
        self._by_place: dict[tuple[type, int], Any] = {
            (type(fault.kind), fault.place): fault.kind for fault in faults
        }
        self.faults = faults
        self.happened: set[Fault] = set()
        self.misfortunes: set[tuple[str, str]] = set()
        """Outside call and what went wrong with it."""
        self.places: list[tuple[str, str]] | None = None
        """What happened at each place, if that is to be remembered: kind and words."""

    def of(self, kind: type[StrEnum], place: int, what: str) -> Any:
        """Say what goes wrong at a place; nothing, mostly."""
        return self._by_place.get((kind, place))

    def meets(self, kind: type[StrEnum], place: int, what: str) -> Any:
        """Say the same, and remember that it has."""
        found = self.of(kind, place, what)
        if found is not None:
            self.happened.add(Fault(found, place))
        return found

    def at(self, kind: str, words: str) -> None:
        """Remember a place."""
        if self.places is not None:
            self.places.append((kind, words))
