"""What the stand-in refuses as Slack does: membership, archived channels, edits, length."""

import pytest

from sandbox.wire.slack.slack_routes import Workspace
from tests.support.slack_builders import CHANNEL, board, refusal, section
from tests.support.slack_server import Clock, serving


@pytest.fixture
def slack():
    with serving(Workspace(clock=Clock(), enforce_rates=False)) as running:
        yield running


def posted(slack):
    return refusal(slack.client.chat_postMessage, channel=CHANNEL, text="a board")["error"]


def edited(slack, ts):
    return refusal(slack.client.chat_update, channel=CHANNEL, ts=ts, text="a board")["error"]


@pytest.mark.parametrize(
    ("become", "post", "update"),
    [
        ({"is_member": False}, "not_in_channel", "channel_not_found"),
        ({"is_member": False, "is_private": True}, "channel_not_found", "channel_not_found"),
        ({"is_archived": True}, "is_archived", "is_inactive"),
    ],
)
def test_a_channel_that_is_closed_to_the_app_takes_nothing(slack, become, post, update):
    ts = board(slack)

    slack.workspace.change_channel("deploys", **become)

    assert (posted(slack), edited(slack, ts)) == (post, update)


def test_a_workspace_may_close_edits(slack):
    ts = board(slack)
    slack.workspace.are_edits_over = True

    assert edited(slack, ts) == "edit_window_closed"


def test_a_message_that_was_deleted_is_not_found(slack):
    ts = board(slack)
    timeline = slack.workspace.timeline
    timeline.delete(timeline.find(CHANNEL, ts))

    assert edited(slack, ts) == "message_not_found"


def test_all_texts_of_a_message_together_have_a_limit(slack):
    blocks = [section("x" * 3_000) for _ in range(4)]

    ts = slack.client.chat_postMessage(channel=CHANNEL, text="long", blocks=blocks)["ts"]
    longer = {"channel": CHANNEL, "text": "long", "blocks": [*blocks, section("x")]}

    assert refusal(slack.client.chat_postMessage, **longer)["error"] == "msg_blocks_too_long"
    assert refusal(slack.client.chat_update, ts=ts, **longer)["error"] == "msg_blocks_too_long"


def test_a_user_id_as_the_channel_is_a_direct_message(slack):
    answer = slack.client.chat_postMessage(channel="U0ALICE", text="for you")

    assert answer["channel"] == "D0ALICE"
    (message,) = slack.workspace.timeline.messages
    assert (message.audience, message.text) == ("U0ALICE", "for you")
