"""Lets the world's time pass, and brings the events that happen in it to the handlers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sandbox.host.accelerated_clock import WorldClock
from sandbox.host.event_delivery import EventBridge
from sandbox.world.world import World

BEAT: Final = 0.05
"""Seconds between two looks at what happened."""


class Heartbeat:
    """The world's time, and the way of its events."""

    def __init__(
        self, world: World, lock: threading.RLock, clock: WorldClock, events: EventBridge
    ) -> None:
        """Take the world with its lock and clock, and where its events go."""
        self._world = world
        self._lock = lock
        self._clock = clock
        self._events = events
        self._over = threading.Event()

    def tick(self) -> None:
        """Bring the world to the present; the lock is held by whoever calls."""
        self._world.advance(self._clock.now())

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Deliver events as they happen, until the block ends."""
        thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            with self._lock:
                self.tick()
                events = self._world.take_events()
            for event in events:
                self._events.deliver(event | {"time": self._ours(event["time"])})

    def _ours(self, time: str) -> str:
        """Say on our clock when an event was: handlers hold it against theirs."""
        moment = self._clock.to_real(datetime.fromisoformat(time))
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
