"""What exactly is to be released: tags become digests once, before anyone is asked."""

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from handlers.domain.admission.rollout_request import RolloutRequest
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition, is_same, with_images
from handlers.domain.model.errors import NotThere
from handlers.domain.model.rollout import Release, short_name

_ECR: Final = re.compile(
    r"(?P<registry>\d{12}\.dkr\.ecr\.[^/]+)/(?P<repository>[^:@]+):(?P<tag>[^@]+)"
)


class Images(Protocol):
    """The registry."""

    def pinned(self, repository: str, tag: str) -> str: ...


class Revisions(Protocol):
    """The task definitions."""

    def task_definition(self, name: str) -> dict[str, Any]: ...
    def register(self, definition: Mapping[str, Any]) -> str: ...


def resolve(
    request: RolloutRequest, application: Application, images: Images, revisions: Revisions
) -> Release:
    """Say what a request stands for now.

    Raises:
        NotThere: the image or the revision does not exist, or an image cannot be pinned.
    """
    if request.task_definition:
        found = revisions.task_definition(request.task_definition)
        arn = found["taskDefinitionArn"]
        if found.get("status") != "ACTIVE":
            raise NotThere(f"{short_name(arn)} is {found.get('status')}: it was deregistered")
        return Release(name=short_name(arn), revision=arn)
    if request.tag:
        pinned = images.pinned(application.repository, request.tag)
        return Release(name=request.tag, images={application.container: pinned})
    asked = request.images or {application.container: request.image}
    name = ", ".join(image.rsplit("/", 1)[-1][:60] for image in asked.values())
    return Release(name=name, images={c: _pin(image, images) for c, image in asked.items()})


def revision_for(release: Release, base: TaskDefinition, revisions: Revisions) -> str:
    """Return the one revision that carries a release, registering it only if there is none.

    Args:
        release: its images.
        base: the task definition to take everything else from.
        revisions: where to look and register.
    """
    wanted = with_images(base, release.images)
    # The latest of the family is looked at too: a run that died between registering and
    # recording left its revision there.
    for known in (base, revisions.task_definition(base["family"])):
        if is_same(wanted, known):
            return str(known["taskDefinitionArn"])
    return revisions.register(wanted)


def _pin(image: str, images: Images) -> str:
    if "@sha256:" in image:
        return image
    found = _ECR.fullmatch(image)
    if found is None:
        raise NotThere(f"{image} is not in ECR, so its tag cannot be resolved: give its digest")
    pinned = images.pinned(found["repository"], found["tag"])
    if not pinned.startswith(f"{found['registry']}/"):
        raise NotThere(f"{image} is not in this account's ECR of this region: give its digest")
    return pinned
