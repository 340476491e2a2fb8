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
from handlers.services.context import Context
from handlers.services.interrupted_execution import cut_short, cut_short_group

SEARCHED: Final = 10
"""Newest rollouts of an application that are looked at, beside the one that has it; and groups."""
YOUNG: Final = timedelta(minutes=5)
"""What has just begun or ended is somebody else's to deal with."""
OLD: Final = timedelta(days=1)
"""And what ended so long ago was mended, or cannot be."""
_FOUND: Final = "Its end was found by looking."


def _sweep(context: Context, application: str) -> None:
    """Mend what an application's rollouts left."""
    lock = context.gateways.locks.get(application)
    holder = context.gateways.rollouts.get(lock.rollout) if lock else None
    newest = context.gateways.rollouts.newest(application, SEARCHED)
    found = {each.id: each for each in (*newest, holder) if each}.values()
    for rollout in found:
        about(rollout)
        _mend(context, rollout)
    # One that is open is freed when it is closed: whoever takes the application finds it ended.
    if lock and not (holder and holder.is_open):
        _free(context, lock)


def _mend(context: Context, rollout: Rollout) -> None:
    now = context.now()
    if status := _untold(context, rollout):
        cut_short(context, rollout, status, _FOUND, now)
    elif _is_to_be_mended(context, rollout):
        # The index that it was found by may be behind.
        rollout = context.gateways.rollouts.read(rollout.id)
        close_questions(
            rollout, approvals=context.gateways.approvals, audit=context.gateways.audit, now=now
        )
        if not context.rollout_board.show(rollout).board_is_behind:
            context.gateways.rollouts.change(rollout.id, is_mended=True)


def _free(context: Context, lock: Lock) -> None:
    """Free an application whose execution ended and left it locked.

    One that Step Functions does not know may have begun just now: it answers eventually
    (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
    """
    if context.gateways.executions.status(lock.execution) in GOES_NO_FURTHER:
        rollout_queue.free(context, lock.application, lock.execution)


def _mend_group(context: Context, group: Group) -> None:
    if status := _untold(context, group):
        cut_short_group(context, group, status, _FOUND, context.now())
    elif _is_to_be_mended(context, group):
        # The index that it was found by may be behind.
        group = context.gateways.groups.read(group.id)
        if not context.group_board.show(group).board_is_behind:
            context.gateways.groups.change(group.id, is_mended=True)


def _untold(context: Context, begun: Rollout | Group) -> str:
    """Return how an execution ended whose record is open; empty where none has."""
    if not begun.is_open or context.now() - begun.started <= YOUNG:
        return ""
    status = context.gateways.executions.status(begun.execution)
    if status not in CUT_SHORT:
        return ""
    logger().warning("its end was not told", extra={"execution": begun.id, "status": status})
    return status


def _is_to_be_mended(context: Context, begun: Rollout | Group) -> bool:
    """Whether one has ended and may have left something.

    That is so once in any case: a slow step may have put a question, or drawn an older board over
    the end, and then ended itself.
    """
    return _has_ended_today(context, begun) and (begun.board_is_behind or not begun.is_mended)


def _has_ended_today(context: Context, begun: Rollout | Group) -> bool:
    return begun.ended is not None and YOUNG < context.now() - begun.ended < OLD


def _sweep_groups(context: Context) -> None:
    for group in context.gateways.groups.newest(SEARCHED):
        _mend_group(context, group)


def _sweep_rollouts(_event: Any) -> None:  # noqa: ANN401  (a schedule's, which says nothing)
    context = runtime.context()
    sweeps: list[Callable[[], None]] = [
        *(partial(_sweep, context, name) for name in context.settings.applications),
        partial(_sweep_groups, context),
    ]
    failed = []
    for sweep in sweeps:
        try:
            sweep()
        except ShingoError as error:
            # What cannot be mended for one must not keep the others from it, for ever.
            logger().warning("not all was swept: %s", error)
            failed.append(error)
    if failed:
        raise failed[0]


lambda_handler = traced(_sweep_rollouts)
