"""What a rollout waits for before anybody is asked: its image, its image's scan, its turn.

Tested in `test_start_decision.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Awaits(StrEnum):
    """What kind of thing it is."""

    IMAGE = "image"
    SCAN = "scan"
    TURN = "turn"


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """What is waited for, and how long."""

    kind: Awaits
    what: str
    """The image (`api:v1.42.0`), or the id of the rollout that has the application."""
    digest: str = ""
    """Of the image whose scan is waited for (`sha256:…`)."""
    repository: str = ""
    """Where that is; empty for the application's own."""
    since: datetime
    until: datetime
    """When the rollout is given up."""


def continued(awaited: Awaited, before: Awaited | None) -> Awaited:
    """Take up a wait that goes on: what was waited for already counts from then."""
    if before is None or before.kind is not awaited.kind:
        return awaited
    return replace(awaited, since=before.since, until=before.until)


def image_wait(application: str) -> str:
    """Return the id of the wait for an image: only the rollout that has the application waits."""
    return f"image:{application}"


def turn_wait(application: str) -> str:
    """Return the id of the wait for a turn: of several, the newest alone goes on waiting."""
    return f"turn:{application}"


def id_of(awaited: Awaited, application: str) -> str:
    """Return the id of the wait, which is where its token is kept."""
    is_turn = awaited.kind is Awaits.TURN
    return turn_wait(application) if is_turn else image_wait(application)
