"""What the machine hands to a step. Tested in `test_approval.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """One state of the machine, about one color or the whole rollout."""

    rollout: str
    color: str = ""
    """Empty for a step about the whole rollout."""
    about: str = ""
    """What a question is about, one of `approval.Subject`; empty for a step that asks none."""
    token: str = field(default="", repr=False)
    """The task token that ends the wait; empty for a step that does not wait."""


def parse_step(event: Mapping[str, Any]) -> Step:
    return Step(
        rollout=event["rollout"],
        color=event.get("color", ""),
        about=event.get("about", ""),
        token=event.get("token", ""),
    )
