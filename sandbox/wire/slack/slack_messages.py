"""The messages of the channels: threads, edits, and ephemeral messages.

Tested in `tests/contract/wire/test_slack_wire.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.wire.slack.slack_directory import APP_ID, TEAM_ID, Person
from sandbox.wire.slack.slack_json import JsonObject

MICROSECONDS = 1_000_000


@dataclass
class Message:
    """One message of a channel; `audience` is the only person who sees it, or None for all."""

    ts: str
    channel: str
    author: Person
    text: str
    blocks: list[JsonObject]
    thread: str | None = None
    audience: str | None = None
    edited: str | None = None
    in_channel_too: bool = False
    """Whether the channel shows this message of a thread, too (`reply_broadcast`)."""

    def as_slack(self) -> JsonObject:
        """Return the message object that Slack's API and payloads carry."""
        shown: JsonObject = {
            "type": "message",
            "user": self.author.id,
            "ts": self.ts,
            "text": self.text,
            "team": TEAM_ID,
        }
        if self.author.bot_id:
            shown |= {"bot_id": self.author.bot_id, "app_id": APP_ID}
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.thread:
            shown["thread_ts"] = self.thread
        if self.in_channel_too:
            # https://docs.slack.dev/reference/events/message/thread_broadcast/
            shown["subtype"] = "thread_broadcast"
        if self.edited:
            shown["edited"] = {"user": self.author.id, "ts": self.edited}
        return shown


@dataclass
class Timeline:
    """All messages in the order of posting. The workspace's lock guards it.

    Args:
        clock: seconds since the epoch; message timestamps are taken from it and never repeat.
    """

    clock: Callable[[], float]
    messages: list[Message] = field(default_factory=list)
    _last: int = 0
    _ids: int = 0

    def stamp(self) -> str:
        """Return a timestamp as Slack writes it, `seconds.micros`, later than any before it."""
        self._last = max(round(self.clock() * MICROSECONDS), self._last + 1)
        return f"{self._last // MICROSECONDS}.{self._last % MICROSECONDS:06d}"

    def post(self, message: Message) -> Message:
        """Append a message, naming the blocks and buttons that came without an id."""
        self._name_blocks(message.blocks)
        self.messages.append(message)
        return message

    def edit(self, message: Message, text: str, blocks: list[JsonObject]) -> None:
        """Replace what a message says, and mark it as edited."""
        self._name_blocks(blocks)
        message.text, message.blocks, message.edited = text, blocks, self.stamp()

    def delete(self, message: Message) -> None:
        """Take a message away."""
        self.messages.remove(message)

    def find(self, channel: str, ts: str) -> Message | None:
        """Return a message that everybody can see."""
        return next((one for one in self.visible(channel) if one.ts == ts), None)

    def find_for(self, person: str, ts: str) -> Message | None:
        """Return a message that this person can see, in whichever channel."""
        seen = (one for one in self.messages if one.audience in (None, person))
        return next((one for one in seen if one.ts == ts), None)

    def visible(self, channel: str) -> list[Message]:
        """Return what everybody sees in a channel, oldest first."""
        return [one for one in self.messages if one.channel == channel and one.audience is None]

    def replies(self, parent: Message) -> list[Message]:
        """Return the thread below a message, oldest first."""
        return [one for one in self.visible(parent.channel) if one.thread == parent.ts != one.ts]

    def _name_blocks(self, blocks: list[JsonObject]) -> None:
        for block in blocks:
            if not block.get("block_id"):
                block["block_id"] = self._new_id()
            elements = [*block.get("elements", []), block.get("accessory"), block.get("element")]
            for element in elements:
                interactive = isinstance(element, dict) and element.get("type") in INTERACTIVE
                if interactive and not element.get("action_id"):
                    element["action_id"] = self._new_id()

    def _new_id(self) -> str:
        self._ids += 1
        return f"b{self._ids:04x}"


INTERACTIVE = frozenset(
    {
        "button",
        "checkboxes",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "static_select",
        "users_select",
    }
)
