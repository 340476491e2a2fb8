"""What Slack sends to the app, and what the app's answers do."""

import json

import pytest
from slack_sdk.signature import SignatureVerifier

from sandbox.wire.slack.slack_delivery import send_request
from sandbox.wire.slack.slack_directory import Directory
from sandbox.wire.slack.slack_routes import SlackError, Workspace
from tests.support.slack_builders import CHANNEL, actions, board, form, payload, section
from tests.support.slack_server import Clock, serving


@pytest.fixture(scope="module")
def slack():
    """One server for the tests that only add to the channel."""
    with serving(Workspace(clock=Clock(), enforce_rates=False)) as running:
        yield running


@pytest.fixture
def fresh():
    """A server of one's own, for tests that change its availability, the clock or the app."""
    with serving(Workspace(clock=Clock(), enforce_rates=False)) as running:
        yield running


def test_a_slash_command_arrives_signed_and_complete(fresh):
    fresh.people.command("alice", "/rollout api v1.42.0 faster & better")

    path, headers, body = fresh.app.heard[0]
    sent = form(fresh.app.heard[0])
    verifier = SignatureVerifier(fresh.workspace.signing_secret, clock=fresh.workspace.clock)
    assert path == "/app/commands"
    assert verifier.is_valid(
        body, headers["x-slack-request-timestamp"], headers["x-slack-signature"]
    )
    assert not verifier.is_valid(
        body + b" ", headers["x-slack-request-timestamp"], headers["x-slack-signature"]
    )
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert (sent["command"], sent["text"]) == ("/rollout", "api v1.42.0 faster &amp; better")
    assert (sent["team_id"], sent["user_id"], sent["channel_id"]) == (
        "T0SHINGO",
        "U0ALICE",
        CHANNEL,
    )
    assert sent["response_url"].startswith(f"{fresh.address}/slack/response/")


def test_a_click_carries_the_message_the_button_and_the_person(fresh):
    ts = board(fresh)

    status = fresh.people.click("bob", ts, "approve")

    sent = payload(fresh.app.heard[0])
    assert status == 200
    assert (sent["type"], sent["user"]["id"], sent["team"]["id"]) == (
        "block_actions",
        "U0BOB",
        "T0SHINGO",
    )
    assert sent["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": CHANNEL,
        "is_ephemeral": False,
    }
    assert sent["message"]["blocks"][1]["elements"][0]["value"] == "a1"
    action = sent["actions"][0]
    assert (action["action_id"], action["value"], action["type"]) == ("approve", "a1", "button")
    assert action["block_id"] == sent["message"]["blocks"][1]["block_id"]
    assert action["text"]["text"] == "Approve"


def test_a_click_on_a_private_line_carries_no_message(fresh):
    said = fresh.client.chat_postEphemeral(
        channel=CHANNEL, user="U0BOB", text="x", blocks=[actions()]
    )

    fresh.people.click("bob", said["message_ts"], "approve")

    sent = payload(fresh.app.heard[0])
    assert sent["container"]["is_ephemeral"] is True
    assert "message" not in sent
    with pytest.raises(SlackError, match="message_not_found"):
        fresh.people.click("alice", said["message_ts"], "approve")


def test_the_same_request_can_be_delivered_again_byte_for_byte(fresh):
    fresh.people.command("alice", "/rollout help")

    send_request(fresh.workspace.last_request)

    assert fresh.app.heard[0] == fresh.app.heard[1]


def test_a_commands_answer_is_shown_to_its_person_alone_unless_it_says_otherwise(fresh):
    fresh.app.answer = {"text": "usage"}
    private = fresh.people.command("alice", "/rollout")
    fresh.app.answer = {"text": "starting", "response_type": "in_channel"}
    public = fresh.people.command("alice", "/rollout api v1.42.0")

    assert (private.shown.text, private.shown.audience) == ("usage", "U0ALICE")
    assert (public.shown.text, public.shown.audience) == ("starting", None)


def test_an_empty_answer_shows_nothing(fresh):
    answer = fresh.people.command("alice", "/rollout api v1.42.0")

    assert (answer.status, answer.shown, answer.error) == (200, None, "")
    assert fresh.workspace.timeline.messages == []


def test_an_app_that_fails_is_told_of_privately(fresh):
    fresh.app.status = 500

    answer = fresh.people.command("alice", "/rollout api v1.42.0")

    assert (answer.status, answer.error) == (500, "dispatch_failed")
    assert answer.shown.text == '`/rollout` failed with the error "dispatch_failed".'
    assert answer.shown.audience == "U0ALICE"


def test_an_app_that_does_not_answer_in_time_is_told_of_privately(fresh):
    fresh.app.gate.clear()
    fresh.people.timeout = 0.2

    answer = fresh.people.command("alice", "/rollout api v1.42.0")

    assert (answer.status, answer.error) == (None, "operation_timeout")
    assert answer.shown.text == '`/rollout` failed with the error "operation_timeout".'
    assert answer.shown.audience == "U0ALICE"


def test_a_command_that_the_app_does_not_have_never_reaches_it(fresh):
    answer = fresh.people.command("alice", "/deploy api")

    assert answer.shown.text == "`/deploy` is not a valid command."
    assert fresh.app.heard == []


def test_a_response_url_answers_privately_publicly_or_in_place(fresh):
    ts = board(fresh)
    fresh.people.click("bob", ts, "approve")
    url = payload(fresh.app.heard[0])["response_url"]

    first = fresh.answer(url, {"text": "you may not"})
    fresh.answer(url, {"text": "for all", "response_type": "in_channel", "thread_ts": ts})
    fresh.answer(url, {"text": "approved", "replace_original": True})

    original, private, public = fresh.workspace.timeline.messages
    assert first == (200, "ok")
    assert (private.text, private.audience) == ("you may not", "U0BOB")
    assert (public.text, public.audience, public.thread) == ("for all", None, ts)
    assert (original.text, original.blocks, bool(original.edited)) == ("approved", [], True)


def test_a_response_url_can_take_the_original_away(fresh):
    ts = board(fresh)
    fresh.people.click("bob", ts, "approve")
    url = payload(fresh.app.heard[0])["response_url"]

    fresh.answer(url, {"delete_original": "true"})

    assert fresh.workspace.timeline.messages == []


def test_a_response_url_works_five_times(fresh):
    fresh.people.command("alice", "/rollout help")
    url = form(fresh.app.heard[0])["response_url"]

    statuses = [fresh.answer(url, {"text": str(n)})[0] for n in range(6)]
    refused = json.loads(fresh.answer(url, {"text": "once more"})[1])

    assert statuses == [200] * 5 + [404]
    assert refused["error"] == "used_url"


def test_a_response_url_works_for_thirty_minutes(fresh):
    fresh.people.command("alice", "/rollout help")
    url = form(fresh.app.heard[0])["response_url"]

    fresh.workspace.clock.seconds += 30 * 60
    in_time = fresh.answer(url, {"text": "just in time"})
    fresh.workspace.clock.seconds += 1
    too_late = fresh.answer(url, {"text": "too late"})

    assert in_time == (200, "ok")
    assert (too_late[0], json.loads(too_late[1])["error"]) == (404, "expired_url")


def test_a_response_url_holds_its_message_against_the_limits_and_nobody_can_guess_one(fresh):
    fresh.people.command("alice", "/rollout help")
    url = form(fresh.app.heard[0])["response_url"]

    broken = fresh.answer(url, {"text": "x", "blocks": [section("x" * 3001)]})
    guessed = fresh.answer(f"{fresh.address}/slack/response/guess", {"text": "x"})

    assert (broken[0], json.loads(broken[1])["error"]) == (400, "invalid_blocks")
    assert (guessed[0], json.loads(guessed[1])["error"]) == (404, "invalid_url")


# For an automatic demo


def test_an_automatic_demo_waits_for_a_button_and_presses_it(fresh):
    ts = board(fresh)

    found = fresh.workspace.wait_for(
        lambda: next((one for one in fresh.people.buttons("bob") if one.value == "a1"), None), 5.0
    )
    status = fresh.people.click("bob", found.message_ts, found.action_id, found.block_id)

    assert (found.message_ts, found.text) == (ts, "Approve")
    assert status == 200


def test_waiting_for_what_never_comes_ends_in_time(fresh):
    assert fresh.workspace.wait_for(lambda: None, 0.01) is None


def test_on_enterprise_grid_only_the_team_of_a_click_says_in_which_workspace_it_was(fresh):
    slack = fresh
    slack.workspace.directory = Directory(organization="E0RECIPES")
    slack.people.click("bob", board(slack), "approve")

    sent = payload(slack.app.heard[-1])
    assert (sent["user"]["team_id"], sent["enterprise"]["id"]) == ("E0RECIPES", "E0RECIPES")
    assert (sent["team"]["id"], sent["team"]["enterprise_id"]) == ("T0SHINGO", "E0RECIPES")

    slack.people.command("bob", "/rollout help")
    typed = form(slack.app.heard[-1])
    assert (typed["team_id"], typed["enterprise_id"]) == ("T0SHINGO", "E0RECIPES")


def test_another_companys_person_in_a_slack_connect_channel_clicks_from_their_own(slack):
    slack.people.click("otto", board(slack), "approve")

    sent = payload(slack.app.heard[-1])
    assert (sent["user"]["team_id"], sent["team"]["id"]) == ("T0OTHER", "T0SHINGO")


@pytest.mark.parametrize(("user", "is_guest"), [("U0GRETA", True), ("U0BOB", False)])
def test_slack_says_who_is_a_guest(slack, user, is_guest):
    found = slack.client.users_info(user=user)["user"]

    assert (found["is_restricted"], found["team_id"]) == (is_guest, "T0SHINGO")
