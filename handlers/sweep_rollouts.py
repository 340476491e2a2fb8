"""Look now and then for what no event tells of: ends that nobody was told, and what they left.

Step Functions sends its status events at best effort
(https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html): the one that says that
an execution was stopped may never come, and no other event follows it. A step that was slow may
put a question to people after its rollout was stopped. The last step's call that frees the
application may be refused, and Slack may be down when it draws a board; no step follows it. So
nothing but time can mend these.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from handlers import runtime
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.group import Group
from handlers.domain.model.lock_and_wait import Lock
from handlers.domain.model.outcomes import CUT_SHORT, GOES_NO_FURTHER
from handlers.domain.model.rollout import Rollout
from handlers.observability import about, logger, traced
from handlers.services import rollout_queue
from handlers.services.close_rollout import close_questions
from handlers.services.interrupted_execution import cut_short, cut_short_group

SEARCHED: Final = 10
"""Newest rollouts of an application that are looked at, beside the one that has it; and groups."""
YOUNG: Final = timedelta(minutes=5)
"""What has just begun or ended is somebody else's to deal with."""
OLD: Final = timedelta(days=1)
"""And what ended so long ago was mended, or cannot be."""
_FOUND: Final = "Its end was found by looking."


def _sweep(application: str) -> None:
    """Mend what an application's rollouts left."""
    lock = runtime.locks().get(application)
    holder = runtime.rollouts().get(lock.rollout) if lock else None
    newest = runtime.rollouts().newest(application, SEARCHED)
    found = {each.id: each for each in (*newest, holder) if each}.values()
    for rollout in found:
        about(rollout)
        _mend(rollout)
    # One that is open is freed when it is closed: whoever takes the application finds it ended.
    if lock and not (holder and holder.is_open):
        _free(lock)


def _mend(rollout: Rollout) -> None:
    now = runtime.now()
    if status := _untold(rollout):
        cut_short(rollout, status, _FOUND, now)
    elif _is_to_be_mended(rollout):
        # The index that it was found by may be behind.
        rollout = runtime.rollouts().read(rollout.id)
        close_questions(rollout, approvals=runtime.approvals(), audit=runtime.audit(), now=now)
        if not runtime.teller().show(rollout).board_is_behind:
            runtime.rollouts().change(rollout.id, is_mended=True)


def _free(lock: Lock) -> None:
    """Free an application whose execution ended and left it locked.

    One that Step Functions does not know may have begun just now: it answers eventually
    (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
    """
    if runtime.executions().status(lock.execution) in GOES_NO_FURTHER:
        rollout_queue.free(lock.application, lock.execution)


def _mend_group(group: Group) -> None:
    if status := _untold(group):
        cut_short_group(group, status, _FOUND, runtime.now())
    elif _is_to_be_mended(group):
        # The index that it was found by may be behind.
        group = runtime.group_records().read(group.id)
        if not runtime.group_teller().show(group).board_is_behind:
            runtime.group_records().change(group.id, is_mended=True)


def _untold(begun: Rollout | Group) -> str:
    """Return how an execution ended whose record is open; empty where none has."""
    if not begun.is_open or runtime.now() - begun.started <= YOUNG:
        return ""
    status = runtime.executions().status(begun.execution)
    if status not in CUT_SHORT:
        return ""
    logger().warning("its end was not told", extra={"execution": begun.id, "status": status})
    return status


def _is_to_be_mended(begun: Rollout | Group) -> bool:
    """Whether one has ended and may have left something.

    That is so once in any case: a slow step may have put a question, or drawn an older board over
    the end, and then ended itself.
    """
    return _has_ended_today(begun) and (begun.board_is_behind or not begun.is_mended)


def _has_ended_today(begun: Rollout | Group) -> bool:
    return begun.ended is not None and YOUNG < runtime.now() - begun.ended < OLD


def _sweep_groups() -> None:
    for group in runtime.group_records().newest(SEARCHED):
        _mend_group(group)


def _sweep_rollouts(_event: Any) -> None:  # noqa: ANN401  (a schedule's, which says nothing)
    sweeps: list[Callable[[], None]] = [partial(_sweep, name) for name in runtime.applications()]
    failed = []
    for sweep in (*sweeps, _sweep_groups):
        try:
            sweep()
        except ShingoError as error:
            # What cannot be mended for one must not keep the others from it, for ever.
            logger().warning("not all was swept: %s", error)
            failed.append(error)
    if failed:
        raise failed[0]


lambda_handler = traced(_sweep_rollouts)
