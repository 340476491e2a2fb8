"""An app's answers to a command or by a response URL, as the channel shows them.

Tested in `tests/contract/wire/test_slack_callbacks.py`.
"""

from sandbox.wire.slack.slack_api import content
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_messages import Message
from sandbox.wire.slack.slack_tickets import ResponseHook
from sandbox.wire.slack.slack_workspace import Workspace


def respond(workspace: Workspace, key: str, body: JsonObject) -> None:
    """Apply an app's request to a response URL.

    Without `replace_original` or `delete_original` it posts a new message, which is ephemeral
    unless `response_type` is `in_channel`. The original of a command cannot be replaced
    (bolt-python issue 1268): that posts a new message, too.

    Raises:
        SlackError: the URL is spent, or the message breaks a limit.
    """
    with workspace.write_lock():
        hook = workspace.tickets.use_hook(key)
        source = hook.source if hook.source in workspace.timeline.messages else None
        if source and _is_true(body, "delete_original"):
            workspace.timeline.delete(source)
            return
        if source and _is_true(body, "replace_original"):
            text, blocks = content(body)
            workspace.timeline.edit(source, text, blocks)
            return
        show_answer(workspace, hook, body)


def show_answer(workspace: Workspace, hook: ResponseHook, body: JsonObject) -> Message:
    """Post an app's answer as a message.

    Raises:
        SlackError: there is nothing to show, or it breaks a limit.
    """
    text, blocks = content(body)
    everybody = body.get("response_type") == "in_channel"
    thread = body.get("thread_ts")
    return workspace.post(
        hook.channel,
        workspace.directory.bot,
        text,
        blocks,
        thread=str(thread) if thread else None,
        audience=None if everybody else hook.person,
    )


def _is_true(body: JsonObject, key: str) -> bool:
    return str(body.get(key, "")).lower() in ("true", "1")
