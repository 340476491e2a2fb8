"""JSON values that are never changed, and what is known of their size.

A state's data may be 256 KiB of JSON in UTF-8 (developer guide, "Quotas"). Writing every value
out to measure it would cost more than all else, so a value carries an upper bound, and is
measured only when the bound says that it may be too large.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any  # what json.loads gives

LIMIT: Final = 256 * 1024
"""Bytes of one input, output, parameter set or result."""

compact: Final[Callable[[Json], str]] = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
"""JSON as AWS writes it."""

_bounding: Final = partial(json.dumps, allow_nan=False)
"""Its length is never below the compact text's UTF-8 length: it escapes what is not ASCII."""


class Data:
    """A value, shared by whoever has it, and an upper bound of its size in bytes."""

    __slots__ = ("bound", "value")

    def __init__(self, value: Json, bound: int) -> None:
        self.value = value
        self.bound = bound

    def fits(self) -> bool:
        """Say whether AWS takes it; measures only if need be."""
        if self.bound > LIMIT:
            self.bound = len(compact(self.value).encode())
        return self.bound <= LIMIT


def from_outside(value: Json) -> Data:
    """Take a value that somebody else may still change.

    Raises:
        TypeError: It cannot be written as JSON.
        ValueError: It holds a number that JSON has not, or itself.
    """
    text = _bounding(value)
    return Data(json.loads(text), len(text))


def from_text(text: str) -> Data:
    """Read a JSON text.

    Raises:
        ValueError: It is none.
    """
    return Data(json.loads(text, parse_constant=_no_constant), 6 * len(text))


def _no_constant(name: str) -> None:
    raise ValueError(f"JSON has no {name}")
