"""The languages in which people are spoken to. Tested in `test_texts.py`."""

from enum import StrEnum


class Language(StrEnum):
    """By its code, as settings have it (ISO 639-1)."""

    ENGLISH = "en"
    JAPANESE = "ja"
