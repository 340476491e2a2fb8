"""Slack's Web API and the private answers to clicks, on the standard library alone.

Why not slack_sdk is said in docs/decisions/one-slack-client.md.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from handlers.domain.model.account import Account
from handlers.domain.model.errors import ShingoError, SlackUnavailable
from handlers.domain.model.rollout import Board
from handlers.domain.model.secret_text import is_one_word
from handlers.gateways.slack_http import (
    FAILURES,
    Patience,
    is_slacks,
    reason_of,
    request_of,
    send,
    send_patiently,
)
from handlers.gateways.slack_refusals import TOKEN_REFUSED, slack_refusal
from handlers.slack.blocks import Blocks

REMEMBERED: Final = timedelta(minutes=5)
"""How long a group's people, and what an account is, are taken to be the same."""
_FORMS: Final = {"chat.getPermalink", "usergroups.list", "usergroups.users.list", "users.info"}
"""Methods that read take no JSON: they answer as if nothing had been said (docs.slack.dev,
`usergroups.users.list`: "This method does not currently accept application/json")."""
LITERAL: Final = {"parse": "none", "link_names": False}
"""Has Slack make no links of names in a message's text; `chat.update` does so by default."""
WHILE_PEOPLE_WAIT: Final = Patience(timeout=1.2, pauses=0)
"""Slack allows three seconds for the whole answer to a click, in which it may be asked twice: who
may answer, and to show the one who clicked why not."""
IN_A_STEP: Final = Patience(timeout=5, pauses=10)
"""Nobody waits for the message, but the next step does."""


class SlackClient:
    """Slack in our words. Every failure is `SlackUnavailable`."""

    def __init__(
        self,
        token: Callable[[], str],
        url: str,
        now: Callable[[], datetime],
        patience: Patience,
        fresh_token: Callable[[], str] | None = None,
    ) -> None:
        """Talk to the Web API.

        Args:
            token: returns the bot token.
            url: the Web API's address.
            now: returns the time.
            patience: how long a call may take.
            fresh_token: reads the bot token anew, once for each call that is refused for its token:
                it may have been rotated.
        """
        self._token = token
        self._url = url
        self._now = now
        self._patience = patience
        self._fresh_token = fresh_token
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._accounts: dict[str, tuple[datetime, Account]] = {}

    def members(self, group: str) -> frozenset[str]:
        """Return the user ids of a user group, as of the last five minutes."""
        known = self._members.get(group)
        if known and self._now() - known[0] < REMEMBERED:
            return known[1]
        answer = self._call("usergroups.users.list", {"usergroup": group})
        found = frozenset(map(str, answer.get("users", ())))
        self._members[group] = (self._now(), found)
        return found

    def members_of(self, groups: Collection[str]) -> dict[str, frozenset[str]]:
        """Return the user ids of several user groups, asked for together in one call.

        A group that Slack does not list is disabled or gone, and has nobody.
        https://docs.slack.dev/reference/methods/usergroups.list, `include_users`.
        """
        now = self._now()
        known = {name for name, (at, _) in self._members.items() if now - at < REMEMBERED}
        if len(set(groups) - known) > 1:
            answer = self._call("usergroups.list", {"include_users": "true"})
            listed = {str(each.get("id")): each for each in answer.get("usergroups", ())}
            for group in set(groups) - known:
                users = listed.get(group, {}).get("users", ())
                self._members[group] = (now, frozenset(map(str, users)))
        return {group: self.members(group) for group in groups}

    def account(self, user: str) -> Account:
        """Return whose account a user id is, as of the last five minutes."""
        known = self._accounts.get(user)
        if known and self._now() - known[0] < REMEMBERED:
            return known[1]
        answer = self._call("users.info", {"user": user})
        try:
            found = _account(answer["user"])
        except (KeyError, TypeError, AttributeError) as error:
            raise SlackUnavailable("users.info: the answer names no user") from error
        self._accounts[user] = (self._now(), found)
        return found

    def open_dialog(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a dialog before the one who clicked; the trigger lives three seconds."""
        self._call("views.open", {"trigger_id": trigger, "view": verbatim(view)})

    def post(
        self,
        channel: str,
        *,
        text: str,
        blocks: Blocks = (),
        thread: str = "",
        in_channel_too: bool = False,
    ) -> Board:
        """Post a message, without previews of its links; return where it is.

        Args:
            channel: where.
            text: what notifications say, and the message where it has no blocks.
            blocks: what the message shows.
            thread: the `ts` of the message in whose thread it is to be.
            in_channel_too: whether a thread's message is shown in the channel, too.
        """
        message = {"channel": channel, "text": text, "blocks": verbatim(list(blocks)), **LITERAL}
        place = {"thread_ts": thread} if thread else {}
        shown = {"reply_broadcast": True} if thread and in_channel_too else {}
        plain = {"unfurl_links": False, "unfurl_media": False}
        answer = self._call("chat.postMessage", {**message, **place, **shown, **plain})
        try:
            return Board(channel=answer["channel"], ts=answer["ts"])
        except KeyError as error:
            raise SlackUnavailable("chat.postMessage: the answer names no message") from error

    def permalink(self, message: Board) -> str:
        """Return the link to a message; it needs no scope.

        https://docs.slack.dev/reference/methods/chat.getPermalink
        """
        place = {"channel": message.channel, "message_ts": message.ts}
        return str(self._call("chat.getPermalink", place).get("permalink") or "")

    def edit(self, message: Board, *, text: str, blocks: Blocks) -> None:
        place = {"channel": message.channel, "ts": message.ts}
        shown = {"text": text, "blocks": verbatim(list(blocks)), **LITERAL}
        self._call("chat.update", {**place, **shown})

    def post_ephemeral(self, response_url: str, text: str, blocks: Blocks = ()) -> bool:
        """Show something to the one who clicked alone; return whether Slack took it.

        The URL is a secret that lets anyone post: it is never logged, and only Slack's own host
        (or the sandbox on this machine) is written to.
        """
        return self._answer(response_url, "ephemeral", text, blocks)

    def answer_openly(self, response_url: str, text: str, blocks: Blocks) -> bool:
        """Show something to the channel in which somebody clicked; return whether Slack took it."""
        return self._answer(response_url, "in_channel", text, blocks)

    def _answer(self, response_url: str, kind: str, text: str, blocks: Blocks) -> bool:
        if not is_slacks(response_url):
            return False
        shown = {"text": text, **({"blocks": verbatim(list(blocks))} if blocks else {})}
        body = {"response_type": kind, "replace_original": False, **shown}
        request = request_of(response_url, json.dumps(body), {"Content-Type": "application/json"})
        try:
            send(request, self._patience.timeout)
        except FAILURES:
            return False
        return True

    def _call(self, method: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        token = _read_token(method, self._token)
        answer = self._attempt(method, arguments, token)
        if answer.get("error") in TOKEN_REFUSED and self._fresh_token:
            fresh = _read_token(method, self._fresh_token)
            answer = self._attempt(method, arguments, fresh) if fresh != token else answer
        if not answer.get("ok"):
            raise slack_refusal(method, str(answer.get("error", "no reason given")))
        return answer

    def _attempt(self, method: str, arguments: Mapping[str, object], token: str) -> dict[str, Any]:
        """Call a method with a token; return the answer, which may be a refusal."""
        is_form = method in _FORMS
        kind = "x-www-form-urlencoded" if is_form else "json; charset=utf-8"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": f"application/{kind}"}
        data = urlencode(arguments) if is_form else json.dumps(arguments)
        request = request_of(f"{self._url}{method}", data, headers)
        try:
            decoded: Any = json.loads(send_patiently(request, self._patience))
        except FAILURES as error:
            raise SlackUnavailable(f"{method}: {reason_of(error)}") from error
        if not isinstance(decoded, dict):
            raise SlackUnavailable(f"{method}: the answer is not an object")
        return decoded


def verbatim(part: Any) -> Any:  # noqa: ANN401  (blocks and views, as JSON)
    """Have Slack make no links of what people wrote: of `#channel`, `@here` and addresses.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object, `verbatim`.
    """
    if isinstance(part, list | tuple):
        return [verbatim(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    own = {"verbatim": True} if part.get("type") == "mrkdwn" else {}
    return {**{key: verbatim(each) for key, each in part.items()}, **own}


def _read_token(method: str, token: Callable[[], str]) -> str:
    """Read the token; what no header can carry is refused here, where no error quotes it."""
    try:
        read = token()
    except ShingoError as error:
        raise SlackUnavailable(f"{method}: {error}") from error
    if not is_one_word(read):
        raise SlackUnavailable(f"{method}: the bot token is empty, or holds what no token has")
    return read


def _account(user: Mapping[str, Any]) -> Account:
    grid = user.get("enterprise_user") or {}
    return Account(
        team=str(user["team_id"]),
        organization=str(grid.get("enterprise_id") or ""),
        workspaces=tuple(map(str, grid.get("teams") or ())),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        is_deactivated=bool(user.get("deleted")),
    )
