"""Reading a configuration file: every problem is noted, none stops the reading."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from handlers.domain.model.durations import parse_duration

Enumeration = TypeVar("Enumeration", bound=StrEnum)


@dataclass(frozen=True)
class TomlReader:
    """Reads one table, noting what is wrong: key, what was found, what is expected."""

    name: str
    """Of the table, as in `api.approvals`."""
    table: Mapping[str, object]
    problems: list[str]

    def refuse_unknown(self, known: Sequence[str]) -> None:
        """Note every key that is not known."""
        for key in self.table:
            if key not in known:
                self.note(key, self.table[key], f"only {', '.join(known)}")

    def text(self, key: str, default: str | None) -> str:
        """Read a text; without a default it must be there."""
        value = self.table.get(key, default)
        if isinstance(value, str) and (value or key not in self.table):
            return value
        self.note(key, value, "a text")
        return ""

    def texts(self, key: str, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
        """Read a list of texts that match a pattern."""
        value = self.table.get(key, [])
        if isinstance(value, list) and all(
            isinstance(each, str) and pattern.fullmatch(each) for each in value
        ):
            return tuple(value)
        self.note(key, value, f"a list of {expected}")
        return ()

    def whole(self, key: str, default: int, expected: str, *, least: int = 0) -> int:
        """Read a whole number of at least so much."""
        value = self.table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.note(key, value, expected)
        return default

    def number(self, key: str, default: float | None) -> float | None:
        """Read a number; None where it is neither given nor has a default."""
        value = self.table.get(key, default)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return float(value)
        self.note(key, value, "a number")
        return default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Read true or false."""
        value = self.table.get(key, default)
        if not isinstance(value, bool):
            self.note(key, value, "true or false")
        return value is True

    def choice(
        self, key: str, default: Enumeration, among: Sequence[Enumeration] | None = None
    ) -> Enumeration:
        """Read one of an enumeration's words, or of some of them."""
        words = list(type(default)) if among is None else list(among)
        value = self.table.get(key, default)
        if value in words:
            return type(default)(str(value))
        self.note(key, value, " or ".join(repr(str(each)) for each in words))
        return default

    def duration(self, key: str, default: str) -> timedelta:
        """Read a duration."""
        value = self.table.get(key, default)
        try:
            return parse_duration(str(value))
        except ValueError:
            self.note(key, value, "a duration such as '30 min' or '8 h'")
            return timedelta()

    def inner(self, key: str, expected: str = "a table") -> "TomlReader":
        """Read a table in this one; one that is not given is empty."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.note(key, value, expected)
            value = {}
        return TomlReader(f"{self.name}.{key}", value, self.problems)

    def note(self, key: str, value: object, expected: str) -> None:
        """Note a problem."""
        found = "nothing" if value is None else repr(value)
        self.problems.append(f"{self.name}.{key}: found {found}, expected {expected}")
