"""The text of a secret as it was meant, without what a file, a shell or a form puts around it.

`file://token.txt` is taken with its last newline (AWS CLI user guide, "Loading a parameter from a
file"), editors on Windows put a byte order mark first, and quotes are copied along. Slack's tokens
and signing secrets hold none of these.
"""

from typing import Final

_INVISIBLE: Final = "\ufeff\u200b\u200c\u200d\u2060\x00"
"""Marks of byte order and of no width, which `str.strip` leaves."""
_QUOTES: Final = "\"'`"


def meant(stored: str) -> str:
    """Return a secret without blanks, marks and quotes around it."""
    text = _trimmed(stored)
    while len(text) > 1 and text[0] in _QUOTES and text[0] == text[-1]:
        text = _trimmed(text[1:-1])
    return text


def is_meant(stored: str) -> bool:
    """Tell whether a secret is stored with nothing around it."""
    return meant(stored) == stored


def is_one_word(secret: str) -> bool:
    """Tell whether a secret is printable ASCII without blanks, as an HTTP header can carry it."""
    return secret.isascii() and secret.isprintable() and secret != "" and " " not in secret


def _trimmed(text: str) -> str:
    while (shorter := text.strip().strip(_INVISIBLE)) != text:
        text = shorter
    return text
