"""Closing a rollout or a group whose execution ended where nothing of ours ran.

However that was noticed: Step Functions told, or a look found it.
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html

Tested in `test_rollout_end.py`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.history.audit import end_entry
from handlers.domain.history.outcome_resolution import Resolution
from handlers.domain.model.execution import Execution
from handlers.domain.model.group import Group, resolve_group_outcome
from handlers.domain.model.outcomes import CUT_SHORT, GroupOutcome
from handlers.domain.model.rollout import Rollout, short_name
from handlers.observability import about, count
from handlers.services.close_rollout import close
from handlers.services.context import Context
from handlers.services.rollout_queue import free_application

Event = Mapping[str, Any]


def follow_end(context: Context, event: Event, *, of_group: bool) -> None:
    """Close the record of an execution that ended and could not say how.

    Args:
        context: what is given.
        event: Step Functions' own, of a status change.
        of_group: whether it is an execution of the group's machine.
    """
    detail = event["detail"]
    status = detail["status"]
    if status not in CUT_SHORT:
        return
    execution, gateways = _execution(detail), context.gateways
    said = detail.get("cause") or detail.get("error") or ""
    if of_group:
        group = execution.record(gateways.groups.get)
        if group is not None:
            close_interrupted_group(context, group, status, said or "It was ended from outside")
        return
    rollout = execution.record(gateways.rollouts.get)
    if rollout is None:
        _free_without_record(context, detail)
        return
    about(rollout)
    close_interrupted_rollout(context, rollout, status, said)


def close_interrupted_rollout(context: Context, rollout: Rollout, status: str, said: str) -> None:
    """Close a rollout, by the status of its execution and what is said of that; idempotent."""
    now, board = context.now(), context.rollout_board
    closed, is_first = close(context, rollout, _resolution(rollout, status, said), now)
    free_application(context, closed.application, closed.execution)
    context.gateways.audit.note(end_entry(closed, now))
    closed = board.show(closed)
    if is_first:
        board.announce_end(closed)
        count("Rollouts", outcome=closed.outcome, application=closed.application)


def close_interrupted_group(context: Context, group: Group, status: str, said: str) -> None:
    """Close a group, likewise; idempotent.

    Step Functions stops the rollouts that a stopped group waits for, and each closes its own record
    and board; those that were not begun never begin.
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
    """
    records, board = context.gateways.groups, context.group_board
    _, cause = resolve_group_outcome(group, sentence(said))
    outcome = GroupOutcome(CUT_SHORT[status])
    closed = records.close(group.id, outcome=outcome, cause=cause, now=context.now())
    shown = board.show(closed or records.read(group.id))
    if closed is not None:
        board.announce_end(shown)
        count("Groups", outcome=outcome)


def _execution(detail: Mapping[str, Any]) -> Execution:
    """Read which execution an event is about; its times are milliseconds."""
    started = datetime.fromtimestamp(detail["startDate"] / 1_000, UTC)
    return Execution(arn=detail["executionArn"], name=detail["name"], started=started)


def _resolution(rollout: Rollout, status: str, said: str) -> Resolution:
    """Say how an execution ended that could not say so itself, and what its colors run."""
    runs = ", ".join(
        f"{color} runs {short_name(rollout.runs(color)) or 'neither release for sure'}"
        for color in rollout.colors
    )
    return Resolution(outcome=CUT_SHORT[status], cause=sentence(said, runs))


def _free_without_record(context: Context, detail: Mapping[str, Any]) -> None:
    """Free the application of an execution that took it and ended before it had a record."""
    document = json.loads(detail.get("input") or "null")
    application = document.get("application") if isinstance(document, dict) else None
    if isinstance(application, str):
        free_application(context, application, detail["executionArn"])
