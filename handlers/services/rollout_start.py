"""Starting what a slash command asks for: a rollout, several as one release, or a way back.

Tested in `test_slash_commands.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from handlers.domain.admission.group_request import parse_group
from handlers.domain.admission.requester import require_answerable
from handlers.domain.admission.rollout_request import InvalidInput, parse_request
from handlers.domain.history.audit import Actor, EventKind, Source, identified, start_entry
from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout, by_turn, short_name
from handlers.services.context import Context
from handlers.slack.command_parser import RollbackCommand, StartCommand, StartGroupCommand
from handlers.slack.messages import history_text
from handlers.slack.messages.markup import board_place, plain
from handlers.slack.messages.rollout_text import title
from handlers.slack.messages.usage_text import usage

SEARCHED: Final = 50
"""Rollouts among which the last completed one is looked for."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """Who typed a command, and what tells this time from any other."""

    user: str
    trigger: str
    channel: str = ""
    """The channel in which it was typed."""


def start_rollout(context: Context, command: StartCommand, typed: Typed) -> str:
    """Start a rollout; return what is said of it."""
    document = {"application": command.application, **_asked(command, typed)}
    place = board_place(context.channel_of(command.application), typed.channel)
    started = f"Starting {command.application} {command.tag}. {place}"
    return _start(context, f"{command.application}-{command.tag}", document, typed) or started


def start_group(context: Context, command: StartGroupCommand, typed: Typed) -> str:
    """Start a group, unless it cannot be one; each of its rollouts audits its own request."""
    applications = context.settings.applications
    known = tuple(applications)
    document = {"applications": list(command.applications), **_asked(command, typed)}
    try:
        group = parse_group(document, known)
        require_answerable((applications[each] for each in group.applications), typed.user)
    except InvalidInput as error:
        return f"{plain(str(error))}\n\n{usage(known)}"
    name = execution_name(f"{'-'.join(command.applications)}-{command.tag}", typed.trigger)
    context.gateways.group_executions.start(name, document)
    names = ", ".join(command.applications)
    place = board_place(context.channel_of(command.applications[0]), typed.channel)
    return f"Starting {names} {command.tag} as one release. {place}"


def start_rollback(context: Context, command: RollbackCommand, typed: Typed) -> str:
    """Start a rollout of what ran before the last one that completed."""
    newest = context.gateways.rollouts.newest(command.application, SEARCHED)
    completed = (each for each in newest if each.outcome == RolloutOutcome.COMPLETED)
    last = next(iter(by_turn(completed)), None)
    if last is None:
        return history_text.no_completed_rollout(command.application)
    before = {color.color: color.previous for color in last.colors.values()}
    asked = _revisions_asked(last, before)
    if not asked:
        return history_text.several_previous_revisions(last)
    if all(last.release.revision_for(color) == each for color, each in before.items()):
        return history_text.rollback_without_effect(last)
    why = f": {command.reason}" if command.reason else ""
    document = {
        "application": command.application,
        **asked,
        "requestedBy": typed.user,
        "reason": f"rollback of {title(last)}{why}",
        # What is unwell is what people want to go back from.
        "despite": f"rollback of {title(last)}",
    }
    place = board_place(context.channel_of(command.application), typed.channel)
    started = f"{history_text.rollback_started(last, before)} {place}"
    return _start(context, f"{command.application}-rollback", document, typed) or started


def _asked(command: StartCommand | StartGroupCommand, typed: Typed) -> dict[str, str]:
    asked = {"tag": command.tag, "requestedBy": typed.user}
    return asked | ({"reason": command.reason} if command.reason else {})


def _start(context: Context, what: str, document: Mapping[str, object], typed: Typed) -> str:
    """Start a rollout, unless it cannot be one; then return why.

    The request is audited first, so that preparing does not audit it as the API's.
    """
    known, application = tuple(context.settings.applications), str(document["application"])
    entry = partial(
        start_entry,
        application=application if application in known else "",
        at=context.now(),
        actor=identified(context.settings.people, Actor(id=typed.user, source=Source.SLACK)),
    )
    audit = context.gateways.audit
    try:
        request = parse_request(document, known)
        require_answerable([context.settings.applications[request.application]], typed.user)
    except InvalidInput as error:
        name = execution_name("refused", typed.trigger)
        audit.note(entry(EventKind.REFUSED_START, rollout=name, detail=str(error)))
        return f"{plain(str(error))}\n\n{usage(known)}"
    name = execution_name(what, typed.trigger)
    asked = request.called
    detail = f"{asked}: {request.reason}" if request.reason else asked
    audit.note(entry(EventKind.REQUESTED, rollout=name, detail=detail))
    context.gateways.executions.start(name, document)
    return ""


def _revisions_asked(rollout: Rollout, before: Mapping[str, str]) -> dict[str, object]:
    """Return what the input asks for to have every color run what it ran before a rollout.

    Colors with definitions of their own get each its own back. Others of one family that ran
    different revisions were left so by a rollout that had stopped: people choose one.

    Args:
        rollout: the one that is gone back from.
        before: color → the revision that it ran before.
    """
    revisions = set(before.values())
    if len(revisions) == 1:
        return {"taskDefinition": revisions.pop()}
    families = {short_name(each).partition(":")[0] for each in revisions}
    is_own = bool(rollout.release.by_color) or len(families) > 1
    return {"taskDefinitions": dict(before)} if is_own else {}
