"""Look back at once when an alarm goes off, while a question waits with a color on the release.

The event is only a hint to look: what counts is what the look finds.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.rollout import Rollout, Stage
from handlers.domain.verification.observation import alarm_names
from handlers.observability import about, logger, traced
from handlers.services.reverification import has_failed_late, look_back, withdraw_questions
from handlers.services.rollout_lock import holder


def watched_by(alarm: str) -> list[str]:
    """Name the applications that name this alarm."""
    return [
        application.name
        for application in runtime.applications().values()
        if any(alarm in alarm_names(application, color) for color in application.services)
    ]


def _waits(rollout: Rollout) -> bool:
    """Whether people are asked while a color runs the release."""
    is_out = any(color.stage is Stage.RELEASED for color in rollout.colors.values())
    return is_out and bool(rollout.open_questions)


def _follow_alarm(event: Mapping[str, Any]) -> None:
    alarm, now = event["detail"]["alarmName"], runtime.now()
    for name in watched_by(alarm):
        rollout = holder(name)
        if rollout is None or not _waits(rollout):
            continue
        about(rollout)
        logger().info("alarm", extra={"alarm": alarm})
        seen = look_back(rollout, now)
        if has_failed_late(seen):
            withdraw_questions(seen, now)
        runtime.teller().show(seen)


lambda_handler = traced(_follow_alarm)
