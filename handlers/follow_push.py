"""Wake the rollouts that wait for an image when ECR says that one was pushed or scanned.

A push starts a rollout, too, where the application's file says so. The event is only a hint to
look: it may be late or doubled, and the name of what it starts is made of its own words.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.admission.image_push import Push, parse_push, rollout_of, starts
from handlers.domain.config.applications import Application
from handlers.domain.model.prerequisite import image_wait
from handlers.domain.model.rollout import Rollout
from handlers.observability import about, logger, traced
from handlers.services import prerequisites


def _wake(application: Application) -> Rollout | None:
    """Look for the image that a rollout of the application waits for; return that rollout."""
    wait = runtime.waits().get(image_wait(application.name))
    rollout = runtime.rollouts().get(wait.rollout) if wait else None
    waits = rollout is not None and rollout.is_open and rollout.awaits is not None
    if wait is None or rollout is None or not waits or rollout.waits_its_turn:
        return None
    about(rollout)
    prerequisites.look_for_image(rollout, wait.token, runtime.now())
    return rollout


def _start(push: Push, application: str) -> None:
    name, document = rollout_of(push, application)
    logger().info("push", extra={"starts": name})
    runtime.executions().start(name, document)


def _follow_push(event: Mapping[str, Any]) -> None:
    push = parse_push(event)
    for application in runtime.applications().values():
        if application.repository != push.repository:
            continue
        woken = _wake(application)
        # Somebody has asked for this very image already.
        is_asked_for = woken is not None and woken.release.name == push.tag
        if starts(push, application) and not is_asked_for:
            _start(push, application.name)


lambda_handler = traced(_follow_push)
