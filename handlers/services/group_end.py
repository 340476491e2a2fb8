"""How a group ends: first, what is to go back is put back; then its record says how it ended.

Tested in `test_group_verbs.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.domain.model.errors import Refused
from handlers.domain.model.execution import Execution
from handlers.domain.model.group import Group, Part, goes_back, resolve_group_outcome
from handlers.domain.model.outcomes import GroupOutcome
from handlers.observability import count, logger
from handlers.services.context import Context
from handlers.services.group_members import record_ended_members, record_not_put_back


@dataclass(frozen=True, kw_only=True)
class MustPutBack:
    """The group has failed, and these of its applications are to go back first."""

    group: str
    applications: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GroupEnded:
    outcome: GroupOutcome
    cause: str
    parts: Mapping[str, Part]
    """Application → where it was left."""


def finish_group(
    context: Context, execution: Execution, fault: str, *, has_gone_back: bool
) -> MustPutBack | GroupEnded:
    """Close a group and tell people, unless some of it is to be put back first.

    Args:
        context: what is given.
        execution: its own.
        fault: what went wrong outside of any application; empty where nothing did.
        has_gone_back: whether it was tried to put back what is to go back.
    """
    groups = context.gateways.groups
    group = execution.record(groups.get)
    if group is None:
        cause = fault or "It was not prepared."
        return GroupEnded(outcome=GroupOutcome.FAULT, cause=cause, parts={})
    if group.is_open:
        group = record_ended_members(context, group, is_over=True)
    if group.is_open and goes_back(group):
        # Once, whatever came of it: a way back is not tried for ever.
        if not has_gone_back:
            completed = tuple(member.application for member in group.of(Part.COMPLETED))
            return MustPutBack(group=group.id, applications=completed)
        group = record_not_put_back(context, group)
    return close_group(context, group, *resolve_group_outcome(group, fault))


def close_group(context: Context, group: Group, outcome: GroupOutcome, cause: str) -> GroupEnded:
    """Record how a group ended, unless that is recorded already, and tell people once."""
    now, groups = context.now(), context.gateways.groups
    closed = groups.close(group.id, outcome=outcome, cause=cause, now=now)
    ended = closed or groups.read(group.id)
    try:
        _report_end(
            context, ended, took=(now - ended.started).total_seconds(), is_first=bool(closed)
        )
    except Refused as error:
        # It has ended, and its end must not be called otherwise for what comes after.
        logger().warning("ended, and not all of it told: %s", error)
    parts = {member.application: member.part for member in ended.in_turn}
    return GroupEnded(outcome=GroupOutcome(ended.outcome), cause=ended.cause, parts=parts)


def _report_end(context: Context, ended: Group, *, took: float, is_first: bool) -> None:
    shown = context.group_board.show(ended)
    if is_first:
        context.group_board.announce_end(shown)
        count("Groups", outcome=shown.outcome)
        count("GroupDuration", took, "Seconds")
