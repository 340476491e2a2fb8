"""What `make test` plays of a kind, and that `make prove` plays all of it.

The sample is the same on every machine. A test with the mark `prove` is left out of it; one with
the mark `sample` is for it alone, as `make prove` has it in full. What a test says with
`say_played`, or counts by being there, is summed up at the end of the run.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

TENTH = 10


class Extent:
    """Whether all is played; set from `--prove` before any test is collected."""

    is_whole = False


def of_all(number: int) -> int:
    """Return how many of so many random examples are thrown: all, or a tenth."""
    return number if Extent.is_whole else -(-number // TENTH)


def sampled(everything: Iterable[str], sample: Iterable[str]) -> list[Any]:
    """Make parameters of everything; only those of the sample are without the mark `prove`."""
    names, chosen = list(everything), set(sample)
    assert chosen <= set(names), f"not there: {chosen - set(names)}"
    marks = {name: () if name in chosen else pytest.mark.prove for name in names}
    return [pytest.param(name, marks=marks[name]) for name in names]


def say_played(
    record_property: Callable[[str, object], None], what: str, played: int, listed: int
) -> None:
    """Have the run's end say how many of how many it played, summed over the tests."""
    record_property(what, [played, listed])
