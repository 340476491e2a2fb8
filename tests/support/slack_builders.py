"""Messages, dialogs and calls that the tests of the Slack stand-in are about."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.errors import SlackApiError

from tests.support.slack_server import Heard, Slack

CHANNEL = "C0DEPLOYS"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "words", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "approve", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain("Approve"), **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements) or [button()], **more}


def confirm(**more: Any) -> dict[str, Any]:
    words = {"title": plain("Sure?"), "text": plain("Really."), "confirm": plain("Yes")}
    return words | {"deny": plain("No")} | more


def modal(**more: Any) -> dict[str, Any]:
    view = {"type": "modal", "title": plain("Why?"), "submit": plain("Reject")}
    asked = {"type": "plain_text_input", "action_id": "text", "multiline": True}
    reason = {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": asked}
    return view | {"private_metadata": "approval-1", "blocks": [reason]} | more


def refusal(call: Callable[..., Any], **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response


def form(heard: Heard) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(heard[2].decode()).items()}


def payload(heard: Heard) -> Any:
    return json.loads(form(heard)["payload"])


def board(running: Slack, **more: Any) -> Any:
    return running.client.chat_postMessage(
        channel=CHANNEL, text="a board", blocks=[section(), actions(button(value="a1"))], **more
    )["ts"]


def opened(running: Slack, person: str = "alice", **more: Any) -> tuple[Any, str]:
    ts = board(running)
    running.people.click(person, ts, "approve")
    trigger = payload(running.app.heard[-1])["trigger_id"]
    return running.client.views_open(trigger_id=trigger, view=modal(**more))["view"], trigger
