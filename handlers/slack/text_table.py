"""Rows of short texts as a table in a monospaced font.

Tested in `test_capacity_text.py` and `test_evidence_text.py`.
"""

import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

GAP: Final = "  "


def table(rows: Sequence[Sequence[str]], most: Sequence[int]) -> str:
    """Align texts in columns: the first to the left, the others to the right.

    Args:
        rows: the heading first. Each has a text for each column.
        most: the widest that each column may be, in columns of the screen; a column in which
            no row has anything is left out.
    """
    clipped = [[_clipped(cell, wide) for cell, wide in zip(row, most, strict=True)] for row in rows]
    used = [place for place in range(len(most)) if any(row[place] for row in clipped[1:])]
    widths = {place: max(columns_of(row[place]) for row in clipped) for place in used}
    return "\n".join(
        GAP.join(_padded(row[place], widths[place], right=place > 0) for place in used).rstrip()
        for row in clipped
    )


def columns_of(text: str) -> int:
    """Count the columns that a text takes on a screen.

    East Asian wide characters take two (https://www.unicode.org/reports/tr11/), marks that
    combine with the one before and invisible ones none.
    """
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _clipped(text: str, most: int) -> str:
    """Return a cell on one line that cannot end the code block around the table."""
    line = " ".join(text.split()).replace("`", "'")
    if columns_of(line) <= most:
        return line
    ends = accumulate(_columns(character) for character in line)
    return line[: sum(end < most for end in ends)] + "…"


def _padded(text: str, columns: int, *, right: bool) -> str:
    space = " " * (columns - columns_of(text))
    return space + text if right else text + space
