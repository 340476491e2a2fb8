"""Whose turn it is: one rollout an application, and of those that pushes started the newest.

Tested in `test_image_push.py`.
"""

from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Rollout


def gives_way(rollout: Rollout, other: Rollout) -> bool:
    """Tell whether a rollout ends because the other one is of a newer push.

    What people asked for is never ended by a push, nor is what they have said yes to.
    """
    both_pushed = rollout.is_by_push and other.is_by_push
    is_older = (rollout.started, rollout.id) < (other.started, other.id)
    answered = any(color.decision is not None for color in rollout.colors.values())
    is_untouched = not answered and not rollout.changed_colors
    # One that is being ended for another reason needs no second one.
    is_ending = rollout.roll_back_asked is not None and not is_superseded(rollout)
    return both_pushed and is_older and is_untouched and rollout.is_open and not is_ending


def is_superseded(rollout: Rollout) -> bool:
    """Tell whether a rollout is being ended for a newer push."""
    asked = rollout.roll_back_asked
    return asked is not None and asked.outcome == DecisionOutcome.SUPERSEDED_BY_PUSH
