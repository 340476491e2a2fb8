"""Slack's Web API, played by a server on this machine."""

import json
import time
from urllib.parse import parse_qsl

import pytest

from handlers.domain.model.account import Account
from handlers.domain.model.errors import (
    ChannelClosed,
    MessageGone,
    NotThere,
    SlackUnavailable,
    TokenRefused,
)
from handlers.domain.model.rollout import Board
from handlers.gateways import slack_http
from handlers.gateways.slack_client import (
    IN_A_STEP,
    REMEMBERED,
    WHILE_PEOPLE_WAIT,
    SlackClient,
)
from handlers.gateways.slack_http import Patience
from handlers.gateways.slack_refusals import TOKEN_REFUSED
from tests.support.builders import NOW, after

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*red* é"}}]
SENT = [{"type": "section", "text": {"type": "mrkdwn", "text": "*red* é", "verbatim": True}}]
POSTED = {"ok": True, "channel": "C0ROLLOUTS", "ts": "1.000001"}
BOARD = Board(channel="C0ROLLOUTS", ts="1.000001")
LITERAL = {"parse": "none", "link_names": False}
NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False}


class Clock:
    time = NOW

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """Note pauses instead of making them."""
    made = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


@pytest.fixture
def slack(web, clock):
    """Return Slack as a step uses it."""
    return SlackClient(lambda: "xoxb-secret", web.url, clock, IN_A_STEP)


@pytest.fixture
def quick(web, clock):
    """Return Slack as it is used while somebody waits."""
    return SlackClient(lambda: "xoxb-secret", web.url, clock, WHILE_PEOPLE_WAIT)


def says(web, document, status=200, **headers):
    web.answers(status, json.dumps(document).encode(), Content_Type="application/json", **headers)


def sent(web, number=0):
    path, _, body = web.requests[number]
    return path.lstrip("/"), json.loads(body)


def test_a_message_is_posted_and_its_place_returned(web, slack):
    says(web, POSTED)

    board = slack.post("C0ROLLOUTS", text="api v1.42.0", blocks=BLOCKS)

    assert board == BOARD
    assert sent(web) == (
        "chat.postMessage",
        {
            "channel": "C0ROLLOUTS",
            "text": "api v1.42.0",
            "blocks": SENT,
            **LITERAL,
            **NO_PREVIEWS,
        },
    )
    assert web.requests[0][1]["Authorization"] == "Bearer xoxb-secret"


def test_a_message_may_go_into_a_thread(web, slack):
    says(web, POSTED)

    slack.post("C0ROLLOUTS", text="red is deployed", thread="1.000001")

    assert sent(web)[1]["thread_ts"] == "1.000001"


def test_a_message_is_edited_in_place(web, slack):
    says(web, POSTED)

    slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    assert sent(web) == (
        "chat.update",
        {"channel": "C0ROLLOUTS", "ts": "1.000001", "text": "api v1.42.0"}
        | {"blocks": SENT, **LITERAL},
    )


@pytest.mark.parametrize("error", ["channel_not_found", "invalid_auth", "msg_too_long"])
def test_an_answer_that_is_not_ok_is_told_by_its_error(web, slack, error):
    says(web, {"ok": False, "error": error})

    with pytest.raises(SlackUnavailable, match=f"^chat.postMessage: {error}$"):
        slack.post("C0ROLLOUTS", text="api v1.42.0")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("message_not_found", MessageGone),
        ("cant_update_message", MessageGone),
        ("edit_window_closed", MessageGone),
        ("not_in_channel", ChannelClosed),
        ("channel_not_found", ChannelClosed),
        ("is_archived", ChannelClosed),
        ("is_inactive", ChannelClosed),
        ("account_inactive", TokenRefused),
        ("token_revoked", TokenRefused),
        ("missing_scope", TokenRefused),
        ("fatal_error", SlackUnavailable),
        ("msg_blocks_too_long", SlackUnavailable),
    ],
)
def test_a_refusal_says_what_it_means(web, slack, error, kind):
    says(web, {"ok": False, "error": error})

    with pytest.raises(SlackUnavailable) as raised:
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    assert (type(raised.value), str(raised.value)) == (kind, f"chat.update: {error}")


def limited(web, times):
    for _ in range(times):
        says(web, {"ok": False, "error": "ratelimited"}, 429, Retry_After="1")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_limit_that_passes_soon_is_waited_for(web, slack, pauses, times):
    limited(web, times)
    says(web, POSTED)

    assert slack.post("C0ROLLOUTS", text="api v1.42.0") == BOARD
    assert len(pauses) == times
    assert all(pause >= 1 for pause in pauses)


def test_a_limit_that_does_not_pass_is_given_up_in_time(web, slack, pauses):
    limited(web, 9)

    with pytest.raises(SlackUnavailable, match=r"^chat.update: ratelimited$"):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    assert len(web.requests) == len(pauses) + 1 in {4, 5}
    assert sum(pauses) <= IN_A_STEP.pauses


def test_what_is_limited_together_does_not_come_back_together(web, slack, pauses):
    for _ in range(8):
        limited(web, 1)
        says(web, POSTED)
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert len(set(pauses)) == 8


@pytest.mark.parametrize("pause", ["30", "3600"])
def test_a_limit_that_lasts_is_not_waited_for(web, slack, pauses, pause):
    says(web, {"ok": False, "error": "ratelimited"}, 429, Retry_After=pause)

    with pytest.raises(SlackUnavailable, match=r"^chat.update: ratelimited$"):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    assert pauses == []
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (503, b"<html>unavailable</html>"),
        (200, b"<html>captive portal</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"\xff\xfe"),
        (200, b'{"ok": true}'),
    ],
    ids=["500", "503 in html", "html", "nothing", "a list", "no text", "ok, but no place"],
)
def test_whatever_slack_answers_it_is_slack_that_is_unavailable(web, slack, status, body):
    web.answers(status, body, Content_Type="application/json")

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: "):
        slack.post("C0ROLLOUTS", text="api v1.42.0")


def test_an_answer_that_does_not_come_is_not_waited_for(web, clock):
    slack = SlackClient(lambda: "xoxb-secret", web.url, clock, Patience(timeout=0.05, pauses=10))
    web.is_silent()
    web.is_silent()

    with pytest.raises(SlackUnavailable, match=r"^chat.update: "):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)


def test_nobody_there_is_slack_unavailable(clock):
    slack = SlackClient(lambda: "xoxb-secret", "http://127.0.0.1:1/", clock, IN_A_STEP)

    with pytest.raises(SlackUnavailable, match=r"^chat.update: "):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)


def test_without_its_token_it_is_slack_that_is_unavailable(web, clock):
    def refuse():
        raise NotThere("read parameter /shingo/slack-bot-token: ParameterNotFound")

    with pytest.raises(SlackUnavailable):
        SlackClient(refuse, web.url, clock, IN_A_STEP).post("C0ROLLOUTS", text="api v1.42.0")


def test_what_goes_wrong_is_told_without_the_token(web, slack):
    says(web, {"ok": False, "error": "invalid_auth"})

    with pytest.raises(SlackUnavailable) as raised:
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert "xoxb" not in str(raised.value)


# A token that was rotated.


@pytest.fixture
def rotated(web, clock):
    """Return Slack with the token of yesterday, and what was read anew."""
    read = []

    def fresh():
        read.append("xoxb-of-today")
        return read[-1]

    return SlackClient(lambda: "xoxb-of-yesterday", web.url, clock, IN_A_STEP, fresh), read


def tokens(web):
    return [headers["Authorization"].removeprefix("Bearer ") for _, headers, _ in web.requests]


@pytest.mark.parametrize("error", sorted(TOKEN_REFUSED))
def test_a_token_that_slack_refuses_is_read_anew_once(web, rotated, error):
    slack, read = rotated
    says(web, {"ok": False, "error": error})
    says(web, POSTED)

    assert slack.post("C0ROLLOUTS", text="api v1.42.0") == BOARD
    assert tokens(web) == ["xoxb-of-yesterday", "xoxb-of-today"]
    assert len(read) == 1


def test_a_fresh_token_that_slack_refuses_too_is_told_and_not_read_again(web, rotated):
    slack, read = rotated
    says(web, {"ok": False, "error": "token_revoked"})
    says(web, {"ok": False, "error": "invalid_auth"})

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: invalid_auth$"):
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert (len(web.requests), len(read)) == (2, 1)


def test_the_same_token_read_anew_is_not_tried_again(web, clock):
    slack = SlackClient(lambda: "xoxb-1", web.url, clock, IN_A_STEP, lambda: "xoxb-1")
    says(web, {"ok": False, "error": "invalid_auth"})

    with pytest.raises(SlackUnavailable, match="invalid_auth"):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    assert len(web.requests) == 1


@pytest.mark.parametrize("error", ["channel_not_found", "missing_scope", "not_in_channel"])
def test_another_refusal_reads_no_token(web, rotated, error):
    slack, read = rotated
    says(web, {"ok": False, "error": error})

    with pytest.raises(SlackUnavailable, match=error):
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert read == []


@pytest.mark.parametrize("token", ["xoxb-1\nxoxb-2", "", "xoxb-é", "xoxb 1"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_quoted(web, clock, token):
    slack = SlackClient(lambda: token, web.url, clock, IN_A_STEP)

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: the bot token") as raised:
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert "xoxb" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert web.requests == []


# While people wait.


@pytest.mark.parametrize("pause", ["0", "1"])
def test_while_people_wait_nothing_is_tried_again(web, quick, pauses, pause):
    says(web, {"ok": False, "error": "ratelimited"}, 429, Retry_After=pause)

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: ratelimited$"):
        quick.post("C0ROLLOUTS", text="api v1.42.0")

    assert (len(web.requests), pauses) == (1, [])


def test_a_connection_that_fails_is_tried_once_more(clock, pauses):
    slack = SlackClient(lambda: "xoxb-secret", "http://127.0.0.1:1/", clock, IN_A_STEP)

    with pytest.raises(SlackUnavailable, match=r"^chat.update: URLError$"):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    assert len(pauses) == 1


def test_an_answer_that_does_not_come_is_not_asked_for_twice(web, clock, pauses):
    """The message may have been posted."""
    slack = SlackClient(lambda: "xoxb-secret", web.url, clock, Patience(timeout=0.05, pauses=10))
    web.is_silent()

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: TimeoutError$"):
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert (len(web.requests), pauses) == (1, [])


def test_the_people_of_a_group_are_asked_for(web, quick):
    says(web, {"ok": True, "users": ["U0DAVE", "U0ALICE"]})

    assert quick.members("S0SRE") == {"U0DAVE", "U0ALICE"}
    ((path, headers, body),) = web.requests
    assert (path, body) == ("/usergroups.users.list", b"usergroup=S0SRE")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Authorization"] == "Bearer xoxb-secret"


def test_the_people_of_a_group_are_remembered_for_a_while_and_no_longer(web, quick, clock):
    says(web, {"ok": True, "users": ["U0DAVE"]})
    says(web, {"ok": True, "users": []})
    quick.members("S0SRE")

    clock.time = NOW + REMEMBERED - (after(seconds=1) - NOW)
    assert quick.members("S0SRE") == {"U0DAVE"}
    clock.time = NOW + REMEMBERED
    assert quick.members("S0SRE") == frozenset()


def test_a_group_that_slack_cannot_tell_of_is_not_taken_for_empty(web, quick):
    says(web, {"ok": False, "error": "no_such_subteam"})

    with pytest.raises(SlackUnavailable, match=r"^usergroups.users.list: no_such_subteam$"):
        quick.members("S0SRE")


def test_a_failure_is_not_remembered(web, quick):
    says(web, {"ok": False, "error": "ratelimited"}, 429)
    says(web, {"ok": True, "users": ["U0DAVE"]})

    with pytest.raises(SlackUnavailable):
        quick.members("S0SRE")

    assert quick.members("S0SRE") == {"U0DAVE"}


def test_a_dialog_is_opened_by_its_trigger(web, quick):
    says(web, {"ok": True})

    quick.open_dialog("1.2.trigger", {"type": "modal"})

    assert sent(web) == ("views.open", {"trigger_id": "1.2.trigger", "view": {"type": "modal"}})


def test_a_threads_message_can_be_shown_in_the_channel_too(web, quick):
    says(web, {"ok": True, "channel": "C0ROLLOUTS", "ts": "1.000001"})
    says(web, {"ok": True, "channel": "C0ROLLOUTS", "ts": "1.000002"})

    quick.post("C0ROLLOUTS", text="ended", thread="1.0", in_channel_too=True)
    quick.post("C0ROLLOUTS", text="ended", in_channel_too=True)

    assert sent(web, 0)[1]["reply_broadcast"] is True
    assert "reply_broadcast" not in sent(web, 1)[1]


def test_a_permalink_is_asked_for_by_a_form(web, quick):
    says(web, {"ok": True, "permalink": "https://recipes.slack.com/archives/C0ROLLOUTS/p1"})

    assert quick.permalink(BOARD) == "https://recipes.slack.com/archives/C0ROLLOUTS/p1"

    ((path, headers, body),) = web.requests
    assert (path, headers["Content-Type"]) == (
        "/chat.getPermalink",
        "application/x-www-form-urlencoded",
    )
    assert dict(parse_qsl(body.decode())) == {"channel": BOARD.channel, "message_ts": BOARD.ts}


def test_a_message_is_posted_and_edited(web, quick):
    says(web, {"ok": True, "channel": "C0ROLLOUTS", "ts": "1.000001"})
    says(web, {"ok": True})

    assert quick.post("C0ROLLOUTS", text="api v1.42.0", blocks=BLOCKS, thread="1.0") == BOARD
    quick.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    message = {"channel": "C0ROLLOUTS", "text": "api v1.42.0", "blocks": SENT, **LITERAL}
    assert sent(web, 0) == ("chat.postMessage", message | NO_PREVIEWS | {"thread_ts": "1.0"})
    assert sent(web, 1) == ("chat.update", message | {"ts": "1.000001"})


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (429, b'{"ok": false, "error": "ratelimited"}'),
        (200, b"<html>captive portal</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"\xff\xfe"),
        (200, b'{"ok": true}'),
    ],
    ids=["500", "429", "html", "nothing", "a list", "no text", "ok, but no place"],
)
def test_while_people_wait_whatever_slack_answers_it_is_slack_that_is_unavailable(
    web, quick, status, body
):
    web.answers(status, body)

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: "):
        quick.post("C0ROLLOUTS", text="api v1.42.0")


def test_while_people_wait_an_answer_that_does_not_come_is_not_waited_for(web, clock):
    quick = SlackClient(lambda: "xoxb-secret", web.url, clock, Patience(timeout=0.05, pauses=0))
    web.is_silent()

    with pytest.raises(SlackUnavailable):
        quick.members("S0SRE")


def test_while_people_wait_without_its_token_it_is_slack_that_is_unavailable(web, clock):
    def refuse():
        raise NotThere("read parameter /shingo/slack-bot-token: ParameterNotFound")

    with pytest.raises(SlackUnavailable):
        SlackClient(refuse, web.url, clock, WHILE_PEOPLE_WAIT).members("S0SRE")


def test_while_people_wait_what_goes_wrong_is_told_without_the_token(web, quick):
    says(web, {"ok": False, "error": "invalid_auth"})

    with pytest.raises(SlackUnavailable) as raised:
        quick.members("S0SRE")

    assert "xoxb" not in str(raised.value)


# Private answers to a click.


def test_a_line_is_shown_to_the_one_who_clicked_alone(web, quick):
    web.answers(200, b"ok")

    assert quick.post_ephemeral(f"{web.url}response/secret", "U0ALICE was first.") is True
    path, headers, body = web.requests[0]
    assert (path, headers["Content-Type"]) == ("/response/secret", "application/json")
    assert "Authorization" not in headers
    assert json.loads(body) == {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": "U0ALICE was first.",
    }


def test_an_answer_is_shown_to_the_channel(web, quick):
    web.answers(200, b"ok")

    assert quick.answer_openly(f"{web.url}response/secret", "api runs", BLOCKS) is True
    assert json.loads(web.requests[0][2]) == {
        "response_type": "in_channel",
        "replace_original": False,
        "text": "api runs",
        "blocks": SENT,
    }


@pytest.mark.parametrize("status", [400, 404, 410, 500])
def test_a_line_that_is_not_taken_is_let_go(web, quick, status):
    web.answers(status, b"expired_url")

    assert quick.post_ephemeral(f"{web.url}response/secret", "too late") is False


def test_nobody_there_is_let_go(quick):
    assert quick.post_ephemeral("http://127.0.0.1:1/response/secret", "hello") is False


@pytest.fixture
def opened(monkeypatch):
    """Note what would be opened, and open nothing."""
    addresses = []

    def refuse(request, **_):
        addresses.append(request.full_url)
        raise OSError("nothing may be opened")

    monkeypatch.setattr(slack_http.urllib.request, "urlopen", refuse)
    return addresses


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not an address",
        "http://[",
        "http://hooks.slack.com/actions/T1/1/secret",
        "https://hooks.slack.com.evil.example/actions",
        "https://evil.example/https://hooks.slack.com/",
        "https://hooks.slack.com@evil.example/",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:8080/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1:@evil.example/",
    ],
)
def test_no_other_host_is_ever_written_to(quick, opened, url):
    assert quick.post_ephemeral(url, "hello") is False

    assert opened == []


def test_slacks_own_host_is_written_to(quick, opened):
    quick.post_ephemeral("https://hooks.slack.com/actions/T1/1/secret", "hello")

    assert opened == ["https://hooks.slack.com/actions/T1/1/secret"]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/a b",
        "https://hooks.slack.com/a\r\nHost: evil.example",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:1/é",
        "http://127.0.0.1:99999999/",
    ],
)
def test_an_address_that_is_none_is_let_go(quick, url):
    assert quick.post_ephemeral(url, "hello") is False


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ({"team_id": "T1"}, Account(team="T1")),
        ({"team_id": "T1", "is_restricted": True}, Account(team="T1", is_guest=True)),
        ({"team_id": "T1", "is_ultra_restricted": True}, Account(team="T1", is_guest=True)),
        ({"team_id": "T1", "is_bot": True}, Account(team="T1", is_bot=True)),
        ({"team_id": "T1", "deleted": True}, Account(team="T1", is_deactivated=True)),
        (
            {"team_id": "E1", "enterprise_user": {"enterprise_id": "E1", "teams": ["T1", "T2"]}},
            Account(team="E1", organization="E1", workspaces=("T1", "T2")),
        ),
    ],
)
def test_an_account_is_read(web, quick, user, account):
    says(web, {"ok": True, "user": {"id": "U0BOB", **user}})

    assert quick.account("U0BOB") == account
    path, _, body = web.requests[0]
    assert (path, body) == ("/users.info", b"user=U0BOB")


def test_an_account_is_remembered_for_a_while(web, quick, clock):
    for team in ("T1", "T2"):
        says(web, {"ok": True, "user": {"team_id": team}})
    assert [quick.account("U0BOB").team for _ in range(3)] == ["T1"] * 3

    clock.time = NOW + REMEMBERED

    assert quick.account("U0BOB").team == "T2"


@pytest.mark.parametrize("answer", [{}, {"user": None}, {"user": {"id": "U0BOB"}}])
def test_an_answer_without_an_account_is_none(web, quick, answer):
    says(web, {"ok": True, **answer})

    with pytest.raises(SlackUnavailable, match=r"^users.info: the answer names no user$"):
        quick.account("U0BOB")


def test_the_people_of_several_groups_are_asked_for_in_one_call(web, quick):
    listed = [{"id": "S0SRE", "users": ["U0BOB", "U0DAVE"]}, {"id": "S0WEB", "users": ["U0ALICE"]}]
    says(web, {"ok": True, "usergroups": listed})

    found = quick.members_of(["S0SRE", "S0WEB", "S0GONE"])

    assert found == {
        "S0SRE": {"U0BOB", "U0DAVE"},
        "S0WEB": {"U0ALICE"},
        "S0GONE": frozenset(),
    }
    assert quick.members("S0SRE") == {"U0BOB", "U0DAVE"}
    ((path, _, body),) = web.requests
    assert (path, body) == ("/usergroups.list", b"include_users=true")


def test_the_people_of_one_group_are_asked_for_alone(web, quick):
    says(web, {"ok": True, "users": ["U0BOB"]})

    assert quick.members_of({"S0SRE"}) == {"S0SRE": {"U0BOB"}}
    assert web.requests[0][0] == "/usergroups.users.list"


def test_two_calls_fit_into_the_time_that_slack_waits():
    assert 2 * WHILE_PEOPLE_WAIT.timeout < 3
