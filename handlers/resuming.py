"""Taking up a rollout again that was ended from outside, once its execution is redriven.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from handlers import runtime
from handlers.domain.errors import Refused
from handlers.domain.rollout import Rollout
from handlers.domain.waiting import Lock


def resumed(rollout: Rollout) -> Rollout:
    """Return an open rollout as it is, and one that was cut short as it is once it goes on.

    Where its execution does not run, a step is only late: the rollout stays ended. Where it does,
    the rollout needs its application again, which somebody else may have taken meanwhile.

    Raises:
        Refused: another rollout holds the application.
    """
    if not rollout.was_cut_short or not runtime.executions().is_running(rollout.execution):
        return rollout
    lock = Lock(application=rollout.application, execution=rollout.execution, rollout=rollout.id)
    holder = runtime.locks().take(lock)
    if holder.execution != lock.execution:
        raise Refused(f"{rollout.application} is being rolled out by {holder.rollout} by now.")
    return runtime.rollouts().reopen(rollout)
