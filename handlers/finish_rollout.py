"""Finish a rollout: say how it ended, close its questions, free the application."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from handlers import runtime
from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.history.audit import end_entry
from handlers.domain.history.outcome_resolution import Resolution, resolve_outcome
from handlers.domain.model.errors import Refused
from handlers.domain.model.outcomes import ERRORS, RolloutOutcome
from handlers.domain.model.rollout import Rollout, Stage, short_name
from handlers.domain.verification.observation import overtaken_colors
from handlers.observability import about, count, logger, traced
from handlers.services import rollout_queue
from handlers.services.close_rollout import close
from handlers.services.context import Context
from handlers.services.open_step import reopen_if_redriven
from handlers.slack.messages import rollout_text


def result(conclusion: Resolution, rollout: Rollout | None) -> dict[str, Any]:
    """Return the execution's output: the outcome, its error name, and what each color runs."""
    colors = rollout.colors if rollout else {}
    return {
        "outcome": conclusion.outcome,
        "error": ERRORS.get(conclusion.outcome, ""),
        "cause": conclusion.cause,
        "colors": {color: rollout.runs(color) for color in colors} if rollout else {},
    }


def _settled_earlier(context: Context, rollout: Rollout, now: datetime) -> Rollout:
    """Note on the rollout whose colors this one put back that they are back.

    Its board is behind from then on, until somebody has drawn it.
    """
    earlier = context.gateways.rollouts.change(rollout.rolls_back, board_is_behind=True)
    for color in rollout.changed_colors:
        if color.stage is Stage.PUT_BACK:
            earlier = context.gateways.rollouts.change_color(
                earlier.id, color.color, now=now, stage=Stage.PUT_BACK
            )
    return earlier


def _finish_rollout(event: Mapping[str, Any]) -> dict[str, Any]:
    context = runtime.context()
    now, rollouts = context.now(), context.gateways.rollouts
    rollout = rollouts.get(event["execution"]["name"])
    if rollout is None:
        _free(context, event)
        return result(resolve_outcome(None, event["state"]), None)
    rollout = reopen_if_redriven(context, rollout)
    about(rollout)
    conclusion = _as_it_is(context, rollout, resolve_outcome(rollout, event["state"]))
    if rollout.is_open:
        # First: whoever finds the rollout closed has nothing left to do.
        ends = replace(rollout, outcome=conclusion.outcome, cause=conclusion.cause, ended=now)
        context.gateways.audit.note(end_entry(ends, now))
    closed, is_first = close(
        rollout,
        conclusion,
        rollouts=rollouts,
        approvals=context.gateways.approvals,
        audit=context.gateways.audit,
        now=now,
    )
    # After it, so that whoever takes the lock next finds this rollout ended.
    free = partial(rollout_queue.free, context, closed.application, closed.execution)
    for left in (free, partial(_tell, context, closed, now, is_first=is_first)):
        try:
            left()
        except Refused as error:
            # It has ended, and its end must not be called otherwise for what comes after.
            logger().warning("ended, and not all of it done: %s", error)
    stands = Resolution(outcome=closed.outcome or conclusion.outcome, cause=closed.cause)
    return result(stands, closed)


def _as_it_is(context: Context, rollout: Rollout, concluded: Resolution) -> Resolution:
    """Say success only of what ECS says too: a color may have been changed since it was seen."""
    if concluded.outcome is not RolloutOutcome.COMPLETED or not rollout.is_open:
        return concluded
    colors = rollout.colors.values()
    services = context.gateways.ecs.services(
        next(iter(colors)).cluster, [c.service for c in colors]
    )
    gone = overtaken_colors(rollout, services)
    if not gone:
        return concluded
    others = ", ".join(rollout.colors)
    left = f"Of {others}, the others run {short_name(rollout.release.revision)}"
    return Resolution(outcome=RolloutOutcome.SUPERSEDED, cause=sentence(*gone, left))


def _tell(context: Context, closed: Rollout, now: datetime, *, is_first: bool) -> None:
    teller = context.rollout_board
    teller.show(closed)
    if closed.rolls_back:
        teller.show(_settled_earlier(context, closed, now))
    if is_first:
        teller.announce(closed, rollout_text.final_announcement(closed))
        count("Rollouts", outcome=closed.outcome, application=closed.application)
        took = (now - closed.started).total_seconds()
        count("RolloutDuration", took, "Seconds", application=closed.application)


def _free(context: Context, event: Mapping[str, Any]) -> None:
    """Free the application of an execution that took it and got no further."""
    application = event["state"].get("application")
    if isinstance(application, str):
        rollout_queue.free(context, application, event["execution"]["arn"])


lambda_handler = traced(_finish_rollout)
