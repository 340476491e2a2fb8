"""What ECS runs now, color by color, for the page."""

from collections.abc import Iterable, Mapping

from handlers.domain.applications import Application
from sandbox.page.world_view import ServiceView, WorldView
from sandbox.world.snapshot import ServiceView as Seen


def world_view(
    seen: Iterable[Seen], applications: Mapping[str, Application], images: Mapping[str, str]
) -> WorldView:
    """Draw the services of the configured applications.

    Args:
        seen: the world's services.
        applications: which of them are whose color.
        images: task definition (`api:2`) → what people call its image.
    """
    by_name = {service.name: service for service in seen}
    return {
        "services": [
            _service(application.name, color, by_name[service], images)
            for application in applications.values()
            for color, service in application.services.items()
            if service in by_name
        ]
    }


def _service(application: str, color: str, seen: Seen, images: Mapping[str, str]) -> ServiceView:
    return {
        "application": application,
        "color": color,
        "taskDefinition": seen.task_definition,
        "image": images.get(seen.task_definition, ""),
        "running": sum(seen.running.values()),
        "desired": seen.desired,
        "rolloutState": seen.rollout,
    }
