"""The world's events on virtual time: callbacks in the order in which they are due.

Time is seconds since the epoch. It moves only when `advance` is called: nothing here reads a
clock. Between two events the world does not change, so that a quiet hour costs nothing.

Tested in `tests/sandbox/world/test_world_time.py`.
"""

import heapq
from collections.abc import Callable
from typing import Any, TypeVarTuple

Arguments = TypeVarTuple("Arguments")


class EventQueue:
    """Scheduled callbacks by time; those of one instant in the order of their scheduling."""

    def __init__(self, start: float) -> None:
        """Begin at `start`, in seconds since the epoch."""
        self.now = start
        self._entries: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def schedule(
        self, seconds: float, callback: Callable[[*Arguments], None], *arguments: *Arguments
    ) -> None:
        """Schedule `callback(*arguments)` for `seconds` from now."""
        self._count += 1
        # Whole microseconds, so that the moment survives the way through a datetime.
        at = round(self.now + seconds, 6)
        heapq.heappush(self._entries, (at, self._count, callback, arguments))

    def next_at(self) -> float | None:
        """Return when the next callback is due, in seconds since the epoch; None without one."""
        return self._entries[0][0] if self._entries else None

    def advance(self, to: float) -> None:
        """Run every callback that is due up to and including `to`. An earlier `to` runs none."""
        entries = self._entries
        while entries and entries[0][0] <= to:
            at, _, callback, arguments = heapq.heappop(entries)
            self.now = max(self.now, at)
            callback(*arguments)
        self.now = max(self.now, to)
