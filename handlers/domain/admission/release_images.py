"""All images of a release: what moves with those that were asked for, and what of them is known.

A tag resolves anew for each deployment, and colors are deployed hours apart: every container of the
one revision is pinned by digest where its registry can be asked, and where not, people are told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from handlers.domain.admission.image_scan import Scans, vet
from handlers.domain.config.image_rules import RefuseAt
from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model.errors import NotThere
from handlers.domain.model.image_reference import (
    EcrRegistry,
    ImageReference,
    digest_of,
    read_image,
)
from handlers.domain.model.rollout import Rollout

MOST_NAMED: Final = 8
"""Containers in one line; the board is read on a phone."""
MOST_TEXT: Final = 60
"""Characters of what a line says of one container."""
_USUAL_TAG: Final = "latest"


class Registry(Scans, Protocol):
    """The registry."""

    def pinned(self, repository: str, tag: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class ReadableImages:
    """What may be asked about: the deployment's own registry, and the repositories of its file."""

    registry: EcrRegistry
    repositories: frozenset[str]
    images: Registry

    def why_not(self, image: ImageReference) -> str:
        """Say why an image cannot be asked about; empty where it can."""
        if image.ecr is None:
            return "is not in ECR"
        if image.ecr != self.registry:
            return "is not in this account's ECR of this region"
        if image.path not in self.repositories:
            return "is in a repository that no application of the file names"
        return ""


@dataclass(frozen=True, kw_only=True)
class ReleaseImages:
    """What containers get, and what people are told of them."""

    images: Mapping[str, str]
    """Container → `repository@sha256:…`."""
    notes: tuple[str, ...] = ()


def with_all_containers(
    asked: Mapping[str, str], base: TaskDefinition, readable: ReadableImages
) -> ReleaseImages:
    """Add to the images that were asked for those of the other containers.

    Containers that run one image move together. All others are pinned to what they run.

    Args:
        asked: container → image, pinned.
        base: the task definition that the release is made from.
        readable: what may be asked about.
    """
    runs = _images(base)
    moved, stays = dict(asked), []
    for name in sorted(runs.keys() - asked.keys()):
        same = {image for other, image in asked.items() if _is_one(runs.get(other), runs[name])}
        if len(same) == 1:
            moved[name] = same.pop()
        elif any(_is_of_one_repository(runs.get(other), runs[name]) for other in asked):
            stays.append(f"{_cut(name)} stays on {_short(runs[name])}")
    left = {name: runs[name] for name in runs.keys() - moved.keys() if not digest_of(runs[name])}
    pinned = {name: _pinned(image, readable) for name, image in left.items()}
    pinned = {name: image for name, image in pinned.items() if image}
    unknown = {name: image for name, image in left.items() if name not in pinned}
    return ReleaseImages(
        images=moved | pinned, notes=(*_together(asked, moved), *stays, *_unpinned(unknown))
    )


def unpinned(definition: TaskDefinition) -> tuple[str, ...]:
    """Say which containers of an existing revision are not pinned by a digest; often nothing."""
    runs = _images(definition)
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


def vet_images(
    before: TaskDefinition,
    after: TaskDefinition,
    asked: Collection[str],
    refuse_at: RefuseAt,
    readable: ReadableImages,
) -> ImagesVetted:
    """Look at every image that a release brings: those asked for, and any that is another now.

    Args:
        before: the definition that runs.
        after: the definition that is to run.
        asked: the containers that it is about; what cannot be asked about these does not pass.
        refuse_at: the severity of a finding from which an image is refused.
        readable: what may be asked about.

    Raises:
        NotThere: an image's tag means nothing.
    """
    ran = _images(before)
    notes: list[str] = []
    seen: set[str] = set()
    for name, text in _images(after).items():
        if text in seen or (name not in asked and ran.get(name) == text):
            continue
        seen.add(text)
        found = _vetted(text, after, refuse_at, readable)
        if found.refusal and (name in asked or found.repository):
            return found
        if found.pending:
            return found
        notes += [*found.notes, *([f"{found.image} {found.refusal}"] if found.refusal else [])]
    return ImagesVetted(notes=tuple(dict.fromkeys(notes)))


def has_run(revision: str, rollouts: Sequence[Rollout]) -> bool:
    """Tell whether colors ran a revision before: a rollout reached them all, or replaced it.

    The way back is never closed by what scans have found since.
    """
    return any(
        revision in {color.previous for color in rollout.colors.values()} for rollout in rollouts
    )


def _vetted(
    text: str, after: TaskDefinition, refuse_at: RefuseAt, readable: ReadableImages
) -> ImagesVetted:
    """Look at one image; one that cannot be asked about has a refusal and no repository."""
    image = read_image(text)
    why = readable.why_not(image) if image else "is no image that anybody could read"
    if image is None or why:
        if refuse_at is RefuseAt.NEVER:
            return ImagesVetted()
        why = f"{why}, so what its scan found is not known"
        return ImagesVetted(image=_cut(text), refusal=why)
    images, tag = readable.images, image.tag or _USUAL_TAG
    digest = image.digest or digest_of(images.pinned(image.path, tag))
    seen = vet(image.path, digest, refuse_at, after, images)
    return ImagesVetted(
        refusal=seen.refusal,
        pending=seen.pending,
        image=image.short,
        repository=image.path,
        notes=(seen.unknown,) if seen.unknown else (),
    )


def _pinned(text: str, readable: ReadableImages) -> str:
    """Return an image by its digest; empty where nobody can tell it."""
    image = read_image(text)
    if image is None or readable.why_not(image):
        return ""
    try:
        digest = digest_of(readable.images.pinned(image.path, image.tag or _USUAL_TAG))
    except NotThere:
        return ""
    return image.pinned(digest)


def _together(asked: Mapping[str, str], moved: Mapping[str, str]) -> Iterable[str]:
    for name, image in asked.items():
        others = sorted(other for other in moved if other not in asked and moved[other] == image)
        if others:
            verb = "moves" if len(others) == 1 else "move"
            yield f"{_listed(others)} {verb} with {_cut(name)}: the same image"


def _unpinned(left: Mapping[str, str]) -> tuple[str, ...]:
    named = [f"{_cut(name)} ({_cut(image)})" for name, image in sorted(left.items())]
    return (f"not pinned by a digest: {_listed(named)}",) if named else ()


def _images(definition: TaskDefinition) -> dict[str, str]:
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
    return _cut(image.short if image else text)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
