"""What a slash command does, and what its answer says."""

from typing import Final

from handlers.domain.model.execution_names import EXECUTION_NAME
from handlers.services import rollout_start
from handlers.services.capacity_answer import capacity_answer
from handlers.services.context import Context
from handlers.services.rollout_actions import cancel_rollout, find_rollout
from handlers.services.rollout_start import SEARCHED, Typed
from handlers.slack.command_parser import (
    ApplicationCommand,
    CancelCommand,
    CapacityCommand,
    EvidenceCommand,
    HelpCommand,
    HistoryCommand,
    RollbackCommand,
    StartCommand,
    StartGroupCommand,
    StatusCommand,
    parse_command,
)
from handlers.slack.messages import evidence_text, history_text
from handlers.slack.messages.usage_text import did_you_mean, usage

LISTED: Final = 10
"""Rollouts that are told."""


def run_command(context: Context, text: str, typed: Typed) -> str:
    command, known = parse_command(text), tuple(context.settings.applications)
    if isinstance(command, HelpCommand):
        return did_you_mean(command.meant) if command.meant else usage(known, command.missing)
    if isinstance(command, StartCommand):
        return rollout_start.start_rollout(context, command, typed)
    if isinstance(command, StartGroupCommand):
        return rollout_start.start_group(context, command, typed)
    if command.application and command.application not in known:
        unknown = history_text.unknown_application(command.application, known)
        return f"{unknown}\n\n{usage(known)}"
    return _run_about_one(context, command, typed)


def read_command(context: Context, text: str) -> str:
    """Answer a command that only reads, again; empty for one that does something."""
    reads = HelpCommand | StatusCommand | HistoryCommand | EvidenceCommand | CapacityCommand
    if not isinstance(parse_command(text), reads):
        return ""
    return run_command(context, text, Typed(user="", trigger=""))


def is_shareable(text: str) -> bool:
    """Whether the answer to a command is of use to a channel: what is, was or was seen."""
    shared = StatusCommand | HistoryCommand | EvidenceCommand | CapacityCommand
    return isinstance(parse_command(text), shared)


def _run_about_one(context: Context, command: ApplicationCommand, typed: Typed) -> str:
    match command:
        case StatusCommand():
            return _status(context, command.application)
        case HistoryCommand():
            return _history(context, command)
        case EvidenceCommand():
            return _evidence(context, command)
        case CapacityCommand():
            return capacity_answer(context, command.application)
        case RollbackCommand():
            return rollout_start.start_rollback(context, command, typed)
        case CancelCommand():
            return cancel_rollout(context, command.application, typed.user)


def _status(context: Context, application: str) -> str:
    now, rollouts = context.now(), context.gateways.rollouts
    names = [application] if application else sorted(context.settings.applications)
    return "\n\n".join(
        history_text.status_text(name, rollouts.newest(name, LISTED), now) for name in names
    )


def _history(context: Context, command: HistoryCommand) -> str:
    audit = context.gateways.audit
    if command.rollout:
        known = EXECUTION_NAME.fullmatch(command.rollout)
        entries = audit.entries(command.rollout) if known else []
        own = [entry for entry in entries if entry.application == command.application]
        if not own:
            return history_text.unknown_rollout(command.application, command.rollout)
        return history_text.audit_trail(command.rollout, own)
    rollouts = context.gateways.rollouts.newest(command.application, LISTED)
    listed = history_text.history_list(command.application, rollouts)
    if not rollouts:
        return listed
    newest = rollouts[0].id
    return f"{listed}\n\n{history_text.audit_trail(newest, audit.entries(newest))}"


def _evidence(context: Context, command: EvidenceCommand) -> str:
    name = command.application
    if command.rollout:
        rollout = find_rollout(context, command.rollout)
        if rollout is None or rollout.application != name:
            return history_text.unknown_rollout(name, command.rollout)
        return evidence_text.rollout_evidence(rollout)
    newest = context.gateways.rollouts.newest(name, SEARCHED)
    seen = (each for each in newest if any(color.evidence for color in each.colors.values()))
    found = next(seen, None)
    return evidence_text.rollout_evidence(found) if found else evidence_text.no_evidence(name)
