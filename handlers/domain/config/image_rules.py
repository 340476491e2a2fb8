"""The rules of an application's images. Tested in `test_applications.py`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from handlers.domain.config.toml_reader import TomlReader

_FIELDS: Final = ("wait_for_push", "refuse_at", "starts_on_push", "wait_for_turn")
_PATTERN: Final = re.compile(r"[\w.*?\[\]!-]{1,128}", re.ASCII)


class RefuseAt(StrEnum):
    """The severity of a finding from which an image is refused."""

    NEVER = "never"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class ImageRules:
    """The rules of one application's images."""

    wait_for_push: timedelta = timedelta(hours=1)
    """How long a rollout waits for a tag that is not pushed yet, and then for its scan."""
    refuse_at: RefuseAt = RefuseAt.NEVER
    """The severity of a scan's finding from which an image is refused."""
    starts_on_push: tuple[str, ...] = ()
    """Patterns of the tags whose push starts a rollout."""
    wait_for_turn: timedelta = timedelta(hours=8)
    """How long such a rollout waits for the one before it."""


def read_image_rules(read: TomlReader, most: timedelta) -> ImageRules:
    """Read `[application.images]`; nothing is waited for longer than `most`."""
    read.reject_unknown(_FIELDS)
    return ImageRules(
        wait_for_push=read.duration("wait_for_push", "1 h", most),
        refuse_at=read.choice("refuse_at", RefuseAt.NEVER),
        starts_on_push=read.strings("starts_on_push", _PATTERN, "patterns of tags such as 'v*'"),
        wait_for_turn=read.duration("wait_for_turn", "8 h", most),
    )
