"""What the thread is told of a color's deployment and of its rollback."""

from handlers.domain.model.outcomes import DeploymentOutcome, RolloutOutcome
from handlers.domain.model.rollout import short_name
from handlers.slack.messages.markup import plain
from handlers.slack.messages.rollout_text import OUTCOMES


def deployment_started(color: str, revision: str, *, returning: bool) -> str:
    if returning:
        return f"Putting {color} back to {short_name(revision)}."
    return f"Deploying {short_name(revision)} to {color}."


def deployment_ended(color: str, outcome: DeploymentOutcome, detail: str) -> str:
    if outcome is DeploymentOutcome.COMPLETED:
        return f"{color} is deployed; verifying it."
    return f"{color}: {OUTCOMES[RolloutOutcome(outcome)]} {plain(detail)}".strip()


def color_put_back(color: str, revision: str, detail: str = "") -> str:
    if detail:
        return f"{color} could not be put back to {short_name(revision)}: {plain(detail)}"
    return f"{color} is back on {short_name(revision)}."
