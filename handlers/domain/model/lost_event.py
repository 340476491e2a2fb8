"""An event that no function took, though it was brought again and again.

Tested in `test_lost_event_queue.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LostEvent:
    """One message of the queue of lost events."""

    receipt: str
    """By which it is taken from the queue for good."""
    event: Mapping[str, Any]
    """As AWS told it; empty where the message holds none."""
    why: str
    """Why it was not taken, in the words of who brought it."""
