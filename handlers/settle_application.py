"""Settle one application of a group: note how its rollout ended; a failure stops the rest."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.group import rollout_of
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.observability import traced
from handlers.services import group_coordination
from handlers.services.context import Context


def _end_of(context: Context, name: str, state: Mapping[str, Any]) -> tuple[RolloutOutcome, str]:
    """Return the outcome and cause on the rollout's record; a fault where it has neither.

    The machine may have lost sight of a rollout (a timeout, a fault of its own): one that is still
    open then has failed as far as the group goes, and is taken back with the others.
    """
    rollout = context.gateways.rollouts.get(name)
    if rollout is not None and rollout.outcome:
        return rollout.outcome, rollout.cause
    fault = state.get("fault")
    error = fault.get("Error", "") if isinstance(fault, Mapping) else ""
    return (
        RolloutOutcome.FAULT,
        f"Its execution ended without a record ({error or 'no error name'}).",
    )


def _settle_application(event: Mapping[str, Any]) -> dict[str, str]:
    context = runtime.context()
    application, returning = event["application"], bool(event["returning"])
    group = context.gateways.groups.read(event["group"])
    member = group.members[application]
    outcome, cause = _end_of(
        context, rollout_of(group, member, returning=returning), event["state"]
    )
    group = group_coordination.record_end(
        context, group, member, outcome, cause, returning=returning
    )
    context.group_board.show(group)
    return {"outcome": outcome}


lambda_handler = traced(_settle_application)
