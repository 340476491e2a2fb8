"""What is to happen at which time, in the order of time and then of being asked for."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Action = Callable[[], None]


class Timer:
    """Something that will happen, unless it is cancelled."""

    __slots__ = ("_action", "at")

    def __init__(self, at: datetime, action: Action) -> None:
        self.at = at
        self._action: Action | None = action

    @property
    def waits(self) -> bool:
        """Whether it has neither happened nor been cancelled."""
        return self._action is not None

    def cancel(self) -> None:
        """Let it not happen."""
        self._action = None

    def fire(self) -> None:
        """Let it happen now, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Timers:
    """All of them."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Timer]] = []
        self._numbers = count()

    def add(self, at: datetime, action: Action) -> Timer:
        """Let something happen at a time."""
        timer = Timer(at, action)
        heappush(self._heap, (at, next(self._numbers), timer))
        return timer

    def first(self) -> Timer | None:
        """Find the one that will happen next."""
        heap = self._heap
        while heap and not heap[0][2].waits:
            heappop(heap)
        return heap[0][2] if heap else None
