"""Which rollout has an application. Tested in `test_open_step.py`."""

from handlers.domain.model.errors import Refused
from handlers.domain.model.lock_and_wait import Lock
from handlers.domain.model.rollout import Rollout
from handlers.services.context import Context


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
    locks, executions = context.gateways.locks, context.gateways.executions
    lock = Lock(application=rollout.application, execution=rollout.execution, rollout=rollout.id)
    holder = locks.take(lock)
    if holder.execution != lock.execution and not executions.is_running(holder.execution):
        holder = locks.take(lock, instead_of=holder.execution)
    return holder


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
