"""What no event tells of: ends that nobody was told, and what they left.

Step Functions sends its status events at best effort
(https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html): the one that says that
an execution was stopped may never come, and no other event follows it. A step that was slow may
put a question to people after its rollout was stopped. The last step's call that frees the
application may be refused, and Slack may be down when it draws a board; no step follows it. So
nothing but time can mend these.

Tested in `test_sweep_rollouts.py`.
"""

from datetime import datetime, timedelta
from typing import Final

from handlers.domain.model.group import Group
from handlers.domain.model.outcomes import CUT_SHORT
from handlers.domain.model.rollout import Rollout
from handlers.observability import about, logger
from handlers.services.close_rollout import close_questions
from handlers.services.context import Context
from handlers.services.interrupted_execution import (
    close_interrupted_group,
    close_interrupted_rollout,
)
from handlers.services.rollout_lock import is_left
from handlers.services.rollout_queue import free_application

SEARCHED: Final = 10
"""Newest rollouts of an application that are looked at, beside the one that has it; and groups."""
YOUNG: Final = timedelta(minutes=5)
"""A rollout that has just begun or ended is left to its own steps and events."""
OLD: Final = timedelta(days=1)
"""One that ended longer ago than this is not looked at any more."""
_FOUND: Final = "Its end was found by looking."


def sweep_application(context: Context, application: str) -> None:
    gateways = context.gateways
    lock = gateways.locks.get(application)
    holder = gateways.rollouts.get(lock.rollout) if lock else None
    newest = gateways.rollouts.newest(application, SEARCHED)
    found = {each.id: each for each in (*newest, holder) if each}.values()
    for rollout in found:
        about(rollout)
        _mend_rollout(context, rollout)
    # An open rollout's lock is freed after its record is closed, never before.
    if lock and not (holder and holder.is_open) and is_left(context, lock):
        free_application(context, application, lock.execution)


def sweep_removed_applications(context: Context) -> None:
    """Sweep the applications that are locked, and that the settings do not have any more."""
    for lock in context.gateways.locks.all():
        if lock.application not in context.settings.applications:
            sweep_application(context, lock.application)


def sweep_groups(context: Context) -> None:
    for group in context.gateways.groups.newest(SEARCHED):
        _mend_group(context, group)


def _mend_rollout(context: Context, rollout: Rollout) -> None:
    now, gateways = context.now(), context.gateways
    if status := _untold_end(context, rollout, now):
        close_interrupted_rollout(context, rollout, status, _FOUND)
    elif _is_to_be_swept(rollout, now):
        # The index that it was found by may be behind.
        rollout = gateways.rollouts.read(rollout.id)
        close_questions(context, rollout, now)
        if not context.rollout_board.show(rollout, all_questions=True).board_is_behind:
            gateways.rollouts.mark_swept(rollout.id)


def _mend_group(context: Context, group: Group) -> None:
    now, groups = context.now(), context.gateways.groups
    if status := _untold_end(context, group, now):
        close_interrupted_group(context, group, status, _FOUND)
    elif _is_to_be_swept(group, now):
        # The index that it was found by may be behind.
        group = groups.read(group.id)
        if not context.group_board.show(group).board_is_behind:
            groups.mark_swept(group.id)


def _untold_end(context: Context, begun: Rollout | Group, now: datetime) -> str:
    """Return how an execution ended whose record is open; empty where none has."""
    if not begun.is_open or now - begun.started <= YOUNG:
        return ""
    status = context.gateways.executions.status(begun.execution)
    if status not in CUT_SHORT:
        return ""
    logger().warning("its end was not told", extra={"execution": begun.id, "status": status})
    return status


def _is_to_be_swept(begun: Rollout | Group, now: datetime) -> bool:
    """Whether a rollout or group has ended of late and may have left something.

    That is so once in any case: a slow step may have put a question, or drawn an older board over
    the end, and then ended itself.
    """
    has_ended_today = begun.ended is not None and YOUNG < now - begun.ended < OLD
    return has_ended_today and (begun.board_is_behind or not begun.is_mended)
