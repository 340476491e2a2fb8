"""Taking a rollout back: the record says so, which every step obeys, and its waits are ended.

The machine then goes on to roll back at once.

Tested in `test_roll_back_color.py`.
"""

from handlers.domain.approvals.approval import mention
from handlers.domain.history.audit import SHINGO, Actor, rollback_entry
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services.approvals import Reply
from handlers.services.context import Context
from handlers.services.decisions import withdraw_open_questions
from handlers.services.prerequisites import end_wait_of
from handlers.services.task_tokens import yield_to_rollback


def request_rollback(
    context: Context, rollout: Rollout, decision: Decision, actor: Actor
) -> tuple[Rollout, Decision]:
    """Record that a rollout is to go back; idempotent.

    Returns:
        The rollout, and the decision that stands: the first that was made.
    """
    rollout = context.gateways.rollouts.ask_rollback_once(rollout.id, decision)
    stands = rollout.roll_back_asked or decision
    if stands.by == actor.id:
        context.gateways.audit.note(rollback_entry(rollout, stands, actor))
    return rollout, stands


def take_back(context: Context, rollout: Rollout, decision: Decision, actor: Actor) -> Reply:
    """Record that a rollout is to go back, then end every wait that is open; idempotent."""
    rollout, stands = request_rollback(context, rollout, decision, actor)
    if stands.by != actor.id:
        return Reply(counts=False, text=f"{mention(stands.by)} was first: it is being ended.")
    withdraw_open_questions(context, rollout, stands)
    end_wait_of(context, rollout, stands.outcome)
    for color in rollout.colors.values():
        if color.deployment:
            _end_deployment_wait(context, rollout, color.service_arn)
    return Reply(counts=True)


def take_back_with_group(context: Context, rollout: Rollout, why: str) -> None:
    """Take an open rollout back because another application of the same release failed."""
    take_back(context, rollout, _with_group(context, why), SHINGO)


def request_rollback_with_group(context: Context, rollout: Rollout, why: str) -> Rollout:
    """Record that a rollout is to go back with its group, and return it; its step sees to it."""
    return request_rollback(context, rollout, _with_group(context, why), SHINGO)[0]


def _with_group(context: Context, why: str) -> Decision:
    outcome = DecisionOutcome.STOPPED_WITH_GROUP
    return Decision(outcome=outcome, by=SHINGO.id, at=context.now(), reason=why)


def _end_deployment_wait(context: Context, rollout: Rollout, service: str) -> None:
    """End the wait for the deployment of the release to a service (ARN)."""
    wait = context.gateways.waits.get(service) if service else None
    if wait is not None and wait.rollout == rollout.id and not wait.returning:
        yield_to_rollback(context, wait.token)
