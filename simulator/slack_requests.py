"""The requests that Slack and the API send, signed and formed as they do it."""

import base64
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from handlers.slack.action_ids import REASON, REJECT_DIALOG, Action
from simulator.recorded_events import recorded

Event = dict[str, Any]
TEAM = "T0RECIPES"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
"""What the recorded requests are signed with."""
_CLICK, _COMMAND = recorded("slack_click"), recorded("slack_command")


def request(role: str, method: str, *path: str) -> Event:
    """Make the request that the API sends of a call that IAM has let through."""
    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/alice"
    route = "/".join(("/approvals", *path))
    body = {"reason": "not today"} if method == "POST" else None
    return api_call(method, route, body, by=session, question=path[0] if path else None)


def click(by: str, action: Action, value: str, at: datetime) -> Event:
    """Make the request that Slack sends of a click."""
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": by, "team_id": TEAM},
        "trigger_id": f"{at.timestamp()}.{by}",
        "response_url": "https://hooks.slack.com/actions/T0RECIPES/1/secret",
        "actions": [{"action_id": action, "value": value}],
    }
    return _signed(_CLICK, {"payload": json.dumps(payload)}, at)


def rejection(by: str, value: str, at: datetime) -> Event:
    """Make the request that Slack sends of a dialog that was submitted."""
    payload = {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": by, "team_id": TEAM},
        "view": {
            "id": "V1",
            "callback_id": REJECT_DIALOG,
            "private_metadata": value,
            "state": {"values": {REASON: {REASON: {"value": "not today"}}}},
        },
    }
    return _signed(_CLICK, {"payload": json.dumps(payload)}, at)


def command(by: str, text: str, at: datetime) -> Event:
    """Make the request that Slack sends of a slash command."""
    form = {"team_id": TEAM, "user_id": by, "text": text, "trigger_id": f"{at.timestamp()}.{by}"}
    return _signed(_COMMAND, form, at)


def _signed(event: Event, form: dict[str, str], at: datetime) -> Event:
    body, stamp = urlencode(form).encode(), str(int(at.timestamp()))
    message = b"v0:" + stamp.encode() + b":" + body
    headers = {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": "v0=" + hmac.new(SECRET.encode(), message, "sha256").hexdigest(),
    }
    signed: Event = event | {
        "headers": event["headers"] | headers,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    return signed


def api_call(
    method: str, path: str, body: Any = None, *, by: str, question: str | None = None
) -> Event:
    """Make what the API hands on of a call that IAM has let through."""
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"content-type": "application/json"},
        "pathParameters": {"id": question} if question else None,
        "requestContext": {
            "authorizer": {"iam": {"userArn": by, "accountId": "123456789012"}} if by else {},
            "http": {"method": method, "path": path},
        },
        "body": json.dumps(body) if isinstance(body, dict) else body,
        "isBase64Encoded": False,
    }
