"""A rollout in the stores that asks about red, as request_approval leaves it."""

from handlers.domain.approvals.question import asked_by
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.rollout import Rollout, Stage
from simulator.in_memory_stores import InMemoryRollouts
from tests.support.builders import NOW

QUESTION = "question-red"


def ask_about_red(rollouts: InMemoryRollouts, rollout: Rollout, rules: ApprovalRules) -> None:
    """Record the question about red, which no message shows yet."""
    rollouts.ask_about(
        rollout.id,
        rollout.colors["red"],
        now=NOW,
        asked={QUESTION: asked_by(rules, is_about_health=False)},
        stage=Stage.ASKING,
        approval=QUESTION,
    )
