"""Closing a rollout or a group whose execution ended where nothing of ours ran.

However that was noticed: Step Functions told, or a look found it.
"""

from datetime import datetime

from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.history.audit import end_entry
from handlers.domain.history.outcome_resolution import Resolution
from handlers.domain.model.group import Group, conclude
from handlers.domain.model.outcomes import CUT_SHORT, GroupOutcome
from handlers.domain.model.rollout import Rollout, short_name
from handlers.observability import count
from handlers.services import rollout_queue
from handlers.services.close_rollout import close
from handlers.services.context import Context
from handlers.slack.messages import rollout_text


def conclusion_of(rollout: Rollout, status: str, said: str) -> Resolution:
    """Say how an execution ended that could not say so itself, and what its colors run."""
    runs = ", ".join(
        f"{color} runs {short_name(rollout.runs(color)) or 'neither release for sure'}"
        for color in rollout.colors
    )
    return Resolution(outcome=CUT_SHORT[status], cause=sentence(said, runs))


def cut_short(context: Context, rollout: Rollout, status: str, said: str, now: datetime) -> None:
    """Close a rollout; safe to do again."""
    closed, is_first = close(
        rollout,
        conclusion_of(rollout, status, said),
        rollouts=context.gateways.rollouts,
        approvals=context.gateways.approvals,
        audit=context.gateways.audit,
        now=now,
    )
    rollout_queue.free(context, closed.application, closed.execution)
    context.gateways.audit.note(end_entry(closed, now))
    teller = context.rollout_board
    teller.show(closed)
    if is_first:
        teller.announce(closed, rollout_text.final_announcement(closed))
        count("Rollouts", outcome=closed.outcome, application=closed.application)


def cut_short_group(context: Context, group: Group, status: str, said: str, now: datetime) -> None:
    """Close a group; safe to do again.

    Step Functions stops the rollouts that a stopped group waits for, and each closes its own record
    and board; those that were not begun never begin.
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
    """
    records, teller = context.gateways.groups, context.group_board
    _, cause = conclude(group, sentence(said))
    outcome = GroupOutcome(CUT_SHORT[status])
    closed = records.close(group.id, outcome=outcome, cause=cause, now=now)
    shown = teller.show(closed or records.read(group.id))
    if closed is not None:
        teller.announce_end(shown)
        count("Groups", outcome=outcome)
