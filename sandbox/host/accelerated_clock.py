"""The world's clock: ours, faster."""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_MINUTE: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Translation:
    """Between our time and the world's, both in seconds since the epoch.

    Left as it is, both are the same.
    """

    acceleration: float = 1.0
    """World seconds in one of ours."""
    ours: float = 0.0
    world: float = 0.0
    """The same moment on both clocks."""

    def to_world(self, seconds: float) -> float:
        """Return what the world's clock shows when ours shows `seconds`."""
        return self.world + (seconds - self.ours) * self.acceleration

    def to_real(self, seconds: float) -> float:
        """Return what our clock shows when the world's shows `seconds`."""
        return self.ours + (seconds - self.world) / self.acceleration


def translation_from(now: float, acceleration: float) -> Translation:
    """Let both clocks show nearly the same at `now`, so that their minutes begin together.

    A minute of the world begins wherever such a part of ours does: whole seconds at 60 times, so
    that a metric with a period of one second of ours has one world minute in each.
    """
    part = max(1.0, _MINUTE / acceleration)
    return Translation(
        acceleration=acceleration,
        ours=math.floor(now / part) * part,
        world=math.floor(now / _MINUTE) * _MINUTE,
    )


class WorldClock:
    """Runs `acceleration` times as fast as ours, from about the same moment on."""

    def __init__(self, acceleration: float) -> None:
        """Start now."""
        self.acceleration = acceleration
        self._began = datetime.now(UTC).timestamp()
        self._origin = time.monotonic()
        self.translation = translation_from(self._began, acceleration)

    def now(self) -> datetime:
        """Return the world's present."""
        ours = self._began + time.monotonic() - self._origin
        return datetime.fromtimestamp(self.translation.to_world(ours), UTC)

    def to_world(self, moment: datetime) -> datetime:
        """Return what the world's clock shows at a moment of ours."""
        return datetime.fromtimestamp(self.translation.to_world(moment.timestamp()), UTC)

    def to_real(self, moment: datetime) -> datetime:
        """Return what our clock shows at a moment of the world."""
        return datetime.fromtimestamp(self.translation.to_real(moment.timestamp()), UTC)
