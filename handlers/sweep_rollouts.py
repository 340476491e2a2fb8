"""Look now and then for what no event tells of: ends that nobody was told, and what they left.

Step Functions sends its status events at best effort
(https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html): the one that says that
an execution was stopped may never come, and no other event follows it. A step that was slow may
put a question to people after its rollout was stopped. The last step's call that frees the
application may be refused, and Slack may be down when it draws a board; no step follows it. So
nothing but time can mend these.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from handlers import runtime, taking_turns
from handlers.cutting_short import cut_short
from handlers.domain.closing import close_questions
from handlers.domain.errors import ShingoError
from handlers.domain.outcomes import CUT_SHORT
from handlers.domain.rollout import Rollout
from handlers.domain.waiting import Lock
from handlers.observe import about, logger, traced

ENDED: Final = frozenset({"SUCCEEDED", *CUT_SHORT})
"""What Step Functions says of an execution that goes no further."""
SEARCHED: Final = 10
"""Newest rollouts of an application that are looked at, beside the one that has it."""
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
        close_questions(rollout, approvals=runtime.approvals(), audit=runtime.audit(), now=now)
        if rollout.board_is_behind or now - rollout.ended < LATELY:
            runtime.teller().show(rollout)


def _free(lock: Lock) -> None:
    """Free an application whose execution ended and left it locked.

    One that Step Functions does not know may have begun just now: it answers eventually
    (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
    """
    if runtime.executions().status(lock.execution) in ENDED:
        taking_turns.free(lock.application, lock.execution)


def _sweep(application: str) -> None:
    lock = runtime.locks().get(application)
    holder = runtime.rollouts().get(lock.rollout) if lock else None
    for rollout in _once((*runtime.rollouts().newest(application, SEARCHED), holder)):
        about(rollout)
        _mend(rollout)
    # One that is open is freed when it is closed: whoever takes the application finds it ended.
    if lock and not (holder and holder.is_open):
        _free(lock)


def _once(rollouts: Iterable[Rollout | None]) -> Iterable[Rollout]:
    return {rollout.id: rollout for rollout in rollouts if rollout}.values()


def _sweep_rollouts(_event: Any) -> None:  # noqa: ANN401  (a schedule's, which says nothing)
    failed: ShingoError | None = None
    for application in runtime.applications():
        try:
            _sweep(application)
        except ShingoError as error:
            # What cannot be mended for one must not keep the others from it, for ever.
            logger().warning("%s was not swept: %s", application, error)
            failed = error
    if failed:
        raise failed


lambda_handler = traced(_sweep_rollouts)
