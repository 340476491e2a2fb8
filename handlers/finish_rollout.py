"""Finish a rollout: say how it ended, close its questions, free the application."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.closing import close
from handlers.domain.conclusion import Conclusion, conclude
from handlers.domain.outcomes import ERRORS, Outcome
from handlers.domain.rollout import Rollout
from handlers.observe import about, count, traced
from handlers.slack import words


def result(conclusion: Conclusion, rollout: Rollout | None) -> dict[str, Any]:
    """Return the execution's output: the outcome, its error name, and what each color runs."""
    colors = rollout.colors if rollout else {}
    return {
        "outcome": conclusion.outcome,
        "error": ERRORS.get(conclusion.outcome, ""),
        "cause": conclusion.cause,
        "colors": {color: rollout.runs(color) for color in colors} if rollout else {},
    }


def _finish_rollout(event: Mapping[str, Any]) -> dict[str, Any]:
    now, rollouts = runtime.now(), runtime.rollouts()
    rollout = rollouts.get(event["execution"]["name"])
    conclusion = conclude(rollout, event["state"])
    if rollout is None:
        return result(conclusion, None)
    about(rollout)
    closed, is_first = close(
        rollout,
        conclusion,
        rollouts=rollouts,
        approvals=runtime.approvals(),
        locks=runtime.locks(),
        now=now,
    )
    teller = runtime.teller()
    teller.show(closed)
    if is_first:
        teller.announce(closed, words.final_announcement(closed))
        count("Rollouts", outcome=closed.outcome, application=closed.application)
        took = (now - closed.started).total_seconds()
        count("RolloutDuration", took, "Seconds", application=closed.application)
    stands = Conclusion(outcome=Outcome(closed.outcome), cause=closed.cause)
    return result(stands, closed)


lambda_handler = traced(_finish_rollout)
