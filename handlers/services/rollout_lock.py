"""Which rollout has an application. Tested in `test_open_step.py`."""

from datetime import timedelta
from typing import Final

from handlers.domain.model.errors import Refused
from handlers.domain.model.lock_and_wait import Lock
from handlers.domain.model.outcomes import GOES_NO_FURTHER
from handlers.domain.model.rollout import Rollout
from handlers.services.context import Context

KNOWN_WITHIN: Final = timedelta(minutes=15)
"""By when Step Functions knows an execution that has begun."""


def holder(context: Context, application: str) -> Rollout | None:
    """Return the open rollout that has an application, if one has.

    The lock says so at once and for certain, which the list of the newest rollouts does not: an
    index is written later than its table, and starts that were refused stand on it as well.
    """
    lock = context.gateways.locks.get(application)
    rollout = context.gateways.rollouts.get(lock.rollout) if lock else None
    return rollout if rollout and rollout.is_open else None


def take(context: Context, rollout: Rollout) -> Lock:
    """Take the application for a rollout, also from an execution that ended and left it locked.

    Returns:
        The lock as it then stands: the rollout's, or another's that still runs.
    """
    locks = context.gateways.locks
    holder = locks.take(lock_of(context, rollout))
    if holder.execution != rollout.execution and is_left(context, holder):
        holder = locks.take(lock_of(context, rollout), instead_of=holder.execution)
    return holder


def lock_of(context: Context, rollout: Rollout) -> Lock:
    """Return the lock that gives a rollout its application from now on."""
    return Lock(
        application=rollout.application,
        execution=rollout.execution,
        rollout=rollout.id,
        since=context.now(),
    )


def is_left(context: Context, lock: Lock) -> bool:
    """Tell whether an execution has ended and left its application locked.

    One that Step Functions does not know may have begun just now: it answers eventually
    (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
    Long after it took the lock, it is one that Step Functions knows no more.
    """
    status = context.gateways.executions.status(lock.execution)
    is_old = lock.since is not None and context.now() - lock.since > KNOWN_WITHIN
    return status in GOES_NO_FURTHER or (not status and is_old)


def require_lock(context: Context, rollout: Rollout) -> None:
    """Make sure that a rollout has its application, before it changes anything.

    Its execution may have been stopped, have left the application to another, and been redriven,
    all before anybody was told of the stop.

    Raises:
        Refused: it has not.
    """
    lock = context.gateways.locks.get(rollout.application)
    if lock is None or lock.execution != rollout.execution:
        by = f"is being rolled out by {lock.rollout}" if lock else "was given to another rollout"
        raise Refused(f"{rollout.application} {by} by now.")
