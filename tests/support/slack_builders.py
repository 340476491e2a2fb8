"""Messages, dialogs and calls that the tests of the Slack stand-in are about."""

import json
from urllib.parse import parse_qs

import pytest
from slack_sdk.errors import SlackApiError

CHANNEL = "C0DEPLOYS"


def plain(text):
    return {"type": "plain_text", "text": text}


def section(text="words", **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id="approve", **more):
    return {"type": "button", "action_id": action_id, "text": plain("Approve"), **more}


def actions(*elements, **more):
    return {"type": "actions", "elements": list(elements) or [button()], **more}


def confirm(**more):
    words = {"title": plain("Sure?"), "text": plain("Really."), "confirm": plain("Yes")}
    return words | {"deny": plain("No")} | more


def modal(**more):
    view = {"type": "modal", "title": plain("Why?"), "submit": plain("Reject")}
    asked = {"type": "plain_text_input", "action_id": "text", "multiline": True}
    reason = {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": asked}
    return view | {"private_metadata": "approval-1", "blocks": [reason]} | more


def refusal(call, **arguments):
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response


def form(heard):
    return {key: values[0] for key, values in parse_qs(heard[2].decode()).items()}


def payload(heard):
    return json.loads(form(heard)["payload"])


def board(running, **more):
    return running.client.chat_postMessage(
        channel=CHANNEL, text="a board", blocks=[section(), actions(button(value="a1"))], **more
    )["ts"]


def opened(running, person="alice", **more):
    ts = board(running)
    running.people.click(person, ts, "approve")
    trigger = payload(running.app.heard[-1])["trigger_id"]
    return running.client.views_open(trigger_id=trigger, view=modal(**more))["view"], trigger
