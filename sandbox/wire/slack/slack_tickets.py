"""The short-lived rights that Slack hands out with a click: to open a dialog, to answer by URL."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_messages import Message

# Slack's documentation, "Handling user interaction": a trigger lives 3 s and works once, a
# response URL works 5 times within 30 minutes.
TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


@dataclass
class Trigger:
    """The right to open one dialog for the person who clicked."""

    person: str
    issued: float
    used: bool = False


@dataclass
class ResponseHook:
    """The right to answer a command or a click by URL; `source` is the message clicked on."""

    person: str
    channel: str
    issued: float
    source: Message | None = None
    uses: int = 0


@dataclass
class Tickets:
    """Every trigger and response URL that was handed out. Not locked: the workspace is."""

    clock: Callable[[], float]
    triggers: dict[str, Trigger] = field(default_factory=dict)
    hooks: dict[str, ResponseHook] = field(default_factory=dict)

    def new_trigger(self, person: str) -> str:
        """Hand out a `trigger_id`, which looks like Slack's: two numbers and a random part."""
        key = f"{len(self.triggers) + 1:013d}.0000000000001.{secrets.token_hex(16)}"
        self.triggers[key] = Trigger(person, self.clock())
        return key

    def exchange(self, trigger_id: str) -> str:
        """Spend a trigger and return the person for whom a dialog may be opened.

        Raises:
            SlackError: it is unknown, was used before, or is older than 3 s.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.clock() - trigger.issued > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.person

    def new_hook(self, person: str, channel: str, source: Message | None = None) -> str:
        """Hand out the secret last part of a `response_url`."""
        key = secrets.token_urlsafe(24)
        self.hooks[key] = ResponseHook(person, channel, self.clock(), source)
        return key

    def use_hook(self, key: str) -> ResponseHook:
        """Spend one use of a response URL.

        Raises:
            SlackError: it is unknown, older than 30 minutes, or was used 5 times.
        """
        hook = self.hooks.get(key)
        if hook is None:
            raise SlackError("invalid_url")
        if self.clock() - hook.issued > RESPONSE_SECONDS:
            raise SlackError("expired_url")
        if hook.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        hook.uses += 1
        return hook
