"""Finish a rollout: say how it ended, close its questions, free the application.

Tested in `test_rollout_end.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.execution import parse_execution
from handlers.domain.model.outcomes import ERRORS
from handlers.observability import traced
from handlers.services.rollout_end import Ended, finish_rollout


def rollout_output(ended: Ended) -> dict[str, Any]:
    """Return the execution's output: the outcome, its error name, and what each color runs."""
    rollout, outcome = ended.rollout, ended.resolution.outcome
    return {
        "outcome": outcome,
        "error": ERRORS.get(outcome, ""),
        "cause": ended.resolution.cause,
        "colors": {color: rollout.runs(color) for color in rollout.colors} if rollout else {},
    }


def _finish_rollout(event: Mapping[str, Any]) -> dict[str, Any]:
    execution = parse_execution(event["execution"])
    ended = finish_rollout(runtime.context(), execution, event["state"])
    return rollout_output(ended)


lambda_handler = traced(_finish_rollout)
