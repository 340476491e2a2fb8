"""What exactly is to be released: tags become digests once, before anyone is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from handlers.domain.admission.revision_plan import with_changes
from handlers.domain.admission.rollout_request import RolloutRequest
from handlers.domain.admission.start_decision import MustWait, StartRefused
from handlers.domain.approvals.revision_diff import revision_changes
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition, is_same, with_images
from handlers.domain.model.errors import NotPushed, NotThere
from handlers.domain.model.image_reference import digest_of, parse_image, read_image, registry_of
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.prerequisite import Awaits
from handlers.domain.model.release import ColorRelease, Release
from handlers.domain.model.rollout import Rollout, short_name
from handlers.services.context import Context
from handlers.services.image_vetting import ReadableImages
from handlers.services.ports import Ecs
from handlers.services.release_plan import described_by_color, planned_revisions, vetted_plan

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
    release = requested_release(request, application, readable, ecs)
    if not isinstance(release, Release):
        return release
    try:
        runs = described_by_color(ecs, {c.color: c.previous for c in rollout.colors.values()})
        plan = planned_revisions(application, release, runs, readable, ecs)
    except NotThere as error:
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=str(error))
    if isinstance(plan, StartRefused):
        return plan
    told = vetted_plan(application, plan, runs, readable, earlier)
    if isinstance(told, StartRefused | MustWait):
        return told
    lines = {
        color: (*revision_changes(runs[color], after), *plan.notes[color], *told[color])
        for color, after in plan.after.items()
    }
    return with_changes(replace(rollout, release=plan.release), lines)


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
        is_image = not (request.task_definition or request.task_definitions)
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
        arn = _active(request.task_definition, ecs)
        return Release(name=short_name(arn), revision=arn)
    if request.task_definitions:
        return _release_of({c: _active(each, ecs) for c, each in request.task_definitions.items()})
    if request.tag:
        pinned = readable.images.pinned(application.repository, request.tag)
        return Release(name=request.tag, images={application.container: pinned})
    asked = request.images or {application.container: request.image}
    name = ", ".join(_called(image) for image in asked.values())
    return Release(name=name, images={c: _pin(image, readable) for c, image in asked.items()})


def register_revisions(context: Context, rollout: Rollout) -> Rollout:
    """Record the revision of every color, registering those that there are not; idempotent.

    All are registered before any color is changed: what cannot be has changed nothing.
    """
    ecs, rollouts, release = context.gateways.ecs, context.gateways.rollouts, rollout.release
    if not release.by_color:
        if release.revision:
            return rollout
        base = ecs.task_definition(rollout.base_for(next(iter(rollout.colors))))
        return rollouts.record_revision(rollout.id, register_once(release, base, ecs))
    for color, own in release.by_color.items():
        if not own.revision:
            base = ecs.task_definition(rollout.base_for(color))
            revision = register_once(replace(release, images=own.images), base, ecs)
            rollout = rollouts.record_revision(rollout.id, revision, color)
    return rollout


def register_once(release: Release, base: TaskDefinition, ecs: Ecs) -> str:
    """Return the revision that carries a release, registering it only if there is none.

    One that was deregistered may run on, and cannot be deployed (API_DeregisterTaskDefinition).

    Args:
        release: its images.
        base: the task definition to take everything else from.
        ecs: where to look and register.
    """
    wanted = with_images(base, release.images)
    for known in (base, *_latest(base["family"], ecs)):
        if known.get("status", "ACTIVE") == "ACTIVE" and is_same(wanted, known):
            return str(known["taskDefinitionArn"])
    return ecs.register(wanted)


def _latest(family: str, ecs: Ecs) -> tuple[TaskDefinition, ...]:
    """Return the latest active revision of a family; none where all were deregistered.

    A run that died between registering and recording left its revision there.
    """
    try:
        return (ecs.task_definition(family),)
    except NotThere:
        return ()


def _active(name: str, ecs: Ecs) -> str:
    """Return the ARN of a revision.

    Raises:
        NotThere: it does not exist, or was deregistered.
    """
    found = ecs.task_definition(name)
    arn = str(found["taskDefinitionArn"])
    if found.get("status") != "ACTIVE":
        raise NotThere(f"{short_name(arn)} is {found.get('status')}: it was deregistered")
    return arn


def _release_of(revisions: Mapping[str, str]) -> Release:
    """Make the release of a revision for each color, which may be one that all get."""
    name = ", ".join(map(short_name, dict.fromkeys(revisions.values())))[:MOST_NAME]
    own = {color: ColorRelease(revision=each) for color, each in revisions.items()}
    return Release(name=name, by_color=own)


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
