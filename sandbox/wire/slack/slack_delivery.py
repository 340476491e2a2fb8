"""Sends signed requests from Slack to the app, and reads its answer in time.

Tested in `tests/contract/wire/test_slack_callbacks.py`.
"""

import json
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_sign import signed_headers
from sandbox.wire.slack.slack_workspace import SlackRequest, Workspace

# Slack's documentation, "Handling user interaction": acknowledge within 3 seconds.
ACKNOWLEDGE_WITHIN_SECONDS = 3.0

# The app is on this machine; a proxy from the environment must not see what is sent to it.
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class AppAnswer:
    """The app's answer; `status` is None when none came in time."""

    status: int | None
    body: bytes = b""

    @property
    def acknowledged(self) -> bool:
        """Whether Slack takes it as an acknowledgement."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own

    @property
    def failure(self) -> str:
        """Slack's name of the failure; empty without one."""
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


def send_signed(workspace: Workspace, url: str, body: bytes, timeout: float) -> AppAnswer:
    """Sign a form, keep it for a replay, and send it.

    Args:
        workspace: its secret signs, and it keeps the request.
        url: the app's Request URL.
        body: the form.
        timeout: seconds to wait for the answer.
    """
    headers = signed_headers(workspace.signing_secret, str(int(workspace.clock())), body)
    request = SlackRequest(url, headers, body)
    with workspace.write_lock():
        workspace.requests.append(request)
    return send_request(request, timeout)


def send_request(request: SlackRequest, timeout: float = ACKNOWLEDGE_WITHIN_SECONDS) -> AppAnswer:
    """Send a request as it is; sending it again is a replay."""
    wire = Request(request.url, data=request.body, headers=request.headers, method="POST")
    try:
        with _OPENER.open(wire, timeout=timeout) as answer:
            return AppAnswer(answer.status, answer.read())
    except HTTPError as refusal:
        with refusal:
            return AppAnswer(refusal.code, refusal.read())
    except (OSError, HTTPException):
        return AppAnswer(None)
