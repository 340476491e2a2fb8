"""Sending a signed request to the app, and hearing what it says in time."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_sign import signed_headers
from sandbox.wire.slack.slack_workspace import SlackRequest, Workspace

# Slack's documentation, "Handling user interaction": acknowledge within 3 seconds.
PATIENCE_SECONDS = 3.0

# The app is on this machine; a proxy from the environment must not see what is sent to it.
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Heard:
    """What the app answered; `status` is None when nothing came in time."""

    status: int | None
    body: bytes = b""

    @property
    def acknowledged(self) -> bool:
        """Whether Slack is content."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own

    @property
    def failure(self) -> str:
        """Slack's name for what went wrong, or nothing."""
        if self.acknowledged:
            return ""
        return "operation_timeout" if self.status is None else "dispatch_failed"

    def json(self) -> JsonObject:
        """Return the answer's JSON object; empty when there is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def send(workspace: Workspace, url: str, body: bytes, patience: float) -> Heard:
    """Sign a form, keep it for a replay, and send it.

    Args:
        workspace: whose secret signs, and which remembers what was sent.
        url: the app's Request URL.
        body: the form.
        patience: seconds to wait for the answer.
    """
    headers = signed_headers(workspace.signing_secret, str(int(workspace.clock())), body)
    request = SlackRequest(url, headers, body)
    with workspace.changing():
        workspace.requests.append(request)
    return deliver(request, patience)


def deliver(request: SlackRequest, patience: float = PATIENCE_SECONDS) -> Heard:
    """Send a request as it is; doing so again is what a replay is."""
    wire = Request(request.url, data=request.body, headers=request.headers, method="POST")
    try:
        with _OPENER.open(wire, timeout=patience) as answer:
            return Heard(answer.status, answer.read())
    except HTTPError as refusal:
        with refusal:
            return Heard(refusal.code, refusal.read())
    except (OSError, HTTPException):
        return Heard(None)
