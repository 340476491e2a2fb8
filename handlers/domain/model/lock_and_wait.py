"""What holds or waits: an application's lock, and a state of the machine that waits for AWS.

Tested in `test_record_stores.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Lock:
    """An application's lock, and the execution that holds it."""

    application: str
    execution: str
    rollout: str
    since: datetime | None = field(default=None, compare=False)
    """When it was taken; None on one that an older version took."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A state of the machine that waits for a service, an image or an application's turn."""

    id: str
    """The service's ARN: an application has one rollout, so a service has one wait.

    Before there is a color, one of `prerequisite.image_wait` and `prerequisite.turn_wait`.
    """
    rollout: str
    color: str = ""
    returning: bool = False
    """Whether the color goes back to its previous revision."""
    token: str
    since: datetime
