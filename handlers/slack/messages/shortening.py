"""Cutting Slack's markup to a length, and into parts: never inside a mention or an entity."""

import re
from collections.abc import Iterator
from typing import Final

FENCE: Final = "```"
_TOKEN: Final = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);|```|`[^`\n]*`|.", re.DOTALL)
"""What is not taken apart: `<…>`, an escaped character, a fence, a short code, a character."""
_BREAKS: Final = ("\n\n", "\n", " ")
"""Where a text is cut rather than elsewhere, the best first."""


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters; one that is cut ends with an ellipsis."""
    if len(text) <= most:
        return text
    head = _head(text, most - 1)
    is_open = head.count(FENCE) % 2 == 1
    if not is_open:
        return f"{head}…"
    return f"{_head(text, most - len(FENCE) - 2)}…\n{FENCE}"


def parts_of(text: str, most: int) -> list[str]:
    """Take a text apart into parts of at most `most` characters, at its lines where it has any.

    A block of code that goes on in the next part is closed in one, and opened in the other.
    """
    return [part for part in _parts(text.strip("\n"), most) if part]


def _parts(text: str, most: int) -> Iterator[str]:
    while len(text) > most:
        head = _head(text, most - len(FENCE) - 1)
        head = _up_to_break(head)
        rest = text[len(head) :].lstrip("\n")
        is_open = head.count(FENCE) % 2 == 1
        yield f"{head.rstrip()}\n{FENCE}" if is_open else head.rstrip()
        text = f"{FENCE}\n{rest}" if is_open else rest
    yield text


def _head(text: str, most: int) -> str:
    """Return the longest beginning of at most `most` characters that takes nothing apart."""
    end = 0
    for token in _TOKEN.finditer(text):
        if token.end() > most:
            break
        end = token.end()
    # One token longer than all that fits is cut all the same: nothing else would ever end.
    return text[:end] if end else text[:most]


def _up_to_break(head: str) -> str:
    """Return a beginning up to its last line, or word, unless that would leave little of it."""
    for mark in _BREAKS:
        cut = head.rfind(mark)
        if cut > len(head) // 2 and not _is_in_markup(head, cut):
            return head[:cut]
    return head


def _is_in_markup(head: str, at: int) -> bool:
    """Whether a place is between an opening `<` and its `>`."""
    return head.rfind("<", 0, at) > head.rfind(">", 0, at)
