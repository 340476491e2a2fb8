"""The questions that are open: those of the rollouts that have their applications.

Tested in `test_approvals.py`.
"""

from handlers.domain.approvals.approval import Approval
from handlers.domain.model.rollout import Rollout
from handlers.services.context import Context
from handlers.services.rollout_lock import holder


def open_questions(context: Context) -> list[tuple[Rollout, Approval]]:
    """Return the open question of each application that has one, with its rollout."""
    holders = (holder(context, name) for name in context.settings.applications)
    asked = ((rollout, _question_of(context, rollout)) for rollout in holders if rollout)
    return [(rollout, approval) for rollout, approval in asked if approval is not None]


def _question_of(context: Context, rollout: Rollout) -> Approval | None:
    for question in rollout.open_questions:
        approval = context.gateways.approvals.get(question)
        if approval is not None and approval.decision is None:
            return approval
    return None
