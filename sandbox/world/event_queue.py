"""What is going to happen in the world, and when.

Time is seconds since the epoch, and moves only when `advance` is called: nothing here
reads a clock. Between two happenings the world does not change, so that moving over a
quiet hour costs nothing.
"""

import heapq
from collections.abc import Callable
from typing import Any, TypeVarTuple

Arguments = TypeVarTuple("Arguments")


class Agenda:
    """Happenings in order of time; those of the same instant in the order they were put down."""

    def __init__(self, start: float) -> None:
        """Begin at `start`, in seconds since the epoch."""
        self.now = start
        self._entries: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def after(
        self, seconds: float, act: Callable[[*Arguments], None], *arguments: *Arguments
    ) -> None:
        """Put down that `act(*arguments)` happens `seconds` from now."""
        self._count += 1
        # Whole microseconds, so that the moment survives the way through a datetime.
        at = round(self.now + seconds, 6)
        heapq.heappush(self._entries, (at, self._count, act, arguments))

    def next_at(self) -> float | None:
        """When the next happening is due, in seconds since the epoch; None when nothing is."""
        return self._entries[0][0] if self._entries else None

    def advance(self, to: float) -> None:
        """Let everything up to and including `to` happen. An earlier `to` changes nothing."""
        entries = self._entries
        while entries and entries[0][0] <= to:
            at, _, act, arguments = heapq.heappop(entries)
            self.now = max(self.now, at)
            act(*arguments)
        self.now = max(self.now, to)
