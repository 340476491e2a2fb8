"""Deploy the release to one color, and wait for ECS by task token."""

from collections.abc import Mapping
from typing import Any

from handlers import grouping, runtime, waiting
from handlers.domain.release import Revisions, revision_for
from handlers.domain.rollout import Rollout
from handlers.domain.step import parse_step
from handlers.holding import must_hold
from handlers.looking_back import has_failed_late
from handlers.observe import about, traced
from handlers.resuming import resumed


def revision_of(rollout: Rollout, revisions: Revisions) -> str:
    """Return the one revision of this rollout, made from what the last color ran before it."""
    if rollout.release.revision:
        return rollout.release.revision
    last = list(rollout.colors.values())[-1]
    return revision_for(rollout.release, revisions.task_definition(last.previous), revisions)


def _deploy_color(event: Mapping[str, Any]) -> None:
    step, now = parse_step(event), runtime.now()
    rollout = resumed(runtime.rollouts().read(step.rollout))
    about(rollout, step.color)
    if not rollout.is_open:
        return
    if waiting.has_ended(rollout, step.color, returning=False):
        waiting.answer(rollout, step.color, step.token, returning=False)
        return
    rollout = grouping.heed(rollout)
    # An answer may have come just before a color that was let through turned bad.
    if rollout.roll_back_asked or has_failed_late(rollout):
        waiting.give_way(step.token)
        return
    must_hold(rollout)
    if not rollout.release.revision:
        revision = revision_of(rollout, runtime.ecs())
        rollout = runtime.rollouts().change(rollout.id, **{"release.revision": revision})
    waiting.bring(waiting.errand(rollout, step.color, returning=False), step, now)


lambda_handler = traced(_deploy_color)
