"""Which revisions carry a release: one for all colors, or one of each color's own definition.

The usual Terraform modules make a family for each service, with its own role, memory and
environment. Colors whose definitions differ in more than images keep theirs, with the release's
images. One that differs in images alone is left of a rollout that was stopped: no definition of its
own. `docs/decisions/one-revision.md` says why.

Tested in `test_own_definitions.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.domain.admission.release_images import images_of
from handlers.domain.approvals.revision_diff import (
    MAX_LINES,
    MAX_NAMES,
    MAX_REPOSITORY,
    cut,
    revision_changes,
)
from handlers.domain.deployments.revision import TaskDefinition, is_same, without_images
from handlers.domain.model.image_reference import read_image
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import Rollout, short_name

Definitions = Mapping[str, TaskDefinition]
"""Color → a task definition, in the order of a release."""


@dataclass(frozen=True, kw_only=True)
class RevisionPlan:
    """What each color is to run."""

    release: Release
    after: Definitions
    """As it is described by ECS, or is to be registered."""
    notes: Mapping[str, Sequence[str]]
    """Color → what people are told of its images."""


def share_one_definition(runs: Definitions) -> bool:
    """Tell whether colors run the same but for images, so that one revision serves them all."""
    first, *others = map(without_images, runs.values())
    return all(is_same(first, other) for other in others)


def shared_refusal(runs: Definitions) -> str:
    """Say why one revision, which the settings insist on, does not serve all colors."""
    *others, (last, base) = runs.items()
    bare = without_images(base)
    found = {color: revision_changes(bare, without_images(each)) for color, each in others}
    differ = "; ".join(
        f"{color}, {_name(runs[color])}: {', '.join(_shortened(lines, MAX_NAMES))}"
        for color, lines in found.items()
        if not is_same(bare, without_images(runs[color]))
    )
    return (
        f'revisions = "shared" wants one revision for all colors, and their definitions differ '
        f"from {_name(base)}, which {last} runs. {differ}. {_to_unite(runs)}"
    )


def one_for_all_refusal(runs: Definitions, revision: str) -> str:
    """Say why one revision that was asked for does not serve all colors; empty where it may.

    Colors of one family may be brought to one revision of whatever content.
    """
    if len({each["family"] for each in runs.values()}) == 1:
        return ""
    return (
        f"{short_name(revision)} is one revision, and the colors have families of their own: "
        f"{_named(runs)}. {_to_unite(runs)}"
    )


def several_refusal(release: Release) -> str:
    """Say that the settings insist on one revision, where several were asked for; else nothing."""
    if len(release.revisions) == 1:
        return ""
    named = ", ".join(map(short_name, release.revisions))
    return (
        f'revisions = "shared" wants one revision for all colors, and these are several: {named}.'
    )


def swapped_families(after: Definitions, runs: Definitions) -> str:
    """Say which colors would get a revision of the family that another one runs; often nothing.

    All may be brought to one family: then none keeps another.

    Args:
        after: what each color is to run.
        runs: what each color runs.
    """
    ran = {color: each["family"] for color, each in runs.items()}
    others = {
        color: each["family"] for color, each in after.items() if each["family"] != ran[color]
    }
    wrong = [color for color, family in others.items() if family in ran.values()]
    if not wrong or len({each["family"] for each in after.values()}) == 1:
        return ""
    told = ", ".join(
        f"{_name(after[color])} for {color}, which runs {ran[color]}" for color in wrong
    )
    return f"A color would get another one's definition: {told}."


def own_containers(asked: Mapping[str, str], definition: TaskDefinition) -> dict[str, str]:
    """Return the images that were asked for by the containers of one color's own definition.

    One that it does not have by that name (some name it after the service) is known by its
    repository, where all its containers of that repository run one image.

    Args:
        asked: container → image, pinned.
        definition: what the color runs.
    """
    runs, found = images_of(definition), dict[str, str]()
    for name, image in asked.items():
        same = [each for each, text in runs.items() if _place(text) == _place(image)]
        is_one = len({runs[each] for each in same}) == 1 and not found.keys() & set(same)
        found |= dict.fromkeys([name] if name in runs or not is_one else same, image)
    return found


def misplaced_images(asked: Mapping[str, str], runs: Definitions) -> str:
    """Say which colors run another repository where a release's image would go; often nothing.

    A container of all colors may move to another repository; one that has different ones is not
    the same container.

    Args:
        asked: container → image, pinned.
        runs: what each color runs.
    """
    found = []
    for name, image in asked.items():
        images = {color: images_of(each).get(name) for color, each in runs.items()}
        ran = {color: text for color, text in images.items() if text is not None}
        others = [color for color, text in ran.items() if _place(text) != _place(image)]
        if others and len({_place(text) for text in ran.values()}) > 1:
            told = ", ".join(f"{color} runs {cut(ran[color])}" for color in others)
            found.append(f"container {cut(name)} would get {_called(image)}, and {told}")
    if not found:
        return ""
    return f"{'; '.join(found)}: in another repository, it is another container. {_to_unite(runs)}"


def with_changes(rollout: Rollout, told: Mapping[str, Sequence[str]]) -> Rollout:
    """Record what changes for each color: once where it is the same for all.

    Args:
        rollout: its record.
        told: color → a line for each change.
    """
    lines = {color: tuple(each) for color, each in told.items()}
    if len(set(lines.values())) == 1:
        return replace(rollout, changes=next(iter(lines.values())))
    most = MAX_LINES // len(lines)
    colors = {
        color: replace(progress, changes=_shortened(lines[color], most))
        for color, progress in rollout.colors.items()
    }
    return replace(rollout, colors=colors)


def own_definitions_note(runs: Definitions) -> str:
    """Say that each color keeps its own definition, and which that is."""
    return f"each color keeps its own definition: {_named(runs)}"


def _to_unite(runs: Definitions) -> str:
    """Say how colors are brought to a revision each, or all to one."""
    each = ", ".join(f'"{color}": "{_name(definition)}"' for color, definition in runs.items())
    return f'Name one for each color, which may be the same: "taskDefinitions": {{{each}}}.'


def _shortened(lines: tuple[str, ...], most: int) -> tuple[str, ...]:
    left = len(lines) - most
    return (*lines[: most - 1], f"and {left + 1} more") if left > 0 else lines


def _named(runs: Definitions) -> str:
    return ", ".join(f"{color} {_name(each)}" for color, each in runs.items())


def _name(definition: TaskDefinition) -> str:
    return short_name(str(definition["taskDefinitionArn"]))


def _place(text: str) -> Iterable[object]:
    """Return where an image is kept: its registry, whatever host names it, and its path."""
    image = read_image(text)
    return (image.ecr or image.registry, image.path) if image else (text,)


def _called(text: str) -> str:
    image = read_image(text)
    return cut(image.repository if image else text, MAX_REPOSITORY)
