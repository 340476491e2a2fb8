"""What a slash command does. Its answer is private: it is for the one who typed it alone."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from handlers import http
from handlers.domain.admission.group_request import parse_group
from handlers.domain.admission.rollout_request import InvalidInput, parse_request
from handlers.domain.capacity.packing import CapacityReport, CapacityTools, measure_capacity
from handlers.domain.history.audit import REQUEST_ID, AuditEntry, EventKind, Source
from handlers.domain.model.errors import ShingoError
from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout, short_name
from handlers.services import rollback
from handlers.services.approvals import KNOWN_ID
from handlers.services.context import Context
from handlers.slack.command_parser import (
    ApplicationCommand,
    CancelCommand,
    CapacityCommand,
    Command,
    EvidenceCommand,
    HelpCommand,
    HistoryCommand,
    RollbackCommand,
    StartCommand,
    StartGroupCommand,
    StatusCommand,
    parse_command,
)
from handlers.slack.messages import capacity_text, evidence_text, history_text
from handlers.slack.messages.markup import plain
from handlers.slack.messages.rollout_text import title
from handlers.slack.messages.usage_text import did_you_mean, usage

PATIENCE: Final = 1.5
"""Seconds that AWS has to answer in, of Slack's three; a cold start takes of them too."""
LISTED: Final = 10
"""Rollouts that are told."""
SEARCHED: Final = 50
"""Rollouts among which the last completed one is looked for."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """Who typed a command, and what tells this time from any other."""

    user: str
    trigger: str


def on_command(context: Context, form: Mapping[str, str]) -> http.Response:
    """Carry out a slash command."""
    typed = Typed(user=form.get("user_id", ""), trigger=form.get("trigger_id", ""))
    said = _carried_out(context, parse_command(form.get("text", "")), typed)
    return http.document({"response_type": "ephemeral", "text": said})


def _carried_out(context: Context, command: Command, typed: Typed) -> str:
    known = tuple(context.settings.applications)
    if isinstance(command, HelpCommand):
        return did_you_mean(command.meant) if command.meant else usage(known, command.missing)
    if isinstance(command, StartCommand):
        return _start(context, command, typed)
    if isinstance(command, StartGroupCommand):
        return _start_group(context, command, typed)
    if command.application and command.application not in known:
        unknown = history_text.unknown_application(command.application, known)
        return f"{unknown}\n\n{usage(known)}"
    return _about_one(context, command, typed)


def _about_one(context: Context, command: ApplicationCommand, typed: Typed) -> str:
    match command:
        case StatusCommand():
            return _status(context, command.application)
        case HistoryCommand():
            return _history(context, command)
        case EvidenceCommand():
            return _evidence(context, command)
        case CapacityCommand():
            return _capacity(context, command.application)
        case RollbackCommand():
            return _roll_back(context, command, typed)
        case CancelCommand():
            return rollback.cancel(context, command.application, typed.user)


def _start(context: Context, command: StartCommand, typed: Typed) -> str:
    document = {
        "application": command.application,
        "tag": command.tag,
        "requestedBy": typed.user,
    } | ({"reason": command.reason} if command.reason else {})
    started = f"Starting {command.application} {command.tag}. Its board will follow here."
    return _begin(context, f"{command.application}-{command.tag}", document, typed) or started


def _start_group(context: Context, command: StartGroupCommand, typed: Typed) -> str:
    """Start a group, unless it cannot be one; each of its rollouts notes its own request."""
    known = tuple(context.settings.applications)
    document = {
        "applications": list(command.applications),
        "tag": command.tag,
        "requestedBy": typed.user,
    } | ({"reason": command.reason} if command.reason else {})
    try:
        parse_group(document, known)
    except InvalidInput as error:
        return f"{plain(str(error))}\n\n{usage(known)}"
    name = execution_name(f"{'-'.join(command.applications)}-{command.tag}", typed.trigger)
    context.gateways.group_executions.start(name, document)
    names = ", ".join(command.applications)
    return f"Starting {names} {command.tag} as one release. Its board will follow here."


def _begin(context: Context, what: str, document: Mapping[str, object], typed: Typed) -> str:
    """Start a rollout, unless it cannot be one; then return why.

    The request is noted first, so that preparing does not note it as the API's.
    """
    known = tuple(context.settings.applications)
    try:
        request = parse_request(document, known)
    except InvalidInput as error:
        application = str(document["application"])
        named = application if application in known else ""
        name = execution_name("refused", typed.trigger)
        _note(context, EventKind.REFUSED_START, name, named, detail=str(error), typed=typed)
        return f"{plain(str(error))}\n\n{usage(known)}"
    name = execution_name(what, typed.trigger)
    asked = short_name(request.tag or request.task_definition)
    detail = f"{asked}: {request.reason}" if request.reason else asked
    _note(context, EventKind.REQUESTED, name, request.application, detail=detail, typed=typed)
    context.gateways.executions.start(name, document)
    return ""


def _note(
    context: Context, kind: EventKind, rollout: str, application: str, *, detail: str, typed: Typed
) -> None:
    entry = AuditEntry(
        rollout=rollout,
        application=application,
        at=context.now(),
        kind=kind,
        actor=typed.user,
        source=Source.SLACK,
        detail=detail,
        id=REQUEST_ID,
    )
    context.gateways.audit.note(entry)


def _status(context: Context, application: str) -> str:
    now, rollouts = context.now(), context.gateways.rollouts
    names = [application] if application else sorted(context.settings.applications)
    return "\n\n".join(
        history_text.status_text(name, rollouts.newest(name, LISTED), now) for name in names
    )


def _history(context: Context, command: HistoryCommand) -> str:
    if command.rollout:
        known = KNOWN_ID.fullmatch(command.rollout)
        entries = context.gateways.audit.entries(command.rollout) if known else []
        own = [entry for entry in entries if entry.application == command.application]
        if not own:
            return history_text.unknown_rollout(command.application, command.rollout)
        return history_text.audit_trail(command.rollout, own)
    rollouts = context.gateways.rollouts.newest(command.application, LISTED)
    told = [history_text.history_list(command.application, rollouts)]
    if rollouts:
        told.append(
            history_text.audit_trail(rollouts[0].id, context.gateways.audit.entries(rollouts[0].id))
        )
    return "\n\n".join(told)


def _evidence(context: Context, command: EvidenceCommand) -> str:
    name = command.application
    if command.rollout:
        known = KNOWN_ID.fullmatch(command.rollout)
        rollout = context.gateways.rollouts.get(command.rollout) if known else None
        if rollout is None or rollout.application != name:
            return history_text.unknown_rollout(name, command.rollout)
        return evidence_text.rollout_evidence(rollout)
    newest = context.gateways.rollouts.newest(name, SEARCHED)
    seen = (each for each in newest if any(color.evidence for color in each.colors.values()))
    found = next(seen, None)
    return evidence_text.rollout_evidence(found) if found else evidence_text.no_evidence(name)


def _capacity(context: Context, name: str) -> str:
    """Say what tasks reserve and use, as far as AWS says so before Slack stops waiting."""
    asking = ThreadPoolExecutor(max_workers=1)
    found = asking.submit(_sized, context, name)
    # Whoever is late ends by the timeouts of its own calls, and nobody waits for it.
    asking.shutdown(wait=False)
    try:
        return capacity_text.capacity_message(found.result(timeout=PATIENCE))
    except TimeoutError:
        return capacity_text.capacity_too_slow(name)
    except ShingoError as error:
        return capacity_text.capacity_unreadable(name, str(error))


def _sized(context: Context, name: str) -> CapacityReport:
    tools = CapacityTools(
        ecs=context.gateways.ecs,
        instances=context.gateways.cluster_capacity,
        metrics=context.gateways.metrics,
    )
    return measure_capacity(context.settings.applications[name], tools, context.now())


def _roll_back(context: Context, command: RollbackCommand, typed: Typed) -> str:
    """Start a rollout of what ran before the last one that completed."""
    newest = context.gateways.rollouts.newest(command.application, SEARCHED)
    last = next((each for each in newest if each.outcome == RolloutOutcome.COMPLETED), None)
    if last is None:
        return history_text.no_completed_rollout(command.application)
    revision = revision_before(last)
    if not revision:
        return history_text.several_previous_revisions(last)
    if revision == last.release.revision:
        return history_text.rollback_without_effect(last)
    why = f": {command.reason}" if command.reason else ""
    document = {
        "application": command.application,
        "taskDefinition": revision,
        "requestedBy": typed.user,
        "reason": f"rollback of {title(last)}{why}",
        # What is unwell is what people want to go back from.
        "despite": f"rollback of {title(last)}",
    }
    going = history_text.rollback_started(last, revision)
    return _begin(context, f"{command.application}-rollback", document, typed) or going


def revision_before(rollout: Rollout) -> str:
    """Return the one revision that every color ran before a rollout; empty if they differed."""
    revisions = {color.previous for color in rollout.colors.values()}
    return revisions.pop() if len(revisions) == 1 else ""
