"""Which rollout has an application."""

from handlers import runtime
from handlers.domain.rollout import Rollout


def holder(application: str) -> Rollout | None:
    """Return the open rollout that has an application, if one has.

    The lock says so at once and for certain, which the list of the newest rollouts does not: an
    index is written later than its table, and starts that were refused stand on it as well.
    """
    lock = runtime.locks().get(application)
    rollout = runtime.rollouts().get(lock.rollout) if lock else None
    return rollout if rollout and rollout.is_open else None
