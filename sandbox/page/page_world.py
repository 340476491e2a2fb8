"""What the page shows of ECS, if somebody provides it."""

from typing import TypedDict


class ServiceView(TypedDict):
    """One color of one application, as ECS runs it now and as its traffic went.

    `taskDefinition` is `family:revision`, `image` what people call the release (`v1.42.0`), and
    `rolloutState` ECS's own word (`COMPLETED`, `IN_PROGRESS`, `FAILED`).

    `requests`, `errors` and `latency` (p99 in ms) have one value for each of the world's last
    minutes, oldest first. None is a minute in which nothing was measured. They are empty for a
    service whose traffic nobody measures.
    """

    application: str
    color: str
    taskDefinition: str
    image: str
    running: int
    desired: int
    rolloutState: str
    requests: list[int | None]
    errors: list[int | None]
    latency: list[float | None]


class WorldView(TypedDict):
    """Every service that the page shows, in the order in which it shows them."""

    services: list[ServiceView]
