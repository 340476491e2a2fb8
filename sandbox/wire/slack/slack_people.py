"""People in the channel: what they can do there, for the page and for an automatic demo."""

from dataclasses import dataclass, field

from sandbox.wire.slack.slack_delivery import PATIENCE_SECONDS, Heard, send
from sandbox.wire.slack.slack_directory import SLACKBOT, Channel, Person
from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_messages import Message
from sandbox.wire.slack.slack_modals import Modal
from sandbox.wire.slack.slack_payloads import (
    Gesture,
    click_payload,
    clicked_action,
    command_form,
    payload_form,
    view_payload,
)
from sandbox.wire.slack.slack_responses import show
from sandbox.wire.slack.slack_values import missing, state_values
from sandbox.wire.slack.slack_workspace import Callbacks, Workspace


@dataclass(frozen=True)
class CommandAnswer:
    """What a slash command came to.

    Attributes:
        status: the app's HTTP status; None when it did not answer in time.
        body: the app's JSON answer; empty when there was none.
        shown: the line that the channel shows because of it, if any.
        error: `operation_timeout`, `dispatch_failed`, or empty.
    """

    status: int | None
    body: JsonObject
    shown: Message | None
    error: str = ""


@dataclass(frozen=True)
class Submission:
    """What a submitted dialog came to; `errors` are sentences by block id, and keep it open."""

    status: int | None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """A button that somebody can press now."""

    message_ts: str
    block_id: str
    action_id: str
    value: str
    text: str


class People:
    """The workspace's people. Each is named by id (`U0ALICE`) or name (`alice`).

    Every method sends the request that Slack would send and waits for the app's answer.

    Args:
        workspace: where they are.
        patience: seconds that Slack waits for the app.
    """

    def __init__(self, workspace: Workspace, patience: float = PATIENCE_SECONDS) -> None:
        self.workspace = workspace
        self.patience = patience

    def say(self, person: str, text: str, channel: str = "deploys") -> Message:
        """Write a plain message; the app hears nothing of it."""
        where = self._channel(channel)
        return self.workspace.post(where.id, self.workspace.person(person), text)

    def command(self, person: str, line: str, channel: str = "deploys") -> CommandAnswer:
        """Type a slash command, such as `/rollout api v1.42.0 faster search`."""
        who, where = self.workspace.person(person), self._channel(channel)
        command, _, text = line.strip().partition(" ")
        if command not in {one.command for one in self.workspace.directory.commands}:
            told = f"`{command}` is not a valid command."
            return CommandAnswer(None, {}, self._tell(who, where, told), "unknown_command")
        key, gesture = self._gesture(who, where)
        form = command_form(gesture, command, text.strip())
        heard = self._send(self._callbacks().commands, form)
        if heard.failure:
            told = f'`{command}` failed with the error "{heard.failure}".'
            return CommandAnswer(heard.status, {}, self._tell(who, where, told), heard.failure)
        return CommandAnswer(heard.status, heard.json(), self._shown(heard, key))

    def click(
        self, person: str, message_ts: str, action_id: str, block_id: str | None = None
    ) -> int | None:
        """Press a button of a message.

        Args:
            person: who presses it.
            message_ts: the message.
            action_id: the button.
            block_id: which of several blocks that have a button of this id.

        Returns:
            The app's HTTP status; None when it did not answer in time.

        Raises:
            SlackError: there is no such message before this person, or no such button in it.
        """
        who = self.workspace.person(person)
        with self.workspace.changing():
            message = self.workspace.timeline.find_for(who.id, message_ts)
            if message is None:
                raise SlackError("message_not_found")
            where = self._channel(message.channel)
            block, element = _button(message, action_id, block_id)
            action = clicked_action(block, element, self.workspace.timeline.stamp())
            _, gesture = self._gesture(who, where, message)
            payload = click_payload(gesture, message, action)
        heard = self._send(self._callbacks().interactions, payload_form(payload))
        if heard.failure:
            told = f'That button failed with the error "{heard.failure}".'
            self._tell(who, where, told, thread=message.thread)
        return heard.status

    def buttons(self, person: str) -> list[Button]:
        """Return every button before this person, in the order of the channel."""
        who = self.workspace.person(person)
        with self.workspace.reading():
            return [
                Button(
                    message.ts, block, one["action_id"], one.get("value", ""), one["text"]["text"]
                )
                for message in self.workspace.timeline.messages
                if message.audience in (None, who.id)
                for block, one in _elements(message)
            ]

    def submit(self, person: str, view_id: str, values: JsonObject) -> Submission:
        """Submit a dialog.

        Args:
            person: before whom it is open.
            view_id: the dialog.
            values: block id → action id → what was entered: a text, an option's value, a list.

        Raises:
            SlackError: the dialog is not open before this person.
        """
        who, modal = self._modal(person, view_id)
        blank = missing(modal.view, values)
        if blank:
            return Submission(None, blank)
        view = modal.as_slack(state_values(modal.view, values))
        with self.workspace.changing():
            trigger = self.workspace.tickets.new_trigger(who.id)
        payload = view_payload("view_submission", who, view, trigger)
        heard = self._send(self._callbacks().interactions, payload_form(payload))
        if heard.failure:
            trouble = "We had some trouble connecting. Try again?"
            return Submission(heard.status, {"": f"{trouble} ({heard.failure})"})
        return Submission(heard.status, self._follow(modal, heard.json()))

    def dismiss(self, person: str, view_id: str) -> None:
        """Close a dialog without submitting it; the app hears of it if it asked to.

        Raises:
            SlackError: the dialog is not open before this person.
        """
        who, modal = self._modal(person, view_id)
        with self.workspace.changing():
            self.workspace.modals.close(view_id)
        if modal.view.get("notify_on_close"):
            payload = view_payload("view_closed", who, modal.as_slack(), "")
            self._send(self._callbacks().interactions, payload_form(payload))

    def _gesture(
        self, who: Person, where: Channel, source: Message | None = None
    ) -> tuple[str, Gesture]:
        with self.workspace.changing():
            key = self.workspace.tickets.new_hook(who.id, where.id, source)
            trigger = self.workspace.tickets.new_trigger(who.id)
        return key, Gesture(who, where, trigger, self.workspace.response_url(key))

    def _follow(self, modal: Modal, answer: JsonObject) -> dict[str, str]:
        action = answer.get("response_action")
        with self.workspace.changing():
            if action == "errors":
                return {str(key): str(one) for key, one in answer.get("errors", {}).items()}
            if action == "update":
                self.workspace.modals.change(modal.id, answer.get("view", {}))
                return {}
            self.workspace.modals.close(modal.id)
            if action == "clear":
                for other in self.workspace.modals.before(modal.person):
                    self.workspace.modals.close(other.id)
        return {}

    def _shown(self, heard: Heard, key: str) -> Message | None:
        hook = self.workspace.tickets.hooks[key]
        body = heard.json() or {"text": heard.body.decode(errors="replace").strip()}
        if not body.get("text") and not body.get("blocks"):
            return None
        try:
            return show(self.workspace, hook, body)
        except SlackError as refusal:
            where, who = self._channel(hook.channel), self.workspace.person(hook.person)
            told = f'The answer could not be shown: "{refusal.error}". {refusal.problems}'
            return self._tell(who, where, told)

    def _tell(
        self, person: Person, channel: Channel, text: str, *, thread: str | None = None
    ) -> Message:
        return self.workspace.post(channel.id, SLACKBOT, text, thread=thread, audience=person.id)

    def _send(self, url: str, body: bytes) -> Heard:
        return send(self.workspace, url, body, self.patience) if url else Heard(None)

    def _callbacks(self) -> Callbacks:
        return self.workspace.callbacks or Callbacks("", "")

    def _channel(self, key: str) -> Channel:
        channel = self.workspace.directory.channel(key)
        if channel is None:
            raise SlackError("channel_not_found")
        return channel

    def _modal(self, person: str, view_id: str) -> tuple[Person, Modal]:
        who = self.workspace.person(person)
        with self.workspace.reading():
            modal = self.workspace.modals.open.get(view_id)
        if modal is None or modal.person != who.id:
            raise SlackError("not_found")
        return who, modal


def _button(message: Message, action_id: str, block_id: str | None) -> tuple[str, JsonObject]:
    for block, element in _elements(message):
        if element["action_id"] == action_id and block_id in (None, block):
            return block, element
    raise SlackError("action_not_found")


def _elements(message: Message) -> list[tuple[str, JsonObject]]:
    """Return a message's buttons, each with the id of its block."""
    return [
        (block["block_id"], element)
        for block in message.blocks
        for element in [*block.get("elements", []), block.get("accessory") or {}]
        if element.get("type") == "button"
    ]
