"""How a rollout ends by its own last step: its record, its application and what people are told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.history.audit import end_entry
from handlers.domain.history.outcome_resolution import Resolution, resolve_outcome
from handlers.domain.model.errors import Refused
from handlers.domain.model.execution import Execution
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout, Stage
from handlers.domain.verification.color_evidence import overtaken_colors
from handlers.observability import about, count, logger
from handlers.services.close_rollout import close
from handlers.services.context import Context
from handlers.services.open_step import reopen_if_redriven
from handlers.services.rollout_queue import free_application


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How an execution ended, and the record of its rollout, if it has one."""

    resolution: Resolution
    rollout: Rollout | None = None


def finish_rollout(context: Context, execution: Execution, state: Mapping[str, object]) -> Ended:
    """Close a rollout by what the state machine carries, free its application, and tell people.

    Args:
        context: what is given.
        execution: which one.
        state: what it carries on entering its last step.
    """
    now, gateways = context.now(), context.gateways
    rollout = execution.record(gateways.rollouts.get)
    if rollout is None:
        # It took the application, and got no further.
        application = state.get("application")
        if isinstance(application, str):
            free_application(context, application, execution.arn)
        return Ended(resolution=resolve_outcome(None, state))
    rollout = reopen_if_redriven(context, rollout)
    about(rollout)
    resolution = _check_success(context, rollout, resolve_outcome(rollout, state))
    if rollout.is_open:
        # Before it is closed: a run that finds it closed does not write the entry any more.
        ends = replace(rollout, outcome=resolution.outcome, cause=resolution.cause, ended=now)
        gateways.audit.note(end_entry(ends, now))
    closed, is_first = close(context, rollout, resolution, now)
    # After it is closed, so that the next holder of the lock finds this rollout ended.
    free = partial(free_application, context, closed.application, closed.execution)
    for left in (free, partial(_report_end, context, closed, now, is_first=is_first)):
        try:
            left()
        except Refused as error:
            # It has ended, and its end must not be called otherwise for what comes after.
            logger().warning("ended, and not all of it done: %s", error)
    stands = closed.outcome or resolution.outcome
    return Ended(resolution=Resolution(outcome=stands, cause=closed.cause), rollout=closed)


def _check_success(context: Context, rollout: Rollout, resolution: Resolution) -> Resolution:
    """Say success only of what ECS says too: a color may have been changed since it was seen."""
    if resolution.outcome is not RolloutOutcome.COMPLETED or not rollout.is_open:
        return resolution
    colors = rollout.colors.values()
    cluster, names = next(iter(colors)).cluster, [color.service for color in colors]
    gone = overtaken_colors(rollout, context.gateways.ecs.services(cluster, names))
    if not gone:
        return resolution
    others = ", ".join(rollout.colors)
    left = f"Of {others}, the others run {rollout.released_text}"
    return Resolution(outcome=RolloutOutcome.SUPERSEDED, cause=sentence(*gone, left))


def _report_end(context: Context, closed: Rollout, now: datetime, *, is_first: bool) -> None:
    """Draw the boards that the end changes, announce it and count it."""
    board = context.rollout_board
    closed = board.show(closed)
    if closed.rolls_back:
        board.show(_record_put_back(context, closed, now))
    if is_first:
        board.announce_end(closed)
        count("Rollouts", outcome=closed.outcome, application=closed.application)
        took = (now - closed.started).total_seconds()
        count("RolloutDuration", took, "Seconds", application=closed.application)


def _record_put_back(context: Context, rollout: Rollout, now: datetime) -> Rollout:
    """Record on the rollout whose colors this one put back that they are back, and return it.

    Its board is behind from then on, until somebody has drawn it.
    """
    rollouts = context.gateways.rollouts
    earlier = rollouts.mark_board(rollout.rolls_back, is_behind=True)
    for color in rollout.changed_colors:
        if color.stage is Stage.PUT_BACK:
            earlier = rollouts.change_color(earlier.id, color.color, now=now, stage=Stage.PUT_BACK)
    return earlier
