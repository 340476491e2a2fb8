"""Images that were pushed, as ECR tells of them, and the rollouts that a push starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from handlers.domain.config.applications import Application
from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.rollout import Rollout

REQUESTER: Final = "ecr"
"""Who has asked for a rollout that a push started."""


@dataclass(frozen=True, kw_only=True)
class Push:
    """One image under one tag."""

    repository: str
    tag: str
    """Empty where it has none, or where the event is not about a push."""
    digest: str


def parse_push(event: Mapping[str, Any]) -> Push:
    """Read ECR's event of an image that was pushed, or of one that was scanned.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    """
    detail = event["detail"]
    return Push(
        repository=detail["repository-name"],
        tag=detail.get("image-tag", ""),
        digest=detail.get("image-digest", ""),
    )


def starts(push: Push, application: Application) -> bool:
    """Tell whether a push starts a rollout of this application."""
    if push.repository != application.repository or not push.tag:
        return False
    return any(fnmatchcase(push.tag, each) for each in application.images.starts_on_push)


def rollout_of(push: Push, application: str) -> tuple[str, dict[str, object]]:
    """Return the name and the input of the execution that a push starts.

    Both are made of the event's words alone, so that an event that comes twice starts one.
    """
    occasion = f"{push.repository}:{push.tag}@{push.digest}"
    document: dict[str, object] = {
        "application": application,
        "tag": push.tag,
        "requestedBy": REQUESTER,
        "reason": f"{push.repository}:{push.tag} was pushed ({push.digest[:19]})",
    }
    return execution_name(f"{application}-{push.tag}", occasion), document


def is_by_push(rollout: Rollout) -> bool:
    """Tell whether a rollout was started by a push, so that a newer push may take its place."""
    return rollout.requested_by == REQUESTER
