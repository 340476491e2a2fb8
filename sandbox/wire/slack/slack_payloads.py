"""Slack's payloads to an app: slash commands, clicks and submitted dialogs.

Tested in `tests/contract/wire/test_slack_callbacks.py`.

Sources: the pages "Slash commands", "block_actions payload" and "view_submission payload" at
docs.slack.dev.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.wire.slack.slack_directory import APP_ID, TEAM_DOMAIN, TEAM_ID, Channel, Person
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_messages import Message

# Slack still sends its old verification token, which nobody may rely on.
VERIFICATION_TOKEN = "deprecated-use-the-signature"  # noqa: S105


@dataclass(frozen=True)
class Interaction:
    """Who interacts in which channel, and by what the app may answer."""

    person: Person
    channel: Channel
    trigger_id: str
    response_url: str
    organization: str = ""
    """The Enterprise Grid organization of the workspace; empty where it is in none."""


def command_form(interaction: Interaction, command: str, text: str) -> bytes:
    """Return the form of a slash command."""
    person, channel = interaction.person, interaction.channel
    grid = {"enterprise_id": interaction.organization} if interaction.organization else {}
    return urlencode(
        {
            **grid,
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM_ID,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": escaped(text),
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": interaction.response_url,
            "trigger_id": interaction.trigger_id,
        }
    ).encode()


def escaped(text: str) -> str:
    """Return what somebody typed as Slack sends it: with three characters escaped.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def payload_form(payload: JsonObject) -> bytes:
    """Return the form that carries any interaction: one field, `payload`, with JSON in it."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def click_payload(interaction: Interaction, message: Message, action: JsonObject) -> JsonObject:
    """Return the payload of a click on a message."""
    channel, private = interaction.channel, message.audience is not None
    container: JsonObject = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": private,
    }
    if message.thread:
        container["thread_ts"] = message.thread
    payload = {
        **_envelope("block_actions", interaction.person, interaction.organization),
        "container": container,
        "trigger_id": interaction.trigger_id,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": interaction.response_url,
        "actions": [action],
    }
    # Slack sends no copy of an ephemeral message.
    return payload if private else {**payload, "message": message.as_slack()}


def clicked_action(block_id: str, element: JsonObject, at: str) -> JsonObject:
    """Return the entry of `actions` for a button that was pressed."""
    action = {"action_id": element["action_id"], "block_id": block_id, "type": element["type"]}
    action |= {key: element[key] for key in ("text", "value", "style") if key in element}
    return {**action, "action_ts": at}


def view_payload(
    kind: str, person: Person, view: JsonObject, trigger_id: str, organization: str = ""
) -> JsonObject:
    """Return the payload of a dialog that was submitted (or closed)."""
    payload = {**_envelope(kind, person, organization), "view": view}
    if kind == "view_closed":
        return {**payload, "is_cleared": False}
    return {**payload, "trigger_id": trigger_id, "response_urls": []}


def _envelope(kind: str, person: Person, organization: str) -> JsonObject:
    """Return what every interaction says of who acts, and where.

    On Enterprise Grid `user.team_id` is the organization's id, and only `team` names the workspace:
    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload,
    https://github.com/slackapi/bolt-js/issues/1875.
    """
    home = organization if organization and person.team == TEAM_ID else person.team
    who = {"id": person.id, "username": person.name, "name": person.name, "team_id": home}
    team = {"id": TEAM_ID, "domain": TEAM_DOMAIN}
    grid = {"enterprise_id": organization, "enterprise_name": "Recipes"} if organization else {}
    return {
        "type": kind,
        "user": who,
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {**team, **grid},
        "enterprise": {"id": organization, "name": "Recipes"} if organization else None,
        "is_enterprise_install": False,
    }
