"""Planning what each color is to run, and having its images vetted.

Tested in `test_own_definitions.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers.domain.admission.release_images import unpinned
from handlers.domain.admission.revision_plan import (
    Definitions,
    RevisionPlan,
    misplaced_images,
    one_for_all_refusal,
    own_containers,
    own_definitions_note,
    several_refusal,
    share_one_definition,
    shared_refusal,
    swapped_families,
)
from handlers.domain.admission.start_decision import MustWait, StartRefused, images_decision
from handlers.domain.config.applications import Application, Revisions
from handlers.domain.deployments.revision import TaskDefinition, with_images
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.release import ColorRelease, Release
from handlers.domain.model.rollout import Rollout
from handlers.services.image_vetting import ReadableImages, pin_all_containers, vet_images
from handlers.services.ports import Ecs


def described_by_color(ecs: Ecs, revisions: Mapping[str, str]) -> dict[str, TaskDefinition]:
    """Describe each color's task definition, asking for each once.

    Raises:
        NotThere: there is none.
    """
    each = dict.fromkeys(revisions.values())
    found = {revision: ecs.task_definition(revision) for revision in each}
    return {color: found[revision] for color, revision in revisions.items()}


def planned_revisions(
    application: Application,
    release: Release,
    runs: Definitions,
    readable: ReadableImages,
    ecs: Ecs,
) -> RevisionPlan | StartRefused:
    """Say what each color is to run, or why a release does not fit what the colors run.

    Raises:
        NotThere: a color's definition has no container of a given name.
    """
    is_shared = share_one_definition(runs)
    wants_one = application.revisions is Revisions.SHARED
    refused = ""
    if release.revision:
        refused = one_for_all_refusal(runs, release.revision)
    elif release.by_color:
        refused = several_refusal(release) if wants_one else ""
    elif not is_shared:
        refused = shared_refusal(runs) if wants_one else misplaced_images(release.images, runs)
    if refused:
        return _refused(refused)
    if release.revisions:
        plan = _existing_plan(release, runs, ecs)
        swapped = swapped_families(plan.after, runs) if release.by_color else ""
        return _refused(swapped) if swapped else plan
    return _image_plan(release, runs, readable, is_shared=is_shared)


def _refused(why: str) -> StartRefused:
    return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=why)


def _existing_plan(release: Release, runs: Definitions, ecs: Ecs) -> RevisionPlan:
    after = described_by_color(ecs, {color: release.revision_for(color) for color in runs})
    notes = {color: unpinned(each) for color, each in after.items()}
    return RevisionPlan(release=release, after=after, notes=notes)


def _image_plan(
    release: Release, runs: Definitions, readable: ReadableImages, *, is_shared: bool
) -> RevisionPlan:
    """Make each color's definition of its own, or all of what the last color runs."""
    bases = dict.fromkeys(runs, [*runs.values()][-1]) if is_shared else runs
    asked = {
        color: release.images if is_shared else own_containers(release.images, base)
        for color, base in bases.items()
    }
    complete = pin_all_containers(asked, bases, readable)
    after = {color: with_images(base, complete[color].images) for color, base in bases.items()}
    notes = {color: each.notes for color, each in complete.items()}
    if is_shared:
        images = complete[next(iter(runs))].images
        return RevisionPlan(release=replace(release, images=images), after=after, notes=notes)
    by_color = {color: ColorRelease(images=each.images) for color, each in complete.items()}
    own = own_definitions_note(runs)
    return RevisionPlan(
        release=replace(release, by_color=by_color),
        after=after,
        notes={color: (*each, own) for color, each in notes.items()},
    )


def vetted_plan(
    application: Application,
    plan: RevisionPlan,
    runs: Definitions,
    readable: ReadableImages,
    earlier: Sequence[Rollout],
) -> dict[str, tuple[str, ...]] | StartRefused | MustWait:
    """Check the images that a release brings to each color; say what people are told of them.

    Args:
        application: of the release.
        plan: what each color is to run.
        runs: what each color runs.
        readable: what may be asked about.
        earlier: the application's rollouts, newest first.
    """
    told: dict[str, tuple[str, ...]] = {}
    for color, after in plan.after.items():
        pair = (runs[color], after)
        known = (told[each] for each in told if (runs[each], plan.after[each]) == pair)
        said = next(known, None)
        if said is None:
            found = _vetted(application, plan.release, color, pair, readable, earlier=earlier)
            if not isinstance(found, tuple):
                return found
            said = found
        told[color] = said
    return told


def _vetted(
    application: Application,
    release: Release,
    color: str,
    definitions: tuple[TaskDefinition, TaskDefinition],
    readable: ReadableImages,
    *,
    earlier: Sequence[Rollout],
) -> tuple[str, ...] | StartRefused | MustWait:
    """Check the images of one color, by what it runs and what it is to run."""
    asked = {application.container, *release.images_for(color)}
    try:
        found = vet_images(*definitions, asked, application.images.refuse_at, readable)
    except NotThere as error:
        return StartRefused(outcome=RolloutOutcome.IMAGE_NOT_FOUND, cause=str(error))
    revision = release.revision_for(color)
    return images_decision(found, release, application.repository, earlier, revision)
