"""A series of values as one short word of bars: `▁▂▅█`."""

import math
from collections.abc import Sequence
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"
MAX_BARS: Final = 20
"""Bars; more do not fit on a phone beside what they are about."""
MIN_SPAN: Final = 0.25
"""Share of the greatest value: what varies less is drawn flatter, for noise has no peaks."""
_GAP: Final = "·"
"""Stands where nothing was measured, which a low bar would hide."""


def sparkline(values: Sequence[float | None], most: int = MAX_BARS) -> str:
    """Draw values, the least as the lowest bar and the greatest as the highest.

    Args:
        values: oldest first; None or what is not finite where nothing was measured.
        most: bars. More values than that are averaged, neighbors together.
    """
    known = [v if v is not None and math.isfinite(v) else None for v in values]
    bars = min(len(known), most)
    shares = [
        known[number * len(known) // bars : (number + 1) * len(known) // bars]
        for number in range(bars)
    ]
    levels = [_mean([v for v in share if v is not None]) for share in shares]
    measured = [level for level in levels if level is not None]
    if not measured:
        return ""
    low = min(measured)
    # Halved before they are subtracted, so that not even the greatest floats overflow.
    span = max(max(measured) / 2 - low / 2, MIN_SPAN / 2 * max(map(abs, measured)))
    return "".join(_GAP if level is None else _bar(level / 2 - low / 2, span) for level in levels)


def _bar(height: float, span: float) -> str:
    share = height / span if span else 0.0
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(value / len(values) for value in values) if values else None
