"""Task definition revisions: the same one again, with other images.

Colors of one definition run exactly one revision, so it is made once, from what the last color
runs (the one that a release reaches last has proven most); where their definitions differ, each
color's is made from its own. Images are pinned by digest: a tag resolves anew for each deployment,
and colors are deployed hours apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from handlers.domain.deployments.revision_defaults import without_defaults
from handlers.domain.model.errors import NotThere

TaskDefinition = Mapping[str, Any]
"""A task definition as ECS describes it (API_TaskDefinition), with its `tags`."""

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
    "tags",
)
"""What RegisterTaskDefinition takes back of what DescribeTaskDefinition gives; the rest
(revision, status, registeredAt, …) is ECS's own. A test pins it to botocore's model."""
OF_ECS_ALONE: Final = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
        "deleteRequestedAt",
    }
)
"""What ECS says of a task definition and nobody registers."""
NOT_READ: Final = "fieldsNotRead"
"""What a gateway adds to a task definition: where the fields stand that it could not read."""
_RESERVED: Final = "aws:"
"""How keys and values begin that only AWS sets, in upper or lower case: a request that names one is
refused (API_Tag). CloudFormation marks what it makes by `aws:cloudformation:stack-name` and others;
a revision of ours is not the stack's."""


def with_images(base: TaskDefinition, images: Mapping[str, str]) -> dict[str, Any]:
    """Return what to register: the base revision with these containers' images.

    Raises:
        NotThere: the base has no container of a given name, or fields that could not be read.
    """
    if lost := base.get(NOT_READ):
        raise NotThere(
            f"{base['family']}:{base.get('revision')} has fields that this deployment's boto3 does "
            f"not know, and a new revision would be without them: {', '.join(lost)}; release a "
            "revision of your own by taskDefinition, or deploy Shingo with a newer boto3"
        )
    containers: Sequence[Mapping[str, Any]] = base["containerDefinitions"]
    unknown = sorted(set(images) - {container["name"] for container in containers})
    if unknown:
        raise NotThere(
            f"{base['family']}:{base.get('revision')} has no container {', '.join(unknown)}; "
            f"it has {', '.join(container['name'] for container in containers)}"
        )
    registered = _registered(base)
    registered["containerDefinitions"] = [
        {**container, "image": images.get(container["name"], container["image"])}
        for container in containers
    ]
    return registered


def is_same(one: TaskDefinition, other: TaskDefinition) -> bool:
    """Tell whether two revisions would run the same under the same tags, whatever their numbers.

    Tags count: what tasks cost is told by those of their task definition.
    """
    return comparable(one) == comparable(other)


def comparable(definition: TaskDefinition) -> dict[str, Any]:
    """Return what is registered of a task definition, as two of them can be compared.

    What could not be read of it counts: one that lacks it is another.
    """
    return {**without_defaults(_registered(definition)), NOT_READ: definition.get(NOT_READ)}


def _registered(definition: TaskDefinition) -> dict[str, Any]:
    """Return what RegisterTaskDefinition takes of a task definition.

    Tags are left out where there are none: only with tags does ECS ask for `ecs:TagResource`.
    """
    taken = {key: definition[key] for key in REGISTERED if key in definition}
    tags = [tag for tag in taken.pop("tags", None) or () if not _is_reserved(tag)]
    return taken | ({"tags": tags} if tags else {})


def _is_reserved(tag: Mapping[str, str]) -> bool:
    return any(text.lower().startswith(_RESERVED) for text in (tag["key"], tag.get("value", "")))


def without_images(definition: TaskDefinition) -> TaskDefinition:
    """Return what of a revision no release changes: all but its containers' images."""
    containers = [{**each, "image": ""} for each in definition["containerDefinitions"]]
    return {**definition, "containerDefinitions": containers}
