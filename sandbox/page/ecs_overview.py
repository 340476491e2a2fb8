"""What ECS runs now, color by color, and how its traffic goes, for the page.

Tested in `tests/sandbox/page/test_page_world.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from handlers.domain.config.applications import Application
from sandbox.page.page_world import ServiceView, WorldView
from sandbox.world.snapshot import ServiceSnapshot as Seen
from sandbox.world.traffic import ServiceMinute

MINUTES: Final = 30
"""How far back the page's charts go, in minutes of the world."""

NO_TRAFFIC: Final[Mapping[str, Sequence[ServiceMinute]]] = MappingProxyType({})


def world_view(
    seen: Iterable[Seen],
    applications: Mapping[str, Application],
    images: Mapping[str, str],
    traffic: Mapping[str, Sequence[ServiceMinute]] = NO_TRAFFIC,
) -> WorldView:
    """Draw the services of the configured applications.

    Args:
        seen: the world's services.
        applications: which of them are whose color.
        images: task definition (`api:2`) → what people call its image.
        traffic: service → its newest complete minutes, oldest first. Where there are fewer than
            the charts show, the earlier ones were not measured.
    """
    by_name = {service.name: service for service in seen}
    return {
        "services": [
            _service(application.name, color, by_name[service], images, traffic.get(service))
            for application in applications.values()
            for color, service in application.services.items()
            if service in by_name
        ]
    }


def _service(
    application: str,
    color: str,
    seen: Seen,
    images: Mapping[str, str],
    traffic: Sequence[ServiceMinute] | None,
) -> ServiceView:
    minutes = [] if traffic is None else traffic[-MINUTES:]
    unmeasured = [None] * (0 if traffic is None else MINUTES - len(minutes))
    return {
        "application": application,
        "color": color,
        "taskDefinition": seen.task_definition,
        "image": images.get(seen.task_definition, ""),
        "running": sum(seen.running.values()),
        "desired": seen.desired,
        "rolloutState": seen.rollout,
        "requests": [*unmeasured, *(one.requests for one in minutes)],
        "errors": [*unmeasured, *(one.errors for one in minutes)],
        "latency": [*unmeasured, *(_tenths(one.latency_ms) for one in minutes)],
    }


def _tenths(value: float | None) -> float | None:
    """Leave out digits that nobody sees: the feed sends every minute anew."""
    return None if value is None else round(value, 1)
