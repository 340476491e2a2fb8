"""What exactly is to be released: tags become digests once, before anyone is asked."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from handlers.domain.admission.release_images import ReadableImages
from handlers.domain.admission.rollout_request import RolloutRequest
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition, is_same, with_images
from handlers.domain.model.errors import NotThere
from handlers.domain.model.image_reference import digest_of, parse_image, read_image
from handlers.domain.model.rollout import Release, short_name

MOST_NAME: Final = 60
"""Characters of what an image is called."""


class Revisions(Protocol):
    """The task definitions."""

    def task_definition(self, name: str) -> dict[str, Any]: ...
    def register(self, definition: Mapping[str, Any]) -> str: ...


def resolve(
    request: RolloutRequest,
    application: Application,
    readable: ReadableImages,
    revisions: Revisions,
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
        pinned = readable.images.pinned(application.repository, request.tag)
        return Release(name=request.tag, images={application.container: pinned})
    asked = request.images or {application.container: request.image}
    name = ", ".join(_called(image) for image in asked.values())
    return Release(name=name, images={c: _pin(image, readable) for c, image in asked.items()})


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


def _called(image: str) -> str:
    """Say what people call an image: by its tag where it has one."""
    known = read_image(image)
    return known.short[:MOST_NAME] if known else image[:MOST_NAME]


def _pin(text: str, readable: ReadableImages) -> str:
    """Return an image by its digest.

    Raises:
        NotThere: it has a tag, and its registry cannot be asked what that means.
    """
    try:
        image = parse_image(text)
    except ValueError as error:
        raise NotThere(str(error)) from error
    if image.digest:
        return image.pinned(image.digest)
    if why := readable.why_not(image):
        raise NotThere(f"{text} {why}, so its tag cannot be resolved: give its digest")
    return image.pinned(digest_of(readable.images.pinned(image.path, image.tag)))
