"""Requests: Slack's recorded ones with something else in them, signed anew, and the API's."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from handlers.receive_slack import lambda_handler
from handlers.slack.action_ids import REASON, REJECT_DIALOG
from simulator.recorded_events import recorded
from simulator.slack_requests import SECRET, Event
from tests.support.builders import NOW

WORKSPACE: Final = {"id": "T0RECIPES", "domain": "recipes"}


def signed(
    event: Event,
    body: bytes,
    *,
    secret: str = SECRET,
    at: datetime = NOW,
    stamp: str | None = None,
) -> Event:
    """Put a body into a request, signed as Slack signs."""
    stamp = stamp if stamp is not None else str(int(at.timestamp()))
    message = b"v0:" + stamp.encode() + b":" + body
    signature = "v0=" + hmac.new(secret.encode(), message, "sha256").hexdigest()
    event["headers"] |= {"x-slack-request-timestamp": stamp, "x-slack-signature": signature}
    return event | {"body": base64.b64encode(body).decode()}


def form_of(event: Event) -> dict[str, str]:
    return dict(parse_qsl(base64.b64decode(event["body"]).decode(), keep_blank_values=True))


def command(
    text: str = "api v1.42.0 faster search",
    *,
    secret: str = SECRET,
    at: datetime = NOW,
    **fields: str,
) -> Event:
    event = recorded("slack_command")
    form = form_of(event) | {"text": text} | fields
    return signed(event, urlencode(form).encode(), secret=secret, at=at)


def click(
    action: str = "approve",
    value: str = "question-red",
    *,
    by: str = "U0BOB",
    at: datetime = NOW,
    **changes: Any,
) -> Event:
    """Press a button in the recorded workspace; `changes` replace parts of the payload."""
    event = recorded("slack_click")
    payload = json.loads(form_of(event)["payload"])
    payload["actions"][0] |= {"action_id": action, "value": value}
    payload["user"] |= {"id": by}
    form = {"payload": json.dumps(payload | changes)}
    return signed(event, urlencode(form).encode(), at=at)


def answer_of(event: Event) -> Any:
    return lambda_handler(event, None)


def shown_by(event: Event) -> Any:
    """Return the line that Slack shows to the one who typed, and to nobody else."""
    answer = answer_of(event)
    body = json.loads(answer["body"])
    assert (answer["statusCode"], body["response_type"]) == (200, "ephemeral")
    return body["text"]


def with_headers(event: Event, **headers: str) -> Event:
    event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    return event


def rejection(
    approval: str = "question-red",
    reason: str = "502s",
    *,
    by: str = "U0BOB",
    home: str = "T0RECIPES",
    place: Mapping[str, str] = WORKSPACE,
    at: datetime = NOW,
) -> Event:
    """Submit the dialog that asks why."""
    payload = {
        "type": "view_submission",
        "team": place,
        "user": {"id": by, "team_id": home},
        "view": {
            "id": "V1",
            "callback_id": REJECT_DIALOG,
            "private_metadata": approval,
            "state": {"values": {REASON: {REASON: {"type": "plain_text_input", "value": reason}}}},
        },
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return signed(recorded("slack_click"), body, at=at)
