"""Look now and then for rollouts whose end nobody was told, and for what their end left behind.

Step Functions sends its status events at best effort
(https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html): the one that says that
an execution was stopped may never come, and no other event follows it. Slack may be down when the
last step draws a board, and no other step follows that. So nothing but time can mend these two.
"""

from datetime import timedelta
from typing import Any, Final

from handlers import runtime
from handlers.cutting_short import cut_short
from handlers.domain.outcomes import CUT_SHORT
from handlers.domain.rollout import Rollout
from handlers.observe import about, logger, traced

SEARCHED: Final = 10
"""Newest rollouts of an application that are looked at."""
YOUNG: Final = timedelta(minutes=5)
"""What has just begun or ended is somebody else's to deal with."""


LATELY: Final = YOUNG + timedelta(minutes=16)
"""Whose board is drawn once more in any case: a slow step may have drawn an older one over its end
and ended itself, and by now none is left that could."""
OLD: Final = timedelta(days=1)
"""And what ended so long ago was mended, or cannot be."""


def _mend(rollout: Rollout) -> None:
    now = runtime.now()
    if rollout.is_open and now - rollout.started > YOUNG:
        status = runtime.executions().status(rollout.execution)
        if status in CUT_SHORT:
            logger().warning("its end was not told", extra={"status": status})
            cut_short(rollout, status, "Its end was found by looking.", now)
    elif rollout.ended and YOUNG < now - rollout.ended < OLD:
        runtime.locks().free(rollout.application, rollout.execution)
        if rollout.board_is_behind or now - rollout.ended < LATELY:
            runtime.teller().show(rollout)


def _sweep_rollouts(_event: Any) -> None:  # noqa: ANN401  (a schedule's, which says nothing)
    for name in runtime.applications():
        for rollout in runtime.rollouts().newest(name, SEARCHED):
            about(rollout)
            _mend(rollout)


lambda_handler = traced(_sweep_rollouts)
