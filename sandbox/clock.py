"""The world's clock: ours, faster."""

import time
from datetime import UTC, datetime, timedelta


class WorldClock:
    """Runs `acceleration` times as fast as ours, from the same moment on."""

    def __init__(self, acceleration: float) -> None:
        """Start now."""
        self.acceleration = acceleration
        self._began = datetime.now(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """Return the world's present."""
        passed = time.monotonic() - self._origin
        return self._began + timedelta(seconds=passed * self.acceleration)
