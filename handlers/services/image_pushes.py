"""What follows from a push: it wakes who waits for the image, and may start a rollout.

Tested in `test_rollout_queue.py` and `test_lost_events.py`.
"""

from collections.abc import Mapping
from typing import Any, Final

from handlers.domain.admission.image_push import (
    Push,
    is_being_released,
    is_image,
    parse_push,
    push_entry,
    released_since,
    rollout_of,
    starts,
)
from handlers.domain.config.applications import Application
from handlers.domain.model.errors import NotPushed
from handlers.domain.model.image_reference import digest_of
from handlers.domain.model.prerequisite import Awaits
from handlers.domain.model.rollout import Rollout
from handlers.observability import logger
from handlers.services.context import Context
from handlers.services.prerequisites import follow_image

SEARCHED: Final = 50
"""Rollouts among which the last of another release is looked for."""


def follow_push(context: Context, event: Mapping[str, Any], *, was_lost: bool = False) -> None:
    """Wake what waits for an image, and start the rollouts that its push starts; idempotent.

    Args:
        context: what is given.
        event: of an image that was pushed, replicated or scanned.
        was_lost: whether it is found after its delivery had failed. What was released since stands
            then: a push that is told hours later must not take its place.
    """
    push = parse_push(event)
    for application in context.settings.applications.values():
        if application.repository != push.repository:
            continue
        woken = follow_image(context, application)
        if starts(push, application) and not _is_asked_for(context, push, woken):
            _start(context, push, application, was_lost=was_lost)


def _start(context: Context, push: Push, application: Application, *, was_lost: bool) -> None:
    """Start the rollout of an image; ECR says what it is where its event does not."""
    gateways = context.gateways
    if is_image(push.media) is None:
        media = gateways.images.media_types(push.repository, push.digest)
        if is_image(media) is False:
            return
    newest = gateways.rollouts.newest(application.name, SEARCHED)
    if is_being_released(push, application, newest):
        return
    if was_lost and (since := released_since(push, newest)):
        logger().warning("a lost push starts nothing", extra={"released_since": since})
        return
    name, document = rollout_of(push, application, newest)
    logger().info("push", extra={"starts": name})
    gateways.audit.note(push_entry(name, application, document, context.now()))
    gateways.executions.start(name, document)


def _is_asked_for(context: Context, push: Push, waiting: Rollout | None) -> bool:
    """Tell whether a rollout waits for this very image already, under whatever tag."""
    if waiting is None or waiting.release.name == push.tag:
        return waiting is not None
    if waiting.awaits is None or waiting.awaits.kind is not Awaits.IMAGE:
        return False
    try:
        pinned = context.gateways.images.pinned(push.repository, waiting.release.name)
    except NotPushed:
        return False
    return digest_of(pinned) == push.digest
