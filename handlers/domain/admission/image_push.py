"""Images that were pushed, as ECR tells of them, and the rollouts that a push starts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from handlers.domain.config.applications import Application
from handlers.domain.history.audit import Actor, AuditEntry, EventKind, Source, start_entry
from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.image_reference import SHORT_DIGEST, digest_of
from handlers.domain.model.rollout import Rollout

REQUESTER: Final = "ecr"
"""Who has asked for a rollout that a push started. People may call themselves so: see `is_push`."""


INDICES: Final = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
_MANIFESTS: Final = INDICES | {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
}
_CONFIGURATIONS: Final = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)
_REFERS: Final = re.compile(r"sha256-[0-9a-f]{64}(\..+)?")
"""Tags of what belongs to an image, such as cosign's signatures, whose media types are an image's
(https://github.com/opencontainers/distribution-spec, "referrers tag schema")."""


@dataclass(frozen=True, kw_only=True)
class MediaTypes:
    """What is in a repository under one digest, as ECR names it (API_ImageDetail)."""

    manifest: str = ""
    artifact: str = ""
    """The media type of its configuration: an image's, a build cache's, a chart's."""


@dataclass(frozen=True, kw_only=True)
class Push:
    """One image under one tag."""

    repository: str
    tag: str
    """Empty where it has none, or where the event is not about a push."""
    digest: str
    at: datetime
    media: MediaTypes = MediaTypes()
    """As far as the event says."""


def is_of_image(event: Mapping[str, Any]) -> bool:
    """Tell whether an event is about an image: `parse_push` reads it."""
    detail = event.get("detail")
    of_images = event.get("source") in {"aws.ecr", "aws.inspector2"}
    return of_images and isinstance(detail, Mapping) and "repository-name" in detail


def parse_push(event: Mapping[str, Any]) -> Push:
    """Read an event of an image that was pushed, or replicated, or scanned by ECR or Inspector.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
    """
    detail = event["detail"]
    return Push(
        # Inspector says the repository's ARN.
        repository=detail["repository-name"].rpartition(":repository/")[2],
        tag=detail.get("image-tag", ""),
        digest=detail.get("image-digest", ""),
        at=datetime.fromisoformat(event["time"]),
        media=MediaTypes(
            manifest=detail.get("manifest-media-type", ""),
            artifact=detail.get("artifact-media-type", ""),
        ),
    )


def is_image(media: MediaTypes) -> bool | None:
    """Tell an image from a build cache, a chart, a signature; None where they do not say."""
    # A manifest's own media type in its place (MiniStack's answer) says nothing of what it is.
    if media.artifact and media.artifact not in _MANIFESTS:
        return media.artifact in _CONFIGURATIONS
    if not media.manifest or media.manifest in _MANIFESTS - INDICES:
        return None
    return media.manifest in INDICES


def starts(push: Push, application: Application) -> bool:
    """Tell whether a push starts a rollout of this application, if what was pushed is an image."""
    if push.repository != application.repository or not push.tag or _REFERS.fullmatch(push.tag):
        return False
    is_named = any(fnmatchcase(push.tag, each) for each in application.images.starts_on_push)
    return is_named and is_image(push.media) is not False


def rollout_of(
    push: Push, application: Application, newest: Sequence[Rollout]
) -> tuple[str, dict[str, object]]:
    """Return the name and the input of the execution that a push starts.

    The name is that of the digest, so that its tags are one release, and an event that comes twice
    starts one. It is also that of the release before, so that a tag that is put back to an older
    digest starts one, too.

    Args:
        push: the push.
        application: whose repository it was to.
        newest: the application's rollouts, newest first.
    """
    earlier = (each.id for each in newest if _is_another_before(each, push, application))
    occasion = f"{push.repository}@{push.digest} after {next(earlier, '')}"
    document: dict[str, object] = {
        "application": application.name,
        "tag": push.tag,
        "requestedBy": REQUESTER,
        "reason": f"{push.repository}:{push.tag} was pushed ({push.digest[:19]})",
    }
    short = push.digest.removeprefix("sha256:")[:SHORT_DIGEST]
    return execution_name(f"{application.name}-{short}", occasion), document


def is_being_released(push: Push, application: Application, newest: Sequence[Rollout]) -> bool:
    """Tell whether an open rollout releases the very digest that was pushed."""
    digests = (
        digest_of(r.release.images.get(application.container, "")) for r in newest if r.is_open
    )
    return push.digest in digests


def released_since(push: Push, newest: Sequence[Rollout]) -> str:
    """Return the id of a rollout that was asked for after a push and was not refused, if any."""
    since = (r.id for r in newest if r.started >= push.at and (r.is_open or r.has_begun))
    return next(since, "")


def _is_another_before(rollout: Rollout, push: Push, application: Application) -> bool:
    """Tell whether a rollout was of another release, and begun by the time of a push."""
    is_known = bool(rollout.release.images or rollout.release.revisions)
    digest = digest_of(rollout.release.images.get(application.container, ""))
    return rollout.started < push.at and is_known and digest != push.digest


def push_entry(
    name: str, application: Application, document: Mapping[str, object], now: datetime
) -> AuditEntry:
    """Return the entry of a push's request for a rollout, which is noted before that is started."""
    return start_entry(
        EventKind.REQUESTED,
        rollout=name,
        application=application.name,
        at=now,
        actor=Actor(id=REQUESTER, source=Source.PUSH),
        detail=str(document.get("reason") or document["tag"]),
    )


def is_push(requested: AuditEntry | None) -> bool:
    """Tell by the entry of its request whether a push asked for a rollout.

    What stands in the input does not tell: whoever may start an execution can type that.
    """
    return requested is not None and requested.source == Source.PUSH
