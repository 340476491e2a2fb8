"""Trigger ids and response URLs, which Slack issues with a click or a command.

Tested in `tests/contract/wire/test_slack_dialogs.py` and `test_slack_callbacks.py`.
"""

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
    """A trigger id: opens one dialog for the person who clicked."""

    person: str
    issued: float
    used: bool = False


@dataclass
class ResponseHook:
    """A response URL of a command or a click; `source` is the clicked message."""

    person: str
    channel: str
    issued: float
    source: Message | None = None
    uses: int = 0


@dataclass
class Tickets:
    """Every trigger id and response URL that was issued. The workspace's lock guards it."""

    clock: Callable[[], float]
    triggers: dict[str, Trigger] = field(default_factory=dict)
    hooks: dict[str, ResponseHook] = field(default_factory=dict)

    def new_trigger(self, person: str) -> str:
        """Issue a `trigger_id` in Slack's shape: two numbers and a random part."""
        key = f"{len(self.triggers) + 1:013d}.0000000000001.{secrets.token_hex(16)}"
        self.triggers[key] = Trigger(person, self.clock())
        return key

    def exchange(self, trigger_id: str) -> str:
        """Use a trigger up; return the person for whom it opens a dialog.

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
        """Issue the secret last part of a `response_url`."""
        key = secrets.token_urlsafe(24)
        self.hooks[key] = ResponseHook(person, channel, self.clock(), source)
        return key

    def use_hook(self, key: str) -> ResponseHook:
        """Use a response URL once.

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
