"""Asking the registry about all images of a release: their digests, platforms and scans.

What moves with those that were asked for, and what people are told, is decided in
`domain/admission/release_images.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.domain.admission.image_scan import (
    ImageFinding,
    platform_finding,
    run_by,
    scan_finding,
    wanted_architecture,
)
from handlers.domain.admission.release_images import (
    ImagesVetted,
    ReleaseImages,
    brought_images,
    moved_images,
    with_pinned,
)
from handlers.domain.approvals.revision_diff import cut
from handlers.domain.config.image_rules import RefuseAt
from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model.errors import NotThere
from handlers.domain.model.image_reference import (
    EcrRegistry,
    ImageReference,
    digest_of,
    read_image,
)
from handlers.services.ports import Images

_USUAL_TAG: Final = "latest"


@dataclass(frozen=True, kw_only=True)
class ReadableImages:
    """What may be asked about: the deployment's own registry, and the repositories of its file."""

    registry: EcrRegistry
    repositories: frozenset[str]
    images: Images

    def why_not(self, image: ImageReference) -> str:
        """Say why an image cannot be asked about; empty where it can."""
        if image.ecr is None:
            return "is not in ECR"
        if image.ecr != self.registry:
            return "is not in this account's ECR of this region"
        if image.path not in self.repositories:
            return "is in a repository that no application of the file names"
        return ""


def pin_all_containers(
    asked: Mapping[str, Mapping[str, str]],
    bases: Mapping[str, TaskDefinition],
    readable: ReadableImages,
) -> dict[str, ReleaseImages]:
    """Add to the images that were asked for those of each color's other containers.

    Containers that run one image move together. All others are pinned to what they run: one tag to
    one digest, in whatever color.

    Args:
        asked: color → container → image, pinned.
        bases: color → the task definition that its revision is made from.
        readable: what may be asked about.
    """
    moved = {color: moved_images(asked[color], base) for color, base in bases.items()}
    left = dict.fromkeys(image for each in moved.values() for image in each.left.values())
    pins = {image: pin for image in left if (pin := _pinned(image, readable))}
    return {
        color: with_pinned(each, {c: pins[i] for c, i in each.left.items() if i in pins})
        for color, each in moved.items()
    }


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
    notes: list[str] = []
    for name, text in brought_images(before, after, asked).items():
        found = _vetted(text, after, refuse_at, readable)
        if found.refusal and (name in asked or found.repository):
            return found
        if found.pending:
            return found
        notes += [*found.notes, *([f"{found.image} {found.refusal}"] if found.refusal else [])]
    return ImagesVetted(notes=tuple(dict.fromkeys(notes)))


def vet_image(
    repository: str, digest: str, refuse_at: RefuseAt, runs: TaskDefinition, images: Images
) -> ImageFinding:
    """Say what the registry knows of one image; no more is asked than is configured or named."""
    wanted, scans_count = wanted_architecture(runs), refuse_at is not RefuseAt.NEVER
    manifests = images.manifests(repository, digest) if wanted or scans_count else ()
    found = platform_finding(manifests, wanted)
    if found.refusal or not scans_count:
        return found
    for scanned in run_by(manifests, runs) or (digest,):
        decided = scan_finding(scanned, images.scan(repository, scanned), refuse_at)
        if decided is not None:
            return decided
    return found


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
        return ImagesVetted(image=cut(text), refusal=why)
    images, tag = readable.images, image.tag or _USUAL_TAG
    digest = image.digest or digest_of(images.pinned(image.path, tag))
    seen = vet_image(image.path, digest, refuse_at, after, images)
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
