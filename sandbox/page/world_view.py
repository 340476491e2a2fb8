"""What the page shows of ECS, if somebody provides it."""

from typing import TypedDict


class ServiceView(TypedDict):
    """One color of one application, as ECS runs it now.

    `taskDefinition` is `family:revision`, `image` what people call the release (`v1.42.0`), and
    `rolloutState` ECS's own word (`COMPLETED`, `IN_PROGRESS`, `FAILED`).
    """

    application: str
    color: str
    taskDefinition: str
    image: str
    running: int
    desired: int
    rolloutState: str


class WorldView(TypedDict):
    """Every service that the page shows, in the order in which it shows them."""

    services: list[ServiceView]
