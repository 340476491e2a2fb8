"""The sandbox's Slack workspace: its whole state behind one lock.

Tested in `tests/contract/wire/test_slack_wire.py`.
"""

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from sandbox.wire.slack.slack_directory import SCOPES, Directory, Person
from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_messages import Message, Timeline
from sandbox.wire.slack.slack_modals import Modals
from sandbox.wire.slack.slack_rates import RateLimits
from sandbox.wire.slack.slack_tickets import Tickets

T = TypeVar("T")

Availability = Literal["ok", "down", "limiting", "slow"]

KEPT_REQUESTS = 200


@dataclass(frozen=True)
class Callbacks:
    """The Request URLs of the app's manifest."""

    commands: str
    interactions: str


@dataclass(frozen=True)
class SlackRequest:
    """A request from Slack to the app, as it was sent; sending it again is a replay."""

    url: str
    headers: dict[str, str]
    body: bytes


class Workspace:
    """The state of a Slack workspace.

    Set `callbacks` and `address` when the servers' addresses are known. `availability` simulates
    an outage: `down` answers 503, `limiting` answers 429 to everything, `slow` carries a call out
    and answers after `slowness` seconds. `enforce_rates` turns Slack's own rate limits on. `scopes`
    is what the app was granted; `refused_tokens` says what a token is answered that was good once.
    `are_edits_over` says that the workspace's settings let nobody edit a message any more.

    Args:
        directory: who and what exists.
        clock: seconds since the epoch. Signatures carry it, so an app that checks them against
            real time needs real time here.
        bot_token: what the app must present; made up when not given.
        signing_secret: what requests to the app are signed with; made up when not given.
        enforce_rates: whether calls in too quick a succession are answered 429.
    """

    def __init__(
        self,
        directory: Directory | None = None,
        *,
        clock: Callable[[], float] = time.time,
        bot_token: str = "",
        signing_secret: str = "",
        enforce_rates: bool = True,
    ) -> None:
        self.directory = directory or Directory()
        self.clock = clock
        self.bot_token = bot_token or f"xoxb-sandbox-{secrets.token_hex(12)}"
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.scopes = SCOPES
        self.refused_tokens: dict[str, str] = {}
        self.callbacks: Callbacks | None = None
        self.address = ""
        self.availability: Availability = "ok"
        self.slowness = 4.0
        self.are_edits_over = False
        self.enforce_rates = enforce_rates
        self.calls: Counter[str] = Counter()
        self.requests: deque[SlackRequest] = deque(maxlen=KEPT_REQUESTS)
        self.timeline = Timeline(clock)
        self.tickets = Tickets(clock)
        self.modals = Modals()
        self.rates = RateLimits(clock)
        self.version = 0
        self.closed = False
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """Hold the lock for a change; notify `wait_for` afterwards."""
        with self._lock:
            yield
            self.version += 1
            self._changed.notify_all()

    @contextmanager
    def read_lock(self) -> Iterator[None]:
        """Hold the lock for reading."""
        with self._lock:
            yield

    def wait_for(self, look: Callable[[], T | None], timeout: float) -> T | None:
        """Call a function after every change until it finds something.

        Args:
            look: returns what is waited for, or None; it is called under the lock.
            timeout: in seconds.

        Returns:
            What was found; None when the time is up.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = look()
                left = deadline - time.monotonic()
                if found is not None or left <= 0:
                    return found
                self._changed.wait(left)

    def change_channel(self, key: str, **changes: Any) -> None:  # noqa: ANN401 - of any field
        """Change how the bot stands to a channel: `is_member`, `is_archived`."""
        with self.write_lock():
            changed = tuple(
                replace(one, **changes) if key in (one.id, one.name) else one
                for one in self.directory.channels
            )
            self.directory = replace(self.directory, channels=changed)

    def close(self) -> None:
        """End the streams to open pages, which would keep the web server running."""
        self.closed = True

    def post(
        self,
        channel: str,
        author: Person,
        text: str,
        blocks: list[JsonObject] | None = None,
        *,
        thread: str | None = None,
        audience: str | None = None,
        in_channel_too: bool = False,
    ) -> Message:
        """Post a message in a channel, or to one person in it."""
        with self.write_lock():
            ts = self.timeline.stamp()
            said = Message(
                ts, channel, author, text, blocks or [], thread, audience,
                in_channel_too=in_channel_too,
            )  # fmt: skip
            return self.timeline.post(said)

    def person(self, key: str) -> Person:
        """Return the account with this id or name.

        Raises:
            SlackError: there is none.
        """
        person = self.directory.person(key)
        if person is None:
            raise SlackError("user_not_found")
        return person

    @property
    def last_request(self) -> SlackRequest | None:
        """The last request from Slack to the app."""
        return self.requests[-1] if self.requests else None

    def response_url(self, key: str) -> str:
        """Return the URL of a response hook."""
        return f"{self.address}/slack/response/{key}"

    def permalink(self, message: Message) -> str:
        """Return a link to a message, which the channel page opens."""
        link = f"{self.address}/archives/{message.channel}/p{message.ts.replace('.', '')}"
        if message.thread and message.thread != message.ts:
            return f"{link}?thread_ts={message.thread}&cid={message.channel}"
        return link
