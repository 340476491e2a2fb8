"""The actions of people in the channel, for the page and for automatic runs.

Tested in `tests/contract/wire/test_slack_callbacks.py` and `test_slack_dialogs.py`.
"""

from dataclasses import dataclass, field

from sandbox.wire.slack.slack_delivery import ACKNOWLEDGE_WITHIN_SECONDS, AppAnswer, send_signed
from sandbox.wire.slack.slack_directory import SLACKBOT, Channel, Person
from sandbox.wire.slack.slack_errors import SlackError
from sandbox.wire.slack.slack_json import JsonObject
from sandbox.wire.slack.slack_messages import Message
from sandbox.wire.slack.slack_modals import Modal
from sandbox.wire.slack.slack_payloads import (
    Interaction,
    click_payload,
    clicked_action,
    command_form,
    payload_form,
    view_payload,
)
from sandbox.wire.slack.slack_responses import show_answer
from sandbox.wire.slack.slack_values import input_problems, state_values
from sandbox.wire.slack.slack_workspace import Callbacks, Workspace


@dataclass(frozen=True)
class CommandAnswer:
    """The result of a slash command.

    Attributes:
        status: the app's HTTP status; None when it did not answer in time.
        body: the app's JSON answer; empty when there was none.
        shown: the message that the channel shows of it, if any.
        error: `operation_timeout`, `dispatch_failed`, or empty.
    """

    status: int | None
    body: JsonObject
    shown: Message | None
    error: str = ""


@dataclass(frozen=True)
class Submission:
    """The result of a submitted dialog; `errors`, sentences by block id, keep it open."""

    status: int | None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """A button that a person can press now."""

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

    def __init__(self, workspace: Workspace, timeout: float = ACKNOWLEDGE_WITHIN_SECONDS) -> None:
        self.workspace = workspace
        self.timeout = timeout

    def say(self, person: str, text: str, channel: str = "deploys") -> Message:
        """Write a plain message; Slack does not send it to the app."""
        where = self._channel(channel)
        return self.workspace.post(where.id, self.workspace.person(person), text)

    def command(self, person: str, line: str, channel: str = "deploys") -> CommandAnswer:
        """Type a slash command, such as `/rollout api v1.42.0 faster search`."""
        who, where = self.workspace.person(person), self._channel(channel)
        command, _, text = line.strip().partition(" ")
        if command not in {one.command for one in self.workspace.directory.commands}:
            told = f"`{command}` is not a valid command."
            return CommandAnswer(
                None, {}, self._post_ephemeral(who, where, told), "unknown_command"
            )
        key, interaction = self._new_interaction(who, where)
        form = command_form(interaction, command, text.strip())
        answer = self._send(self._callbacks().commands, form)
        if answer.failure:
            told = f'`{command}` failed with the error "{answer.failure}".'
            return CommandAnswer(
                answer.status, {}, self._post_ephemeral(who, where, told), answer.failure
            )
        return CommandAnswer(answer.status, answer.json(), self._show_answer(answer, key))

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
            SlackError: this person sees no such message, or it has no such button.
        """
        who = self.workspace.person(person)
        with self.workspace.write_lock():
            message = self.workspace.timeline.find_for(who.id, message_ts)
            if message is None:
                raise SlackError("message_not_found")
            where = self._channel(message.channel)
            block, element = _button(message, action_id, block_id)
            action = clicked_action(block, element, self.workspace.timeline.stamp())
            _, interaction = self._new_interaction(who, where, message)
            payload = click_payload(interaction, message, action)
        answer = self._send(self._callbacks().interactions, payload_form(payload))
        if answer.failure:
            told = f'That button failed with the error "{answer.failure}".'
            self._post_ephemeral(who, where, told, thread=message.thread)
        return answer.status

    def buttons(self, person: str) -> list[Button]:
        """Return every button that this person sees, in the order of the channel."""
        who = self.workspace.person(person)
        with self.workspace.read_lock():
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
            person: whose it is.
            view_id: the dialog.
            values: block id → action id → what was entered: a text, an option's value, a list.

        Raises:
            SlackError: the dialog is not open before this person.
        """
        who, modal = self._modal(person, view_id)
        blank = input_problems(modal.view, values)
        if blank:
            return Submission(None, blank)
        view = modal.as_slack(state_values(modal.view, values))
        with self.workspace.write_lock():
            trigger = self.workspace.tickets.new_trigger(who.id)
        payload = view_payload("view_submission", who, view, trigger, self._organization)
        answer = self._send(self._callbacks().interactions, payload_form(payload))
        if answer.failure:
            trouble = "We had some trouble connecting. Try again?"
            return Submission(answer.status, {"": f"{trouble} ({answer.failure})"})
        return Submission(answer.status, self._apply_response(modal, answer.json()))

    def dismiss(self, person: str, view_id: str) -> None:
        """Close a dialog without submitting it; Slack notifies the app if it asked to be.

        Raises:
            SlackError: the dialog is not open before this person.
        """
        who, modal = self._modal(person, view_id)
        with self.workspace.write_lock():
            self.workspace.modals.close(view_id)
        if modal.view.get("notify_on_close"):
            payload = view_payload("view_closed", who, modal.as_slack(), "", self._organization)
            self._send(self._callbacks().interactions, payload_form(payload))

    def _new_interaction(
        self, who: Person, where: Channel, source: Message | None = None
    ) -> tuple[str, Interaction]:
        with self.workspace.write_lock():
            key = self.workspace.tickets.new_hook(who.id, where.id, source)
            trigger = self.workspace.tickets.new_trigger(who.id)
        url = self.workspace.response_url(key)
        return key, Interaction(who, where, trigger, url, self._organization)

    def _apply_response(self, modal: Modal, answer: JsonObject) -> dict[str, str]:
        action = answer.get("response_action")
        with self.workspace.write_lock():
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

    def _show_answer(self, answer: AppAnswer, key: str) -> Message | None:
        hook = self.workspace.tickets.hooks[key]
        body = answer.json() or {"text": answer.body.decode(errors="replace").strip()}
        if not body.get("text") and not body.get("blocks"):
            return None
        try:
            return show_answer(self.workspace, hook, body)
        except SlackError as refusal:
            where, who = self._channel(hook.channel), self.workspace.person(hook.person)
            told = f'The answer could not be shown: "{refusal.error}". {refusal.problems}'
            return self._post_ephemeral(who, where, told)

    def _post_ephemeral(
        self, person: Person, channel: Channel, text: str, *, thread: str | None = None
    ) -> Message:
        return self.workspace.post(channel.id, SLACKBOT, text, thread=thread, audience=person.id)

    def _send(self, url: str, body: bytes) -> AppAnswer:
        return send_signed(self.workspace, url, body, self.timeout) if url else AppAnswer(None)

    def _callbacks(self) -> Callbacks:
        return self.workspace.callbacks or Callbacks("", "")

    @property
    def _organization(self) -> str:
        return self.workspace.directory.organization

    def _channel(self, key: str) -> Channel:
        channel = self.workspace.directory.channel(key)
        if channel is None:
            raise SlackError("channel_not_found")
        return channel

    def _modal(self, person: str, view_id: str) -> tuple[Person, Modal]:
        who = self.workspace.person(person)
        with self.workspace.read_lock():
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
