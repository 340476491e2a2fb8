"""The stand-in for Slack, met by the real slack_sdk: posting, editing, reading, refusals, rates."""

import pytest

from handlers.gateways.slack_client import IN_A_STEP, SlackClient
from sandbox.wire.slack.slack_directory import Channel, Directory
from sandbox.wire.slack.slack_routes import Workspace
from tests.support.builders import NOW
from tests.support.slack_builders import CHANNEL, board, modal, plain, refusal, section
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


def test_a_posted_message_is_in_the_history_with_ids_for_its_blocks_and_buttons(slack):
    nameless = {"type": "actions", "elements": [{"type": "button", "text": plain("Go")}]}

    posted = slack.client.chat_postMessage(channel=CHANNEL, text="hello", blocks=[nameless])

    newest = slack.client.conversations_history(channel=CHANNEL, limit=1)["messages"][0]
    assert newest["ts"] == posted["ts"] == posted["message"]["ts"]
    assert newest["text"] == "hello"
    assert newest["blocks"][0]["block_id"]
    assert newest["blocks"][0]["elements"][0]["action_id"]
    assert (newest["user"], newest["bot_id"]) == ("U0SHINGO", "B0SHINGO")


def test_timestamps_never_repeat_even_when_the_clock_stands_still(slack):
    stamps = [slack.client.chat_postMessage(channel=CHANNEL, text="x")["ts"] for _ in range(3)]

    assert stamps == sorted(set(stamps))
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)


def test_a_channel_can_be_named_for_posting_but_not_for_editing(slack):
    ts = slack.client.chat_postMessage(channel="#deploys", text="hello")["ts"]

    answer = refusal(slack.client.chat_update, channel="#deploys", ts=ts, text="x")

    assert answer["error"] == "channel_not_found"


def test_an_edit_replaces_the_words_and_marks_the_message(slack):
    ts = board(slack)

    slack.client.chat_update(channel=CHANNEL, ts=ts, text="done", blocks=[section("over")])

    found = slack.client.conversations_history(channel=CHANNEL, latest=ts, inclusive=True, limit=1)
    edited = found["messages"][0]
    assert (edited["text"], len(edited["blocks"])) == ("done", 1)
    assert edited["edited"]["user"] == "U0SHINGO"


def test_an_edit_without_blocks_keeps_them_and_an_empty_list_removes_them(slack):
    ts = board(slack)

    kept = slack.client.chat_update(channel=CHANNEL, ts=ts, text="same buttons")
    gone = slack.client.chat_update(channel=CHANNEL, ts=ts, text="no buttons", blocks=[])

    assert len(kept["message"]["blocks"]) == 2
    assert "blocks" not in gone["message"]


def test_replies_stay_in_their_thread_and_are_counted_on_the_parent(slack):
    ts = board(slack)
    slack.client.chat_postMessage(channel=CHANNEL, text="first", thread_ts=ts)
    slack.client.chat_postMessage(channel=CHANNEL, text="second", thread_ts=ts)

    thread = slack.client.conversations_replies(channel=CHANNEL, ts=ts)["messages"]
    newest = slack.client.conversations_history(channel=CHANNEL, limit=1)["messages"][0]

    assert [one["text"] for one in thread] == ["a board", "first", "second"]
    assert (newest["ts"], newest["reply_count"]) == (ts, 2)
    assert newest["latest_reply"] == thread[-1]["ts"]


def test_a_private_line_is_in_nobodys_history(slack):
    slack.client.chat_postEphemeral(channel=CHANNEL, user="U0BOB", text="for bob alone")

    history = slack.client.conversations_history(channel=CHANNEL)["messages"]

    assert "for bob alone" not in [one["text"] for one in history]
    assert slack.workspace.timeline.messages[-1].audience == "U0BOB"


def test_a_permalink_leads_to_the_page(slack):
    ts = board(slack)

    link = slack.client.chat_getPermalink(channel=CHANNEL, message_ts=ts)["permalink"]

    assert link == f"{slack.address}/archives/{CHANNEL}/p{ts.replace('.', '')}"


def test_people_groups_and_the_app_itself_can_be_looked_up(slack):
    client = slack.client

    assert client.users_info(user="U0ALICE")["user"]["name"] == "alice"
    assert client.usergroups_users_list(usergroup="S0SRE")["users"] == ["U0BOB", "U0DAVE"]
    assert {one["handle"] for one in client.usergroups_list()["usergroups"]} == {
        "sre",
        "night",
        "web",
    }
    assert client.auth_test()["bot_id"] == "B0SHINGO"
    assert client.conversations_info(channel=CHANNEL)["channel"]["name"] == "deploys"


def test_what_takes_forms_alone_does_not_see_a_body_of_json(slack):
    answer = refusal(
        slack.client.api_call, api_method="usergroups.users.list", json={"usergroup": "S0SRE"}
    )

    assert answer["error"] == "no_such_subteam"


def test_our_own_client_finds_the_people_of_a_group(slack):
    workspace, address = slack.workspace, f"{slack.address}/slack/api/"
    client = SlackClient(lambda: workspace.bot_token, address, lambda: NOW, IN_A_STEP)

    assert client.members("S0SRE") == {"U0BOB", "U0DAVE"}


def test_every_answer_names_the_scopes_and_what_they_do_not_cover_is_refused(fresh):
    fresh.workspace.scopes = ("commands", "users:read")

    granted = fresh.client.auth_test().headers["x-oauth-scopes"]
    refused = refusal(fresh.client.chat_postMessage, channel=CHANNEL, text="x")

    assert granted == "commands,users:read"
    assert (refused["error"], refused["needed"]) == ("missing_scope", "chat:write")


ELSEWHERE = {
    "C0PUBLIC": (Channel("C0PUBLIC", "public", is_member=False), "not_in_channel"),
    "C0OLD": (Channel("C0OLD", "old", is_archived=True), "is_archived"),
    "C0SECRET": (
        Channel("C0SECRET", "secret", is_private=True, is_member=False),
        "channel_not_found",
    ),
}


@pytest.mark.parametrize("channel", ELSEWHERE)
def test_a_channel_that_the_bot_cannot_write_to_refuses_it(channel):
    known, error = ELSEWHERE[channel]
    workspace = Workspace(Directory(channels=(known,)), clock=Clock(), enforce_rates=False)
    with serving(workspace) as running:
        answer = refusal(running.client.chat_postMessage, channel=channel, text="x")

    assert answer["error"] == error


def test_a_channel_says_whether_the_bot_is_in_it():
    known = Channel("C0PUBLIC", "public", is_member=False)
    workspace = Workspace(Directory(channels=(known,)), clock=Clock(), enforce_rates=False)
    with serving(workspace) as running:
        told = running.client.conversations_info(channel="C0PUBLIC")["channel"]

    assert (told["is_member"], told["is_archived"], told["is_private"]) == (False, False, False)


def test_a_token_that_was_good_once_is_refused_by_its_own_name(fresh):
    fresh.workspace.refused_tokens["xoxb-old"] = "token_revoked"

    assert refusal(fresh.client_with("xoxb-old").auth_test)["error"] == "token_revoked"


def test_a_wrong_token_and_a_missing_one_are_refused(slack):
    wrong = refusal(slack.client_with("xoxb-other").auth_test)
    missing = refusal(slack.client_with(None).auth_test)

    assert (wrong["error"], missing["error"]) == ("invalid_auth", "not_authed")


REFUSED = {
    "no such channel": ("chat_postMessage", {"channel": "C1", "text": "x"}, "channel_not_found"),
    "nothing to say": (
        "api_call",
        {"api_method": "chat.postMessage", "json": {"channel": CHANNEL, "text": ""}},
        "no_text",
    ),
    "blocks that are no JSON": (
        "chat_postMessage",
        {"channel": CHANNEL, "text": "x", "blocks": "[{"},
        "invalid_blocks_format",
    ),
    "no such thread": (
        "chat_postMessage",
        {"channel": CHANNEL, "text": "x", "thread_ts": "1.000001"},
        "thread_not_found",
    ),
    "no such message": (
        "chat_update",
        {"channel": CHANNEL, "ts": "1.000001", "text": "x"},
        "message_not_found",
    ),
    "a private line for a stranger": (
        "chat_postEphemeral",
        {"channel": CHANNEL, "user": "U0NOBODY", "text": "x"},
        "user_not_in_channel",
    ),
    "no such person": ("users_info", {"user": "U0NOBODY"}, "user_not_found"),
    "a person by name": ("users_info", {"user": "alice"}, "user_not_found"),
    "no such group": ("usergroups_users_list", {"usergroup": "S1"}, "no_such_subteam"),
    "no such dialog": ("views_update", {"view_id": "V1", "view": modal()}, "not_found"),
    "a trigger that nobody gave": (
        "views_open",
        {"trigger_id": "1.2.x", "view": modal()},
        "invalid_trigger_id",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "error"), REFUSED.values(), ids=REFUSED)
def test_a_bad_call_is_refused_by_slacks_name_for_it(slack, method, arguments, error):
    answer = refusal(getattr(slack.client, method), **arguments)

    assert answer.status_code == 200
    assert answer["ok"] is False
    assert answer["error"] == error


def test_a_method_that_does_not_exist_is_refused(slack):
    assert refusal(slack.client.api_call, api_method="chat.shout")["error"] == "unknown_method"


def test_an_edit_of_somebody_elses_message_is_refused(slack):
    said = slack.people.say("alice", "my own words")

    answer = refusal(slack.client.chat_update, channel=CHANNEL, ts=said.ts, text="other words")

    assert answer["error"] == "cant_update_message"


def test_an_edit_with_more_than_4000_characters_is_refused(slack):
    ts = board(slack)

    answer = refusal(slack.client.chat_update, channel=CHANNEL, ts=ts, text="x" * 4001)

    assert answer["error"] == "msg_too_long"


def test_posting_too_quickly_is_answered_429_until_the_time_that_it_names():
    clock = Clock()
    with serving(Workspace(clock=clock)) as running:
        for _ in range(5):
            running.client.chat_postMessage(channel=CHANNEL, text="burst")

        limited = refusal(running.client.chat_postMessage, channel=CHANNEL, text="too much")
        wait = int(limited.headers["Retry-After"])
        clock.seconds += wait
        later = running.client.chat_postMessage(channel=CHANNEL, text="after the wait")

    assert (limited.status_code, limited["error"], wait) == (429, "ratelimited", 1)
    assert later["ok"]


def test_fifty_edits_a_minute_are_allowed_and_the_next_is_not():
    with serving(Workspace(clock=Clock())) as running:
        ts = board(running)
        for n in range(50):
            running.client.chat_update(channel=CHANNEL, ts=ts, text=f"edit {n}")

        limited = refusal(running.client.chat_update, channel=CHANNEL, ts=ts, text="edit 51")

    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "2")
    assert running.workspace.calls["chat.update"] == 51


@pytest.mark.parametrize(("availability", "status"), [("down", 503), ("limiting", 429)])
def test_an_ill_slack_refuses_and_changes_nothing_and_can_recover(fresh, availability, status):
    fresh.workspace.availability = availability

    answer = refusal(fresh.client.chat_postMessage, channel=CHANNEL, text="x")
    fresh.workspace.availability = "ok"
    recovered = fresh.client.chat_postMessage(channel=CHANNEL, text="well again")

    assert answer.status_code == status
    assert recovered["ok"]
    assert [one.text for one in fresh.workspace.timeline.messages] == ["well again"]


def test_a_slow_slack_does_what_it_was_asked_though_the_caller_gave_up(fresh):
    fresh.workspace.availability, fresh.workspace.slowness = "slow", 0.6
    impatient = fresh.client
    impatient.timeout = 0.2

    with pytest.raises(TimeoutError):
        impatient.chat_postMessage(channel=CHANNEL, text="heard anyway")

    assert [one.text for one in fresh.workspace.timeline.messages] == ["heard anyway"]


def test_a_threads_message_is_shown_in_the_channel_too_where_that_is_asked(slack):
    parent = slack.client.chat_postMessage(channel=CHANNEL, text="the board")["ts"]
    slack.client.chat_postMessage(channel=CHANNEL, text="routine", thread_ts=parent)
    slack.client.chat_postMessage(
        channel=CHANNEL, text="ended", thread_ts=parent, reply_broadcast=True
    )

    shown = slack.client.conversations_history(channel=CHANNEL)["messages"]
    assert [(one["text"], one.get("subtype")) for one in shown[:2]] == [
        ("ended", "thread_broadcast"),
        ("the board", None),
    ]
    replies = slack.client.conversations_replies(channel=CHANNEL, ts=parent)["messages"]
    assert [one["text"] for one in replies[1:]] == ["routine", "ended"]
