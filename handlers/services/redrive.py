"""Taking up a rollout again that was ended from outside, once its execution is redriven.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from handlers.domain.model.errors import Refused
from handlers.domain.model.lock_and_wait import Lock
from handlers.domain.model.rollout import Rollout
from handlers.services.context import Context


def resumed(context: Context, rollout: Rollout) -> Rollout:
    """Return an open rollout as it is, and one that was cut short as it is once it goes on.

    Where its execution does not run, a step is only late: the rollout stays ended. Where it does,
    the rollout needs its application again, as it left it: somebody else may have it by now, or may
    have put its colors back or released something else.

    Raises:
        Refused: another rollout holds the application, or has had it since.
    """
    if not rollout.was_cut_short or not context.gateways.executions.is_running(rollout.execution):
        return rollout
    (newest, *_) = context.gateways.rollouts.newest(rollout.application, 1) or [rollout]
    if newest.id != rollout.id:
        raise Refused(f"{rollout.application} was rolled out by {newest.id} since.")
    lock = Lock(application=rollout.application, execution=rollout.execution, rollout=rollout.id)
    holder = context.gateways.locks.take(lock)
    if holder.execution != lock.execution:
        raise Refused(f"{rollout.application} is being rolled out by {holder.rollout} by now.")
    return context.gateways.rollouts.reopen(rollout)
