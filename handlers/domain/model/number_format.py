"""Measured values as people read them. Tested in `test_evidence_text.py`."""

from math import isfinite
from typing import Final

_SMALL: Final = 10


def count(value: float) -> str:
    """Write a count: `6,012`."""
    return f"{value:,.0f}"


def share(value: float) -> str:
    """Write a share as a percentage: `0.4 %`, `12 %`."""
    percent = 100 * value
    if not isfinite(percent):
        return "unknown"
    digits = 0 if percent >= _SMALL or percent == 0 else 1 if percent >= 1 / _SMALL else 2
    return f"{percent:.{digits}f} %"


def level(value: float, unit: str) -> str:
    """Write a level with its unit: `212 ms`, `4.7 %`."""
    if not isfinite(value):
        return "unknown"
    digits = 0 if abs(value) >= _SMALL or value == int(value) else 1
    return f"{value:,.{digits}f} {unit}".rstrip()
