"""Durations as people write and read them: `30 min`, `8 h`, `1 h 5 min`."""

import re
from datetime import timedelta

_LONGEST = int(timedelta.max.total_seconds())
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+)\s*(s|min|h|d)")
_WHOLE = re.compile(r"(\s*\d+\s*(s|min|h|d))+\s*")


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `90 s`, `30 min`, `8 h`, `2 d` or `1 h 30 min`.

    Raises:
        ValueError: the text is not a positive duration in these units.
    """
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if not _WHOLE.fullmatch(text) or not 0 < seconds <= _LONGEST:
        raise ValueError(f"{text!r} is not a duration such as '30 min' or '8 h'")
    return timedelta(seconds=seconds)


def in_words(duration: timedelta) -> str:
    """Say a duration in its two largest units: `45 s`, `3 min 20 s`, `8 h`."""
    left = max(0, round(duration.total_seconds()))
    parts: list[str] = []
    for unit, size in reversed(_UNITS.items()):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"
