"""Slack's Web API on the acknowledgement path: the few calls made while people wait.

Standard library only, since importing slack_sdk costs a cold start more than all of this.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from handlers.domain.model.errors import ShingoError, SlackUnavailable
from handlers.domain.model.rollout import Board
from handlers.slack.board_blocks import Blocks

TIMEOUT: Final = 2
"""Seconds, of the three that Slack allows for the whole answer."""
REMEMBERED: Final = timedelta(minutes=5)
"""How long a group's people are taken to be the same."""
_REPLIES: Final = {("https", "hooks.slack.com"), ("http", "127.0.0.1")}


class SlackLight:
    """Slack, quickly. Every failure is `SlackUnavailable`."""

    def __init__(self, token: Callable[[], str], url: str, now: Callable[[], datetime]) -> None:
        """Talk to the Web API at this URL, with the bot token and the time that these return."""
        self._token = token
        self._url = url
        self._now = now
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}

    def members(self, group: str) -> frozenset[str]:
        """Return the user ids of a user group, as of the last five minutes."""
        known = self._members.get(group)
        if known and self._now() - known[0] < REMEMBERED:
            return known[1]
        answer = self._call("usergroups.users.list", {"usergroup": group})
        found = frozenset(map(str, answer.get("users", ())))
        self._members[group] = (self._now(), found)
        return found

    def open_dialog(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a dialog before the one who clicked; the trigger lives three seconds."""
        self._call("views.open", {"trigger_id": trigger, "view": view})

    def post(self, channel: str, *, text: str, blocks: Blocks = (), thread: str = "") -> Board:
        """Post a message; return where it is."""
        message = {"channel": channel, "text": text, "blocks": list(blocks)}
        answer = self._call("chat.postMessage", message | ({"thread_ts": thread} if thread else {}))
        try:
            return Board(channel=answer["channel"], ts=answer["ts"])
        except KeyError as error:
            raise SlackUnavailable("chat.postMessage: the answer names no message") from error

    def edit(self, message: Board, *, text: str, blocks: Blocks) -> None:
        """Replace a message's content."""
        place = {"channel": message.channel, "ts": message.ts}
        self._call("chat.update", {**place, "text": text, "blocks": list(blocks)})

    def whisper(self, response_url: str, text: str) -> bool:
        """Show a line to the one who clicked; return whether Slack took it.

        The URL is a secret that lets anyone post: it is never logged, and only Slack's own host
        (or the sandbox on this machine) is written to.
        """
        if not _is_slacks(response_url):
            return False
        body = {"response_type": "ephemeral", "replace_original": False, "text": text}
        try:
            _post(response_url, body, {"Content-Type": "application/json"}, "response")
        except SlackUnavailable:
            return False
        return True

    def _call(self, method: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        try:
            token = self._token()
        except ShingoError as error:
            raise SlackUnavailable(f"{method}: {error}") from error
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        }
        answer = _post(f"{self._url}{method}", arguments, headers, method)
        try:
            decoded: Any = json.loads(answer)
        except ValueError as error:
            raise SlackUnavailable(f"{method}: the answer is not JSON") from error
        if not isinstance(decoded, dict):
            raise SlackUnavailable(f"{method}: the answer is not an object")
        if not decoded.get("ok"):
            raise SlackUnavailable(f"{method}: {decoded.get('error', 'no reason given')}")
        return decoded


def _is_slacks(address: str) -> bool:
    try:
        url = urlsplit(address)
    except ValueError:
        return False
    return (url.scheme, url.hostname) in _REPLIES and url.username is None


def _post(url: str, body: Mapping[str, object], headers: Mapping[str, str], what: str) -> bytes:
    request = urllib.request.Request(  # noqa: S310  (Slack's own address, or the sandbox's)
        url, data=json.dumps(body).encode(), headers=dict(headers)
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  (likewise)
            return bytes(answer.read())
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise SlackUnavailable(f"{what}: {type(error).__name__}") from error
