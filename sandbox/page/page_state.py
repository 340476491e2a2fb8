"""What one person sees of the workspace, as JSON for the page. Tested in `tests/e2e/page`."""

from sandbox.wire.slack.slack_directory import Directory
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_messages import Message
from sandbox.wire.slack.slack_workspace import Workspace

SHOWN_MESSAGES = 300


def state_for(workspace: Workspace, viewer: str) -> JsonObject:
    """Return the channel with its people, messages and the viewer's own dialogs."""
    with workspace.read_lock():
        directory = workspace.directory
        me = directory.person(viewer) or directory.people[0]
        channel = directory.channels[0]
        places = {channel.id, f"D{me.id[1:]}"}
        seen = [
            one
            for one in workspace.timeline.messages
            if one.audience in (None, me.id) and one.channel in places
        ]
        return {
            "version": workspace.version,
            "me": me.id,
            "availability": workspace.availability,
            "ready": workspace.callbacks is not None,
            "channel": {"id": channel.id, "name": channel.name, "topic": channel.topic},
            **_directory(directory),
            "messages": [_message(one) for one in seen[-SHOWN_MESSAGES:]],
            "modals": [one.as_slack() for one in workspace.modals.before(me.id)],
        }


def _directory(directory: Directory) -> JsonObject:
    people = [{"id": one.id, "name": one.name, "real": one.real_name} for one in directory.people]
    groups = [
        {"id": one.id, "handle": one.handle, "members": list(one.members)}
        for one in directory.groups
    ]
    commands = [
        {"command": one.command, "hint": one.usage_hint, "description": one.description}
        for one in directory.commands
    ]
    bot = {"id": directory.bot.id, "name": directory.bot.name, "real": directory.bot.real_name}
    return {"people": people, "groups": groups, "commands": commands, "bot": bot}


def _message(message: Message) -> JsonObject:
    author = message.author
    return {
        "ts": message.ts,
        "author": {"id": author.id, "name": author.real_name, "app": bool(author.bot_id)},
        "text": message.text,
        "blocks": message.blocks,
        "edited": message.edited,
        "private": message.audience is not None,
        "direct": message.channel.startswith("D"),
        "inChannelToo": message.in_channel_too,
        "thread": message.thread if message.thread != message.ts else None,
    }
