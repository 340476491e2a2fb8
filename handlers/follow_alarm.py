"""Look back at once when an alarm goes off, while a question waits with a color on the release.

The event is only a hint to look: what counts is what the look finds.

Tested in `test_reverification.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.rollout import Rollout, Stage
from handlers.domain.verification.color_observation import alarm_names
from handlers.observability import about, logger, traced
from handlers.services.context import Context
from handlers.services.reverification import (
    verify_released_colors,
    withdraw_for_late_failure,
)
from handlers.services.rollout_lock import holder


def watched_by(context: Context, alarm: str) -> list[str]:
    """Name the applications that name this alarm."""
    return [
        application.name
        for application in context.settings.applications.values()
        if any(alarm in alarm_names(application, color) for color in application.services)
    ]


def _waits(rollout: Rollout) -> bool:
    """Whether people are asked while a color runs the release."""
    is_out = any(color.stage is Stage.RELEASED for color in rollout.colors.values())
    return is_out and bool(rollout.open_questions)


def _follow_alarm(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    alarm, now = event["detail"]["alarmName"], context.now()
    for name in watched_by(context, alarm):
        rollout = holder(context, name)
        if rollout is None or not _waits(rollout):
            continue
        about(rollout)
        logger().info("alarm", extra={"alarm": alarm})
        seen = verify_released_colors(context, rollout, now)
        if seen.has_failed_late:
            withdraw_for_late_failure(context, seen, now)
        context.rollout_board.show(seen)


lambda_handler = traced(_follow_alarm)
