"""All images of a release: what moves with those that were asked for, and what of them is known.

A tag resolves anew for each deployment, and colors are deployed hours apart: every container of the
one revision is pinned by digest where its registry can be asked, and where not, people are told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.domain.approvals.revision_diff import MAX_NAMES, cut
from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model.image_reference import (
    digest_of,
    read_image,
)
from handlers.domain.model.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class ReleaseImages:
    """What containers get, and what people are told of them."""

    images: Mapping[str, str]
    """Container → `repository@sha256:…`."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MovedImages:
    """The images of all containers, as far as that follows from what was asked for."""

    images: Mapping[str, str]
    """Container → image, of those asked for and of those that move with them."""
    notes: tuple[str, ...]
    left: Mapping[str, str]
    """Container → what it runs, without a digest."""


def moved_images(asked: Mapping[str, str], base: TaskDefinition) -> MovedImages:
    """Say which containers move: those asked for, and those that run one image with one of them.

    Args:
        asked: container → image, pinned.
        base: the task definition that the release is made from.
    """
    runs = images_of(base)
    moved, stays = dict(asked), []
    for name in sorted(runs.keys() - asked.keys()):
        same = {image for other, image in asked.items() if _is_one(runs.get(other), runs[name])}
        if len(same) == 1:
            moved[name] = same.pop()
        elif any(_is_of_one_repository(runs.get(other), runs[name]) for other in asked):
            stays.append(f"{cut(name)} stays on {_short(runs[name])}")
    left = {name: runs[name] for name in runs.keys() - moved.keys() if not digest_of(runs[name])}
    return MovedImages(images=moved, notes=(*_together(asked, moved), *stays), left=left)


def with_pinned(moved: MovedImages, pinned: Mapping[str, str]) -> ReleaseImages:
    """Add the images of the containers that stay, pinned as far as somebody could tell them."""
    unknown = {name: image for name, image in moved.left.items() if name not in pinned}
    return ReleaseImages(
        images={**moved.images, **pinned}, notes=(*moved.notes, *_unpinned(unknown))
    )


def brought_images(
    before: TaskDefinition, after: TaskDefinition, asked: Collection[str]
) -> dict[str, str]:
    """Return the images that a release brings, each once: container → image."""
    ran, found = images_of(before), dict[str, str]()
    for name, text in images_of(after).items():
        if text not in found.values() and (name in asked or ran.get(name) != text):
            found[name] = text
    return found


def unpinned(definition: TaskDefinition) -> tuple[str, ...]:
    """Say which containers of an existing revision are not pinned by a digest; often nothing."""
    runs = images_of(definition)
    return _unpinned({name: image for name, image in runs.items() if not digest_of(image)})


@dataclass(frozen=True, kw_only=True)
class ImagesVetted:
    """What came of looking at a release's images."""

    refusal: str = ""
    """Why one may not run."""
    pending: str = ""
    """The digest (`sha256:…`) of what is still to be scanned."""
    image: str = ""
    """Which one that is about, as people call it."""
    repository: str = ""
    """Where that is; empty where it cannot be asked about."""
    notes: tuple[str, ...] = ()


def has_run(revision: str, rollouts: Sequence[Rollout]) -> bool:
    """Tell whether colors ran a revision before: a rollout reached them all, or replaced it.

    The way back is never closed by what scans have found since.
    """
    return any(
        revision in {color.previous for color in rollout.colors.values()} for rollout in rollouts
    )


def _together(asked: Mapping[str, str], moved: Mapping[str, str]) -> Iterable[str]:
    for name, image in asked.items():
        others = sorted(other for other in moved if other not in asked and moved[other] == image)
        if others:
            verb = "moves" if len(others) == 1 else "move"
            yield f"{_listed(others)} {verb} with {cut(name)}: the same image"


def _unpinned(left: Mapping[str, str]) -> tuple[str, ...]:
    named = [f"{cut(name)} ({cut(image)})" for name, image in sorted(left.items())]
    return (f"not pinned by a digest: {_listed(named)}",) if named else ()


def images_of(definition: TaskDefinition) -> dict[str, str]:
    """Return the images of a revision, by container."""
    return {str(each["name"]): str(each["image"]) for each in definition["containerDefinitions"]}


def _is_one(one: str | None, other: str) -> bool:
    """Tell whether two containers run one image: the same repository, tag and digest."""
    before, after = read_image(one or ""), read_image(other)
    return one == other or (before is not None and before == after)


def _is_of_one_repository(one: str | None, other: str) -> bool:
    before, after = read_image(one or ""), read_image(other)
    return before is not None and after is not None and before.repository == after.repository


def _short(text: str) -> str:
    image = read_image(text)
    return cut(image.short if image else text)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MAX_NAMES])
    return shown if len(names) <= MAX_NAMES else f"{shown} and {len(names) - MAX_NAMES} more"
