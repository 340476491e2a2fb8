"""What exactly is to be released: tags become digests once, before anyone is asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers.domain.admission.release_images import unpinned
from handlers.domain.admission.rollout_request import RolloutRequest
from handlers.domain.admission.start_decision import MustWait, StartRefused, images_decision
from handlers.domain.approvals.revision_diff import revision_changes
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition, is_same, with_images
from handlers.domain.model.errors import NotPushed, NotThere
from handlers.domain.model.image_reference import digest_of, parse_image, read_image, registry_of
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.prerequisite import Awaits
from handlers.domain.model.rollout import Release, Rollout, short_name
from handlers.services.context import Context
from handlers.services.image_vetting import ReadableImages, pin_all_containers, vet_images
from handlers.services.ports import Ecs

MOST_NAME: Final = 60
"""Characters of what an image is called."""


def with_release(
    context: Context, request: RolloutRequest, rollout: Rollout, earlier: Sequence[Rollout]
) -> Rollout | StartRefused | MustWait:
    """Say what is released, with the images of every container, and what that changes."""
    ecs, applications = context.gateways.ecs, context.settings.applications
    application = applications[rollout.application]
    readable = ReadableImages(
        registry=registry_of(rollout.execution),
        repositories=frozenset(each.repository for each in applications.values()),
        images=context.gateways.images,
    )
    runs = ecs.task_definition(list(rollout.colors.values())[-1].previous)
    release = requested_release(request, application, readable, ecs)
    if not isinstance(release, Release):
        return release
    if release.revision:
        after: TaskDefinition = ecs.task_definition(release.revision)
        notes = unpinned(after)
    else:
        complete = pin_all_containers(release.images, runs, readable)
        release, notes = replace(release, images=complete.images), complete.notes
        try:
            after = with_images(runs, release.images)
        except NotThere as error:
            return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=str(error))
    told = _vetted(application, release, readable, (runs, after), earlier)
    if not isinstance(told, tuple):
        return told
    changes = (*revision_changes(runs, after), *notes, *told)
    return replace(rollout, release=release, changes=changes)


def _vetted(
    application: Application,
    release: Release,
    readable: ReadableImages,
    definitions: tuple[TaskDefinition, TaskDefinition],
    earlier: Sequence[Rollout],
) -> tuple[str, ...] | StartRefused | MustWait:
    """Check the images that a release brings; return what people are told of them.

    Args:
        application: of the release.
        release: what is to run.
        readable: what may be asked about.
        definitions: what runs, and what is to run.
        earlier: the application's rollouts, newest first.
    """
    asked = {application.container, *release.images}
    try:
        found = vet_images(*definitions, asked, application.images.refuse_at, readable)
    except NotThere as error:
        return StartRefused(outcome=RolloutOutcome.IMAGE_NOT_FOUND, cause=str(error))
    return images_decision(found, release, application.repository, earlier)


def requested_release(
    request: RolloutRequest, application: Application, readable: ReadableImages, ecs: Ecs
) -> Release | StartRefused | MustWait:
    """Say what the request stands for now; an image that is not pushed yet is waited for."""
    try:
        return resolve(request, application, readable, ecs)
    except NotPushed as error:
        if not request.tag:
            return StartRefused(outcome=RolloutOutcome.IMAGE_NOT_FOUND, cause=str(error))
        return MustWait(kind=Awaits.IMAGE, what=f"{application.repository}:{request.tag}")
    except NotThere as error:
        is_image = not request.task_definition
        outcome = RolloutOutcome.IMAGE_NOT_FOUND if is_image else RolloutOutcome.NOT_DEPLOYABLE
        return StartRefused(outcome=outcome, cause=str(error))


def resolve(
    request: RolloutRequest, application: Application, readable: ReadableImages, ecs: Ecs
) -> Release:
    """Say what a request stands for now.

    Raises:
        NotThere: the image or the revision does not exist, or an image cannot be pinned.
    """
    if request.task_definition:
        found = ecs.task_definition(request.task_definition)
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


def register_revision(rollout: Rollout, ecs: Ecs) -> str:
    """Return the one revision of a rollout, made from what the last color ran before it.

    It is registered only if there is none.
    """
    if rollout.release.revision:
        return rollout.release.revision
    last = list(rollout.colors.values())[-1]
    return register_once(rollout.release, ecs.task_definition(last.previous), ecs)


def register_once(release: Release, base: TaskDefinition, ecs: Ecs) -> str:
    """Return the revision that carries a release, registering it only if there is none.

    Args:
        release: its images.
        base: the task definition to take everything else from.
        ecs: where to look and register.
    """
    wanted = with_images(base, release.images)
    # The latest of the family is looked at too: a run that died between registering and
    # recording left its revision there.
    for known in (base, ecs.task_definition(base["family"])):
        if is_same(wanted, known):
            return str(known["taskDefinitionArn"])
    return ecs.register(wanted)


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
