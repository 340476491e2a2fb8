"""Reads a configuration file: every problem is reported, and none stops the reading.

Tested in `test_applications.py`, `test_clusters.py` and `test_verification_reader.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from handlers.domain.model.durations import in_words, parse_duration

Enumeration = TypeVar("Enumeration", bound=StrEnum)


class ConfigurationError(ValueError):
    """A configuration file is wrong; the message lists every problem, one a line."""


@dataclass(frozen=True)
class TomlReader:
    """Reads one table, and reports each problem: its key, what was found, what is expected."""

    name: str
    """The table's own, such as `api.approvals`."""
    table: Mapping[str, object]
    problems: list[str]

    def reject_unknown(self, known: Sequence[str]) -> None:
        """Report every key that is not known."""
        for key in self.table:
            if key not in known:
                self.report(key, self.table[key], f"only {', '.join(known)}")

    def string(self, key: str, default: str | None) -> str:
        """Read a string; without a default it must be given."""
        value = self.table.get(key, default)
        if isinstance(value, str) and (value or key not in self.table):
            return value
        self.report(key, value, "a text")
        return ""

    def matching(
        self, key: str, default: str | None, pattern: re.Pattern[str], expected: str
    ) -> str:
        """Read a text that matches a pattern, where it is given."""
        value = self.string(key, default)
        if key in self.table and value and not pattern.fullmatch(value):
            self.report(key, value, expected)
        return value

    def strings(self, key: str, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
        """Read a list of texts that match a pattern."""
        value = self.table.get(key, [])
        if isinstance(value, list) and all(
            isinstance(each, str) and pattern.fullmatch(each) for each in value
        ):
            return tuple(value)
        self.report(key, value, f"a list of {expected}")
        return ()

    def integer(
        self, key: str, default: int, expected: str, *, least: int = 0, most: int | None = None
    ) -> int:
        """Read a whole number of at least so much, and at most so much."""
        value = self.table.get(key, default)
        is_flag = isinstance(value, bool)
        if isinstance(value, int) and not is_flag and least <= value <= (most or value):
            return value
        self.report(key, value, expected)
        return default

    def number(self, key: str, default: float | None) -> float | None:
        """Read a number; None where it is neither given nor has a default."""
        value = self.table.get(key, default)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return float(value)
        self.report(key, value, "a number")
        return default

    def boolean(self, key: str, *, default: bool = False) -> bool:
        value = self.table.get(key, default)
        if not isinstance(value, bool):
            self.report(key, value, "true or false")
        return value is True

    def choice(
        self, key: str, default: Enumeration, among: Sequence[Enumeration] | None = None
    ) -> Enumeration:
        """Read a member of an enumeration, or of some of its members."""
        words = list(type(default)) if among is None else list(among)
        value = self.table.get(key, default)
        if value in words:
            return type(default)(str(value))
        self.report(key, value, " or ".join(repr(str(each)) for each in words))
        return default

    def duration(self, key: str, default: str, most: timedelta = timedelta.max) -> timedelta:
        """Read a duration of at most so much."""
        value = self.table.get(key, default)
        try:
            found = parse_duration(str(value))
        except ValueError:
            self.report(key, value, "a duration such as '30 min' or '8 h'")
            return timedelta()
        if found <= most:
            return found
        self.report(key, value, f"at most {in_words(most)}")
        return parse_duration(default)

    def subtable(self, key: str, expected: str = "a table") -> "TomlReader":
        """Read a table within this one; one that is not given is empty."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.report(key, value, expected)
            value = {}
        return TomlReader(f"{self.name}.{key}", value, self.problems)

    def report(self, key: str, value: object, expected: str) -> None:
        found = "nothing" if value is None else repr(value)
        self.problems.append(f"{self.name}.{key}: found {found}, expected {expected}")


def named_tables(
    document: Mapping[str, object], pattern: re.Pattern[str], expected: str, problems: list[str]
) -> Iterator[TomlReader]:
    """Yield a reader of each table of a file, reporting what is no table or has a wrong name."""
    for name, table in document.items():
        if not isinstance(table, dict):
            problems.append(f"{name}: found {table!r}, expected a table")
        if not pattern.fullmatch(name):
            problems.append(f"{name}: expected {expected}")
        yield TomlReader(name, table if isinstance(table, dict) else {}, problems)
