import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.action_ids import REASON, REJECT_DIALOG, Action
from handlers.slack.interactions import (
    Click,
    MalformedPayload,
    Origin,
    Rejection,
    parse_interaction,
)

CLICK = {
    "type": "block_actions",
    "user": {"id": "U0BOB", "username": "bob", "team_id": "T0RECIPES"},
    "team": {"id": "T0RECIPES", "domain": "recipes"},
    "api_app_id": "A0SHINGO",
    "container": {"type": "message", "message_ts": "1.000001", "channel_id": "C0ROLLOUTS"},
    "trigger_id": "1.2.abc",
    "response_url": "https://hooks.slack.com/actions/T0RECIPES/1/secret",
    "actions": [
        {
            "type": "button",
            "action_id": "approve",
            "block_id": "b1",
            "value": "question-red",
            "action_ts": "1.000002",
        }
    ],
}


HERE = Origin(team="T0RECIPES", organization="", home="T0RECIPES")
GRID = {"id": "T0RECIPES", "enterprise_id": "E0RECIPES", "enterprise_name": "Recipes"}


def parsed(payload):
    return parse_interaction({"payload": json.dumps(payload)})


def clicked(**changes):
    return CLICK | {"actions": [CLICK["actions"][0] | changes]}


def test_a_click_is_read():
    click = parsed(CLICK)

    assert (click.action, click.value) == (Action.APPROVE, "question-red")
    assert (click.user, click.origin) == ("U0BOB", HERE)
    assert click.response_url == "https://hooks.slack.com/actions/T0RECIPES/1/secret"


@pytest.mark.parametrize("action", Action)
def test_each_of_our_buttons_is_known(action):
    assert parsed(clicked(action_id=action)).action is action


@pytest.mark.parametrize("home", ["E0RECIPES", "T0NEWS"])
def test_on_enterprise_grid_the_workspace_is_not_where_the_user_is_at_home(home):
    user = {"id": "W0BOB", "team_id": home}

    assert parsed(CLICK | {"team": GRID, "user": user}).origin == Origin(
        team="T0RECIPES", organization="E0RECIPES", home=home
    )


def test_a_click_in_an_organisation_wide_installation_is_of_the_users_workspace():
    origin = parsed(CLICK | {"team": None, "enterprise": {"id": "E0RECIPES"}}).origin

    assert origin == Origin(team="T0RECIPES", organization="E0RECIPES", home="T0RECIPES")


def test_a_dialog_opened_in_a_slack_connect_channel_names_the_apps_workspace():
    view = {"app_installed_team_id": "T0RECIPES"}
    foreign = {"team": {"id": "T0OTHER"}, "user": {"id": "U0EVE", "team_id": "T0OTHER"}}

    origin = parsed(submitted(**view) | foreign).origin

    assert (origin.team, origin.home, origin.is_by_member) == ("T0RECIPES", "T0OTHER", False)


SUBMISSION = {
    "type": "view_submission",
    "user": {"id": "U0BOB", "team_id": "T0RECIPES"},
    "team": {"id": "T0RECIPES", "domain": "recipes"},
    "view": {
        "id": "V1",
        "callback_id": REJECT_DIALOG,
        "private_metadata": "question-red",
        "state": {
            "values": {REASON: {REASON: {"type": "plain_text_input", "value": "502s since 9:00"}}}
        },
    },
}


def submitted(**changes):
    return SUBMISSION | {"view": SUBMISSION["view"] | changes}


def test_a_submitted_dialog_is_a_rejection_with_its_reason():
    assert parsed(SUBMISSION) == Rejection(
        approval="question-red", reason="502s since 9:00", user="U0BOB", origin=HERE
    )


def test_a_dialog_may_be_submitted_without_a_reason():
    empty = {"values": {REASON: {REASON: {"type": "plain_text_input", "value": None}}}}

    assert parsed(submitted(state=empty)).reason == ""


def test_the_dialog_of_someone_else_is_none_of_our_business():
    assert parsed(submitted(callback_id="survey")) is None


def test_neither_trigger_nor_response_url_is_shown():
    click = parsed(CLICK)

    assert click.trigger == "1.2.abc"
    assert "1.2.abc" not in repr(click)
    assert "hooks.slack.com" not in repr(click)


@pytest.mark.parametrize(
    "payload",
    [
        CLICK | {"type": "shortcut", "actions": None},
        clicked(action_id="open-the-menu"),
        clicked(action_id=""),
    ],
    ids=["a shortcut", "another's button", "no action id"],
)
def test_what_is_no_button_of_ours_is_none_of_our_business(payload):
    assert parsed(payload) is None


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"payload": ""},
        {"payload": "{"},
        {"payload": "[" * 100_000},
        {"payload": "9" * 5_000},
        {"payload": "null"},
        {"payload": "[]"},
        {"payload": json.dumps(CLICK | {"actions": []})},
        {"payload": json.dumps(CLICK | {"actions": {}})},
        {"payload": json.dumps(CLICK | {"actions": ["approve"]})},
        {"payload": json.dumps(clicked(action_id=[]))},
        {"payload": json.dumps(clicked(action_id={}))},
        {"payload": json.dumps(CLICK | {"user": "U0BOB"})},
        {"payload": json.dumps(CLICK | {"user": None, "team": None})},
        {"payload": json.dumps(CLICK | {"team": "T0RECIPES"})},
        {"payload": json.dumps(CLICK | {"type": "view_submission"})},
        {"payload": json.dumps(submitted(state={}))},
        {"payload": json.dumps(submitted(state={"values": {REASON: []}}))},
        {"payload": json.dumps(submitted(callback_id=None) | {"view": None})},
    ],
    ids=lambda form: str(form)[:40],
)
def test_what_slack_would_not_send_is_malformed(form):
    with pytest.raises(MalformedPayload, match=r"^not an interaction payload$"):
        parse_interaction(form)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    key=st.sampled_from(["type", "user", "team", "actions", "response_url", "view"]),
    value=values,
    action=st.dictionaries(st.sampled_from(["action_id", "value", "type"]), values, max_size=3),
    state=st.dictionaries(st.sampled_from(["values", REASON]), values, max_size=2),
)
def test_a_payload_that_is_wrong_anywhere_is_malformed_or_not_ours(key, value, action, state):
    for payload in (
        CLICK | {key: value},
        CLICK | {"actions": [action]},
        SUBMISSION | {key: value},
        submitted(state=state),
        value,
    ):
        with suppress(MalformedPayload):
            assert isinstance(parsed(payload), Click | Rejection | None)


@given(st.text(max_size=60))
def test_a_payload_that_is_no_object_is_malformed(text):
    with pytest.raises(MalformedPayload, match=r"^not an interaction payload$"):
        parse_interaction({"payload": text})


def test_what_is_malformed_is_not_repeated_to_anyone():
    with pytest.raises(MalformedPayload) as raised:
        parse_interaction({"payload": '{"token": "secret"'})

    assert "secret" not in str(raised.value)
