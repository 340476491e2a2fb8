"""Task definition revisions: the same one again, with other images.

All colors must run exactly one revision, so it is made once, from what the last color
runs (the one that a release reaches last has proven most), and images are pinned by
digest: a tag resolves anew for each deployment, and colors are deployed hours apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from handlers.domain.model.errors import NotThere

TaskDefinition = Mapping[str, Any]
"""A task definition as ECS describes it (API_TaskDefinition)."""

REGISTERED: Final = (
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
)
"""What RegisterTaskDefinition takes back of what DescribeTaskDefinition gives; the rest
(revision, status, registeredAt, …) is ECS's own. A test pins it to botocore's model."""


def with_images(base: TaskDefinition, images: Mapping[str, str]) -> dict[str, Any]:
    """Return what to register: the base revision with these containers' images.

    Raises:
        NotThere: the base has no container of a given name.
    """
    containers: Sequence[Mapping[str, Any]] = base["containerDefinitions"]
    unknown = sorted(set(images) - {container["name"] for container in containers})
    if unknown:
        raise NotThere(
            f"{base['family']}:{base.get('revision')} has no container {', '.join(unknown)}; "
            f"it has {', '.join(container['name'] for container in containers)}"
        )
    registered = {key: base[key] for key in REGISTERED if key in base}
    registered["containerDefinitions"] = [
        {**container, "image": images.get(container["name"], container["image"])}
        for container in containers
    ]
    return registered


def is_same(one: TaskDefinition, other: TaskDefinition) -> bool:
    """Tell whether two revisions would run the same, whatever their numbers."""
    return all(_plain(one.get(key)) == _plain(other.get(key)) for key in REGISTERED)


def _plain(value: object) -> object:
    """Take an absent field, an empty list and an empty object for the same, as ECS does."""
    return value or None
