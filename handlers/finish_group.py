"""Finish a group: say how it ended; first, have put back what is to go back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers import runtime
from handlers.domain.model.errors import Refused
from handlers.domain.model.group import GROUP_ERRORS, PUT_BACK, Group, Part, conclude, goes_back
from handlers.domain.model.outcomes import GroupOutcome
from handlers.observability import count, logger, traced
from handlers.services.context import Context
from handlers.services.group_coordination import note_ended, note_left_ahead


def result(group: Group) -> dict[str, Any]:
    """Return the execution's output: the outcome, its error name, and each application's end."""
    return {
        "outcome": group.outcome,
        "error": GROUP_ERRORS.get(group.outcome, "") if group.outcome else "",
        "cause": group.cause,
        "applications": {m.application: m.part for m in group.in_turn},
    }


def _without_record(fault: str) -> dict[str, Any]:
    error = GROUP_ERRORS[GroupOutcome.FAULT]
    return {"outcome": GroupOutcome.FAULT, "error": error, "cause": fault, "applications": {}}


def _faulty(state: Mapping[str, Any]) -> str:
    """Say what went wrong outside of any application: in preparing, or in a Map itself."""
    for key in ("fault", "rollouts", "back"):
        error = state.get(key)
        if isinstance(error, Mapping):
            return f"A step failed ({error.get('Error') or 'no error name'})."
    return ""


def _finish_group(event: Mapping[str, Any]) -> dict[str, Any]:
    context = runtime.context()
    state, name, now = event["state"], event["execution"]["name"], context.now()
    group, fault = context.gateways.groups.get(name), _faulty(state)
    if group is None:
        return _without_record(fault or "It was not prepared.")
    if group.is_open:
        group = note_ended(context, group, is_over=True)
    if group.is_open and goes_back(group):
        # Once, whatever came of it: a way back is not tried for ever.
        if "back" not in state:
            return {"next": PUT_BACK, "group": group.id, "applications": _completed(group)}
        group = note_left_ahead(context, group)
    outcome, cause = conclude(group, fault)
    closed = context.gateways.groups.close(name, outcome=outcome, cause=cause, now=now)
    ended = closed or context.gateways.groups.read(name)
    try:
        _tell(context, ended, now, is_first=closed is not None)
    except Refused as error:
        # It has ended, and its end must not be called otherwise for what comes after.
        logger().warning("ended, and not all of it told: %s", error)
    return result(ended)


def _tell(context: Context, ended: Group, now: datetime, *, is_first: bool) -> None:
    shown = context.group_board.show(ended)
    if is_first:
        context.group_board.announce_end(shown)
        count("Groups", outcome=shown.outcome)
        count("GroupDuration", (now - shown.started).total_seconds(), "Seconds")


def _completed(group: Group) -> list[str]:
    return [member.application for member in group.of(Part.COMPLETED)]


lambda_handler = traced(_finish_group)
