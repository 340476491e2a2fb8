"""Requests as the HTTP API hands them over: genuine ones, and what can be wrong with them."""

import base64
import hmac
import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from simulator.slack_requests import SECRET
from tests.support.builders import NOW
from tests.support.sample import of_all
from tests.support.targets import QUESTION

REQUESTS = int(os.environ.get("SHINGO_FUZZ", of_all(20_000)))
"""How many requests the properties throw, all together."""
RESPONSE_URL = "https://hooks.slack.com/actions/T0RECIPES/1/secret-response"
TRIGGER = "7.8.secret-trigger"
PATHS = ("/slack/commands", "/slack/interactions")
STAMP = str(int(NOW.timestamp()))


def throws(
    share: float, most: int, each: Callable[..., int], **strategies: SearchStrategy[Any]
) -> int:
    """Hold a property against this share of all requests.

    Args:
        share: of `REQUESTS`.
        most: requests that one example throws.
        each: the property; returns how many requests it threw.
        strategies: what it is given.

    Returns:
        How many were thrown.
    """
    thrown = 0

    @settings(
        max_examples=-(-int(REQUESTS * share) // most),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize="SHINGO_FUZZ" not in os.environ,
    )
    @given(**strategies)
    def holds(**drawn: Any) -> None:
        nonlocal thrown
        thrown += each(**drawn)

    holds()
    return thrown


def signature(body: bytes, stamp: str = STAMP, secret: str = SECRET, version: str = "v0") -> str:
    signed = f"v0:{stamp}:".encode() + body
    return f"{version}=" + hmac.new(secret.encode(), signed, "sha256").hexdigest()


def request(
    body: bytes,
    path: str = PATHS[1],
    *,
    headers: dict[str, Any] | None = None,
    method: str = "POST",
    encoded: bool = True,
) -> dict[str, Any]:
    """Make an event of HTTP API's payload format 2.0; signed well unless headers are given."""
    if headers is None:
        headers = {"x-slack-request-timestamp": STAMP, "x-slack-signature": signature(body)}
    content = {"content-type": "application/x-www-form-urlencoded"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": content | headers,
        "requestContext": {"http": {"method": method, "path": path}},
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }


def form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def click(
    action: str = "approve", value: str = QUESTION, *, by: str = "U0BOB", team: str = "T0RECIPES"
) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": by, "username": "bob", "team_id": team},
        "team": {"id": team, "domain": "recipes"},
        "trigger_id": TRIGGER,
        "response_url": RESPONSE_URL,
        "message": {"ts": "1.000001", "blocks": []},
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
    }


def submission(
    approval: str = QUESTION,
    reason: str = "errors in the log",
    *,
    by: str = "U0BOB",
    team: str = "T0RECIPES",
) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "user": {"id": by, "team_id": team},
        "team": {"id": team},
        "trigger_id": TRIGGER,
        "view": {
            "callback_id": "reject_dialog",
            "private_metadata": approval,
            "state": {"values": {"reason": {"reason": {"value": reason}}}},
        },
    }


def command(text: str = "api v1.42.1", *, team: str = "T0RECIPES", by: str = "U0BOB") -> bytes:
    fields = {"team_id": team, "user_id": by, "text": text, "trigger_id": TRIGGER}
    return urlencode(fields).encode()
