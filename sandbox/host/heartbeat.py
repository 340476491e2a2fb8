"""Advances the world with its clock, and delivers its events to the handlers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sandbox.host.accelerated_clock import WorldClock
from sandbox.host.event_delivery import EventBridge
from sandbox.world.world import World

BEAT_SECONDS: Final = 0.05
"""Seconds between two advances of the world."""


class Heartbeat:
    """Keeps a world at the present of its clock."""

    def __init__(
        self, world: World, lock: threading.RLock, clock: WorldClock, events: EventBridge
    ) -> None:
        """Take the world with its lock and clock, and what delivers its events."""
        self._world = world
        self._lock = lock
        self._clock = clock
        self._events = events
        self._over = threading.Event()

    def tick(self) -> None:
        """Advance the world to the present; the caller holds the lock."""
        self._world.advance(self._clock.now())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Advance the world and deliver its events in a thread, until the block ends."""
        thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            with self._lock:
                self.tick()
                events = self._world.take_events()
            for event in events:
                self._events.deliver(event | {"time": self._on_real_clock(event["time"])})

    def _on_real_clock(self, time: str) -> str:
        """Return an event's time on the real clock, which handlers compare with their own."""
        moment = self._clock.to_real(datetime.fromisoformat(time))
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
