"""Finish a rollout: say how it ended, close its questions, free the application."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers import runtime, taking_turns
from handlers.domain.audit import ended
from handlers.domain.closing import close
from handlers.domain.conclusion import Conclusion, conclude
from handlers.domain.outcomes import ERRORS, Outcome
from handlers.domain.rollout import Rollout, Stage
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


def _settled_earlier(rollout: Rollout, now: datetime) -> Rollout:
    """Note on the rollout whose colors this one put back that they are back."""
    earlier = runtime.rollouts().read(rollout.rolls_back)
    for color in rollout.changed_colors:
        if color.stage is Stage.PUT_BACK:
            earlier = runtime.rollouts().change_color(
                earlier.id, color.color, now=now, stage=Stage.PUT_BACK
            )
    return earlier


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
    taking_turns.wake_next(closed.application)
    runtime.audit().note(ended(closed, now))
    teller = runtime.teller()
    teller.show(closed)
    if closed.rolls_back:
        teller.show(_settled_earlier(closed, now))
    if is_first:
        teller.announce(closed, words.final_announcement(closed))
        count("Rollouts", outcome=closed.outcome, application=closed.application)
        took = (now - closed.started).total_seconds()
        count("RolloutDuration", took, "Seconds", application=closed.application)
    stands = Conclusion(outcome=Outcome(closed.outcome), cause=closed.cause)
    return result(stands, closed)


lambda_handler = traced(_finish_rollout)
