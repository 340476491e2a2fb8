"""Slack's Web API methods, on the workspace's model.

Sources: the method pages at docs.slack.dev for arguments, answers and error names.

Tested in `tests/contract/wire/test_slack_wire.py`.
"""

import json
from collections.abc import Callable
from typing import Any

from sandbox.wire.slack.slack_channel_rules import (
    require_editable,
    require_short,
    require_writable,
)
from sandbox.wire.slack.slack_directory import (
    APP_ID,
    TEAM_DOMAIN,
    TEAM_ID,
    Channel,
    Person,
    UserGroup,
)
from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_limits import problems_of_blocks
from sandbox.wire.slack.slack_messages import Message
from sandbox.wire.slack.slack_workspace import Workspace

# chat.postMessage cuts a longer text off at 40,000; chat.update refuses one beyond 4,000.
POSTED_TEXT = 40_000
UPDATED_TEXT = 4_000
HISTORY_PAGE = 100


def call(workspace: Workspace, method: str, arguments: JsonObject) -> JsonObject:
    """Answer one authorised call.

    Raises:
        SlackError: Slack would answer `"ok": false`.
    """
    known = METHODS.get(method)
    if known is None:
        raise SlackError("unknown_method")
    _require_scope(workspace, SCOPE_OF.get(method))
    with workspace.write_lock() if method in CHANGES else workspace.read_lock():
        return {"ok": True, **known(workspace, arguments)}


def _post_message(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    person = workspace.directory.person(str(arguments.get("channel") or ""))
    if person is not None:
        return _post_direct(workspace, person, arguments)
    channel = require_writable(_channel(workspace, arguments))
    text, blocks = content(arguments)
    require_short(blocks)
    thread = _thread(workspace, channel, arguments)
    message = workspace.post(
        channel.id,
        workspace.directory.bot,
        text[:POSTED_TEXT],
        blocks,
        thread=thread,
        in_channel_too=bool(thread and arguments.get("reply_broadcast")),
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_slack()}


def _post_direct(workspace: Workspace, person: Person, arguments: JsonObject) -> JsonObject:
    """Post to a person's direct messages, which a user id as the channel stands for.

    https://docs.slack.dev/reference/methods/chat.postMessage#channels
    """
    text, blocks = content(arguments)
    require_short(blocks)
    conversation = f"D{person.id[1:]}"
    said = workspace.post(
        conversation, workspace.directory.bot, text[:POSTED_TEXT], blocks, audience=person.id
    )
    return {"channel": conversation, "ts": said.ts, "message": said.as_slack()}


def _post_ephemeral(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = require_writable(_channel(workspace, arguments))
    person = workspace.directory.person(str(arguments.get("user", "")))
    if person is None or person.bot_id:
        raise SlackError("user_not_in_channel")
    text, blocks = content(arguments)
    thread = _thread(workspace, channel, arguments)
    bot = workspace.directory.bot
    said = workspace.post(channel.id, bot, text, blocks, thread=thread, audience=person.id)
    return {"message_ts": said.ts}


def _update(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = _channel(workspace, arguments, by_name=False)
    require_editable(channel)
    message = _message(workspace, channel, arguments.get("ts"))
    if message.author != workspace.directory.bot:
        raise SlackError("cant_update_message")
    if workspace.are_edits_over:
        raise SlackError("edit_window_closed")
    if len(str(arguments.get("text") or "")) > UPDATED_TEXT:
        raise SlackError("msg_too_long")
    text, blocks = content(arguments)
    require_short(blocks)
    # Blocks that are left out stay; an empty list takes them away (hexdocs of slack_kit quoting
    # Slack's page for the method).
    kept = message.blocks if arguments.get("blocks") is None else blocks
    workspace.timeline.edit(message, text or message.text, kept)
    shown = {"channel": channel.id, "ts": message.ts, "text": message.text}
    return {**shown, "message": message.as_slack()}


def _permalink(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = _channel(workspace, arguments, by_name=False)
    message = _message(workspace, channel, arguments.get("message_ts"))
    return {"channel": channel.id, "permalink": workspace.permalink(message)}


def _open_view(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    trigger = arguments.get("trigger_id")
    if not trigger:
        raise SlackError("invalid_arguments", ["missing required field: trigger_id"])
    view = _view(arguments)
    person = workspace.tickets.exchange(str(trigger))
    return {"view": workspace.modals.show(person, view).as_slack()}


def _update_view(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    seen = arguments.get("hash")
    changed = workspace.modals.change(str(arguments.get("view_id")), _view(arguments), seen)
    return {"view": changed.as_slack()}


def _group_members(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    group = workspace.directory.group(str(arguments.get("usergroup", "")))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _groups(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    has_users = str(arguments.get("include_users", "")).lower() in ("1", "true")
    users = {one.id: {"users": list(one.members)} for one in workspace.directory.groups}
    listed = [
        _group(one) | (users[one.id] if has_users else {}) for one in workspace.directory.groups
    ]
    return {"usergroups": listed}


def _group(group: UserGroup) -> JsonObject:
    count = len(group.members)
    names = {"id": group.id, "team_id": TEAM_ID, "name": group.name, "handle": group.handle}
    return {**names, "is_usergroup": True, "date_delete": 0, "user_count": count}


def _user(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    key = str(arguments.get("user", ""))
    person = workspace.directory.person(key)
    if person is None or person.id != key:
        raise SlackError("user_not_found")
    return {"user": _profile(person, workspace.directory.organization)}


def _profile(person: Person, organization: str) -> JsonObject:
    """Return a user object: https://docs.slack.dev/reference/objects/user-object.

    On Enterprise Grid it says in which workspaces of the organization the person is
    (`EnterpriseUser` of `@slack/web-api`).
    """
    profile = {"real_name": person.real_name, "display_name": person.name}
    names = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.is_deactivated,
    }
    shown = {
        **names,
        "real_name": person.real_name,
        "profile": profile,
        "is_bot": bool(person.bot_id),
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "tz": "Asia/Tokyo",
    }
    if organization and person.team == TEAM_ID:
        grid = {"id": person.id, "enterprise_id": organization, "teams": [TEAM_ID]}
        shown |= {"enterprise_user": grid}
    return shown


def _test(workspace: Workspace, _: JsonObject) -> JsonObject:
    bot = workspace.directory.bot
    team = {"url": f"https://{TEAM_DOMAIN}.slack.com/", "team": "Shingo", "team_id": TEAM_ID}
    return {**team, "user": bot.name, "user_id": bot.id, "bot_id": bot.bot_id, "app_id": APP_ID}


def _require_scope(workspace: Workspace, scope: str | None) -> None:
    if scope and scope not in workspace.scopes:
        provided = ",".join(workspace.scopes)
        raise SlackError("missing_scope", needed=scope, provided=provided)


def _channel_info(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = _channel(workspace, arguments, by_name=False)
    _require_scope(workspace, "groups:read" if channel.is_private else "channels:read")
    kind = {
        "is_channel": True,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": channel.is_member,
    }
    topic = {"value": channel.topic}
    return {"channel": {"id": channel.id, "name": channel.name, **kind, "topic": topic}}


def _history(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = _channel(workspace, arguments, by_name=False)
    oldest, latest = str(arguments.get("oldest", "")), str(arguments.get("latest", ""))
    inclusive = str(arguments.get("inclusive", "")).lower() in ("1", "true")
    found = [
        one
        for one in reversed(workspace.timeline.visible(channel.id))
        if (one.thread in (None, one.ts) or one.in_channel_too)
        and _between(one.ts, oldest, latest, inclusive=inclusive)
    ]
    limit = int(arguments.get("limit") or HISTORY_PAGE)
    shown = [_with_thread(workspace, one) for one in found[:limit]]
    return {"messages": shown, "has_more": len(found) > limit}


def _replies(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    channel = _channel(workspace, arguments, by_name=False)
    parent = workspace.timeline.find(channel.id, str(arguments.get("ts", "")))
    if parent is None:
        raise SlackError("thread_not_found")
    replies = [one.as_slack() for one in workspace.timeline.replies(parent)]
    return {"messages": [_with_thread(workspace, parent), *replies], "has_more": False}


def _between(ts: str, oldest: str, latest: str, *, inclusive: bool) -> bool:
    if inclusive and ts in (oldest, latest):
        return True
    return float(oldest or 0) < float(ts) and (not latest or float(ts) < float(latest))


def _with_thread(workspace: Workspace, message: Message) -> JsonObject:
    shown = message.as_slack()
    replies = workspace.timeline.replies(message)
    if replies:
        people = list(dict.fromkeys(one.author.id for one in replies))
        shown |= {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": people}
        shown |= {"latest_reply": replies[-1].ts, "reply_users_count": len(people)}
    return shown


def _channel(workspace: Workspace, arguments: JsonObject, *, by_name: bool = True) -> Channel:
    key = str(arguments.get("channel") or "")
    channel = workspace.directory.channel(key)
    if channel is None or (channel.id != key and not by_name):
        raise SlackError("channel_not_found")
    return channel


def _message(workspace: Workspace, channel: Channel, ts: object) -> Message:
    message = workspace.timeline.find(channel.id, str(ts or ""))
    if message is None:
        raise SlackError("message_not_found")
    return message


def _thread(workspace: Workspace, channel: Channel, arguments: JsonObject) -> str | None:
    asked = arguments.get("thread_ts")
    if not asked:
        return None
    parent = workspace.timeline.find(channel.id, str(asked))
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread or parent.ts


def content(arguments: JsonObject) -> tuple[str, list[JsonObject]]:
    """Return the text and the blocks of a message to be.

    Raises:
        SlackError: there is neither, or the blocks break a limit.
    """
    text = str(arguments.get("text") or "")
    blocks = _parsed(arguments.get("blocks"), "invalid_blocks_format") or []
    problems = problems_of_blocks(blocks) if blocks != [] else []
    if problems:
        raise SlackError("invalid_blocks", problems)
    if not text and not blocks:
        raise SlackError("no_text")
    return text, blocks


def _view(arguments: JsonObject) -> JsonObject:
    view = _parsed(arguments.get("view"), "invalid_arguments")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", ["missing required field: view"])
    return view


def _parsed(value: Any, error: str) -> Any:  # noqa: ANN401 - JSON has every type
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as reason:
        raise SlackError(error) from reason


CHANGES = frozenset(
    {"chat.postEphemeral", "chat.postMessage", "chat.update", "views.open", "views.update"}
)
TAKES_JSON = CHANGES
"""The methods whose pages accept `application/json`; the others take forms and queries."""
SCOPE_OF = {
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
}
"""Method → the scope that it asks for; history and replies, which only tests read, ask for none."""

METHODS: dict[str, Callable[[Workspace, JsonObject], JsonObject]] = {
    "auth.test": _test,
    "chat.getPermalink": _permalink,
    "chat.postEphemeral": _post_ephemeral,
    "chat.postMessage": _post_message,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.info": _channel_info,
    "conversations.replies": _replies,
    "usergroups.list": _groups,
    "usergroups.users.list": _group_members,
    "users.info": _user,
    "views.open": _open_view,
    "views.update": _update_view,
}
