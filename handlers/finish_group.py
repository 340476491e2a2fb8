"""Finish a group: say how it ended; first, have put back what is to go back.

Tested in `test_group_verbs.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.execution import parse_execution
from handlers.domain.model.group import GROUP_ERRORS, PUT_BACK
from handlers.observability import traced
from handlers.services.group_end import GroupEnded, MustPutBack, finish_group


def group_output(ended: GroupEnded) -> dict[str, Any]:
    """Return the execution's output: the outcome, its error name, and each application's end."""
    return {
        "outcome": ended.outcome,
        "error": GROUP_ERRORS.get(ended.outcome, ""),
        "cause": ended.cause,
        "applications": dict(ended.parts),
    }


def _fault(state: Mapping[str, Any]) -> str:
    """Say what went wrong outside of any application: in preparing, or in a Map itself."""
    for key in ("fault", "rollouts", "back"):
        error = state.get(key)
        if isinstance(error, Mapping):
            return f"A step failed ({error.get('Error') or 'no error name'})."
    return ""


def _finish_group(event: Mapping[str, Any]) -> dict[str, Any]:
    state, execution = event["state"], parse_execution(event["execution"])
    ended = finish_group(runtime.context(), execution, _fault(state), has_gone_back="back" in state)
    if isinstance(ended, MustPutBack):
        return {"next": PUT_BACK, "group": ended.group, "applications": list(ended.applications)}
    return group_output(ended)


lambda_handler = traced(_finish_group)
