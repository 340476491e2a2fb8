"""The world's clock, which runs faster than the real one.

Tested in `tests/sandbox/host/test_heartbeat.py`.
"""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_MINUTE: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Translation:
    """Translates between real time and the world's, both in seconds since the epoch.

    By default both are the same.
    """

    acceleration: float = 1.0
    """World seconds in one real second."""
    real: float = 0.0
    world: float = 0.0
    """One moment on both clocks."""

    def to_world(self, seconds: float) -> float:
        """Return the world's time at a real time."""
        return self.world + (seconds - self.real) * self.acceleration

    def to_real(self, seconds: float) -> float:
        """Return the real time at a time of the world."""
        return self.real + (seconds - self.world) / self.acceleration


def translation_from(now: float, acceleration: float) -> Translation:
    """Return a translation in which both clocks show nearly the same at `now`.

    A minute of the world begins with a whole real second at an acceleration of 60, so that a
    metric's period of one real second is exactly one world minute.
    """
    part = max(1.0, _MINUTE / acceleration)
    return Translation(
        acceleration=acceleration,
        real=math.floor(now / part) * part,
        world=math.floor(now / _MINUTE) * _MINUTE,
    )


class WorldClock:
    """A clock that runs `acceleration` times as fast as the real one, from now on."""

    def __init__(self, acceleration: float) -> None:
        """Start now."""
        self.acceleration = acceleration
        self._began = datetime.now(UTC).timestamp()
        self._origin = time.monotonic()
        self.translation = translation_from(self._began, acceleration)

    def now(self) -> datetime:
        """Return the world's present."""
        real = self._began + time.monotonic() - self._origin
        return datetime.fromtimestamp(self.translation.to_world(real), UTC)

    def to_world(self, moment: datetime) -> datetime:
        """Return the world's moment at a real one."""
        return datetime.fromtimestamp(self.translation.to_world(moment.timestamp()), UTC)

    def to_real(self, moment: datetime) -> datetime:
        """Return the real moment at one of the world."""
        return datetime.fromtimestamp(self.translation.to_real(moment.timestamp()), UTC)
