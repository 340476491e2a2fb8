"""Slack's limits on blocks and dialogs, as the real slack_sdk meets them."""

import pytest

from sandbox.wire.slack.slack_routes import Workspace
from tests.support.slack_builders import (
    CHANNEL,
    actions,
    button,
    confirm,
    modal,
    plain,
    refusal,
    section,
)
from tests.support.slack_server import Clock, serving


@pytest.fixture(scope="module")
def slack():
    """One server for the tests that only add to the channel."""
    with serving(Workspace(clock=Clock(), enforce_rates=False)) as running:
        yield running


LIMITS = {
    "51 blocks": (
        [{"type": "divider"}] * 51,
        "no more than 50 items allowed [json-pointer:/blocks]",
    ),
    "section text": (
        [section("x" * 3001)],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "empty section text": (
        [section("")],
        "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ),
    "empty section": (
        [{"type": "section"}],
        "must define either `fields` or `text` [json-pointer:/blocks/0]",
    ),
    "11 fields": (
        [{"type": "section", "fields": [plain("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "field text": (
        [{"type": "section", "fields": [plain("x"), plain("x" * 2001)]}],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/1/text]",
    ),
    "header text": (
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "header in mrkdwn": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    "11 context elements": (
        [{"type": "context", "elements": [plain("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "26 buttons": (
        [actions(*(button(f"b{n}") for n in range(26)))],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "no buttons": (
        [{"type": "actions", "elements": []}],
        "no less than 1 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "button text": (
        [actions(button(text=plain("x" * 76)))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "button value": (
        [actions(button(value="x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "button style": (
        [actions(button(style="loud"))],
        "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    "unknown property": (
        [actions(button(disabled=True))],
        "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]",
    ),
    "action id": (
        [actions(button("x" * 256))],
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "same action id twice": (
        [actions(button("a"), button("a"))],
        "action_id already exists for another action [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    "block id": (
        [section(block_id="x" * 256)],
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    "block id that is no text": (
        [section(block_id=["x"])],
        "must be a string [json-pointer:/blocks/0/block_id]",
    ),
    "blocks that are no list": (
        '{"type": "divider"}',
        "must be an array [json-pointer:/blocks]",
    ),
    "same block id twice": (
        [section(block_id="a"), section(block_id="a")],
        "block_id already exists for another block [json-pointer:/blocks/1/block_id]",
    ),
    "confirm title": (
        [actions(button(confirm=confirm(title=plain("x" * 101))))],
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    "confirm text": (
        [section(accessory=button(confirm=confirm(text=plain("x" * 301))))],
        "must be less than 301 characters [json-pointer:/blocks/0/accessory/confirm/text/text]",
    ),
    "confirm label": (
        [actions(button(confirm=confirm(confirm=plain("x" * 31))))],
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]",
    ),
    "deny label": (
        [actions(button(confirm=confirm(deny=plain("x" * 31))))],
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]",
    ),
    "unknown block": (
        [{"type": "banner"}],
        "unsupported type: banner [json-pointer:/blocks/0/type]",
    ),
}


@pytest.mark.parametrize(("blocks", "problem"), LIMITS.values(), ids=LIMITS)
def test_blocks_beyond_a_limit_are_refused_and_the_place_is_named(slack, blocks, problem):
    before = len(slack.workspace.timeline.messages)

    answer = refusal(slack.client.chat_postMessage, channel=CHANNEL, text="x", blocks=blocks)

    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == [problem]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}"]
    assert len(slack.workspace.timeline.messages) == before


def test_blocks_at_every_limit_are_accepted(slack):
    words = confirm(
        title=plain("x" * 100), text=plain("x" * 300), confirm=plain("x" * 30), deny=plain("x" * 30)
    )
    full = button("x" * 255, value="x" * 2000, text=plain("x" * 75), confirm=words)
    many = [button(f"b{n}") for n in range(24)]
    blocks = [
        {"type": "header", "text": plain("x" * 150)},
        section(
            "x" * 3000, fields=[plain("x" * 2000), *[plain("x" * 500)] * 9], block_id="x" * 255
        ),
        {"type": "context", "elements": [plain("x")] * 10},
        actions(full, *many),
        *([{"type": "divider"}] * 46),
    ]

    assert slack.client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)["ok"]


VIEW_LIMITS = {
    "title": ({"title": plain("x" * 25)}, "/view/title/text", 25),
    "submit": ({"submit": plain("x" * 25)}, "/view/submit/text", 25),
    "close": ({"close": plain("x" * 25)}, "/view/close/text", 25),
    "private_metadata": ({"private_metadata": "x" * 3001}, "/view/private_metadata", 3001),
    "callback_id": ({"callback_id": "x" * 256}, "/view/callback_id", 256),
}


@pytest.mark.parametrize(("change", "place", "length"), VIEW_LIMITS.values(), ids=VIEW_LIMITS)
def test_a_dialog_beyond_a_limit_is_refused_and_the_place_is_named(slack, change, place, length):
    trigger = slack.workspace.tickets.new_trigger("U0ALICE")

    answer = refusal(slack.client.views_open, trigger_id=trigger, view=modal(**change))

    said = f"[ERROR] must be less than {length} characters [json-pointer:{place}]"
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [said]
