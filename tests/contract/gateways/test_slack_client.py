"""Slack's few calls while people wait, played by a server on this machine."""

import json

import pytest

from handlers.domain.model.errors import NotThere, SlackUnavailable
from handlers.domain.model.rollout import Board
from handlers.gateways import slack_client
from handlers.gateways.slack_client import REMEMBERED, SlackLight
from tests.support.builders import NOW, after

BOARD = Board(channel="C0ROLLOUTS", ts="1.000001")
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*red* é"}}]


class Clock:
    time = NOW

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def light(web, clock):
    return SlackLight(lambda: "xoxb-secret", web.url, clock)


def says(web, document, status=200):
    web.answers(status, json.dumps(document).encode(), Content_Type="application/json")


def sent(web, number=0):
    path, _, body = web.requests[number]
    return path.lstrip("/"), json.loads(body)


def test_the_people_of_a_group_are_asked_for(web, light):
    says(web, {"ok": True, "users": ["U0DAVE", "U0ALICE"]})

    assert light.members("S0SRE") == {"U0DAVE", "U0ALICE"}
    assert sent(web) == ("usergroups.users.list", {"usergroup": "S0SRE"})
    assert web.requests[0][1]["Authorization"] == "Bearer xoxb-secret"


def test_the_people_of_a_group_are_remembered_for_a_while_and_no_longer(web, light, clock):
    says(web, {"ok": True, "users": ["U0DAVE"]})
    says(web, {"ok": True, "users": []})
    light.members("S0SRE")

    clock.time = NOW + REMEMBERED - (after(seconds=1) - NOW)
    assert light.members("S0SRE") == {"U0DAVE"}
    clock.time = NOW + REMEMBERED
    assert light.members("S0SRE") == frozenset()


def test_a_group_that_slack_cannot_tell_of_is_not_taken_for_empty(web, light):
    says(web, {"ok": False, "error": "no_such_subteam"})

    with pytest.raises(SlackUnavailable, match=r"^usergroups.users.list: no_such_subteam$"):
        light.members("S0SRE")


def test_a_failure_is_not_remembered(web, light):
    says(web, {"ok": False, "error": "ratelimited"}, 429)
    says(web, {"ok": True, "users": ["U0DAVE"]})

    with pytest.raises(SlackUnavailable):
        light.members("S0SRE")

    assert light.members("S0SRE") == {"U0DAVE"}


def test_a_dialog_is_opened_by_its_trigger(web, light):
    says(web, {"ok": True})

    light.open_dialog("1.2.trigger", {"type": "modal"})

    assert sent(web) == ("views.open", {"trigger_id": "1.2.trigger", "view": {"type": "modal"}})


def test_a_message_is_posted_and_edited(web, light):
    says(web, {"ok": True, "channel": "C0ROLLOUTS", "ts": "1.000001"})
    says(web, {"ok": True})

    assert light.post("C0ROLLOUTS", text="api v1.42.0", blocks=BLOCKS, thread="1.0") == BOARD
    light.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)

    message = {"channel": "C0ROLLOUTS", "text": "api v1.42.0", "blocks": BLOCKS}
    assert sent(web, 0) == ("chat.postMessage", message | {"thread_ts": "1.0"})
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
def test_whatever_slack_answers_it_is_slack_that_is_unavailable(web, light, status, body):
    web.answers(status, body)

    with pytest.raises(SlackUnavailable, match=r"^chat.postMessage: "):
        light.post("C0ROLLOUTS", text="api v1.42.0")


def test_an_answer_that_does_not_come_is_not_waited_for(web, light, monkeypatch):
    monkeypatch.setattr(slack_client, "TIMEOUT", 0.05)
    web.is_silent()

    with pytest.raises(SlackUnavailable):
        light.members("S0SRE")


def test_without_its_token_it_is_slack_that_is_unavailable(web, clock):
    def refuse():
        raise NotThere("read parameter /shingo/slack-bot-token: ParameterNotFound")

    with pytest.raises(SlackUnavailable):
        SlackLight(refuse, web.url, clock).members("S0SRE")


def test_what_goes_wrong_is_told_without_the_token(web, light):
    says(web, {"ok": False, "error": "invalid_auth"})

    with pytest.raises(SlackUnavailable) as raised:
        light.members("S0SRE")

    assert "xoxb" not in str(raised.value)


# Private answers to a click.


def test_a_line_is_shown_to_the_one_who_clicked_alone(web, light):
    web.answers(200, b"ok")

    assert light.whisper(f"{web.url}response/secret", "U0ALICE was first.") is True
    path, headers, body = web.requests[0]
    assert (path, headers["Content-Type"]) == ("/response/secret", "application/json")
    assert "Authorization" not in headers
    assert json.loads(body) == {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": "U0ALICE was first.",
    }


@pytest.mark.parametrize("status", [400, 404, 410, 500])
def test_a_line_that_is_not_taken_is_let_go(web, light, status):
    web.answers(status, b"expired_url")

    assert light.whisper(f"{web.url}response/secret", "too late") is False


def test_nobody_there_is_let_go(light):
    assert light.whisper("http://127.0.0.1:1/response/secret", "hello") is False


@pytest.fixture
def opened(monkeypatch):
    """Note what would be opened, and open nothing."""
    addresses = []

    def refuse(request, **_):
        addresses.append(request.full_url)
        raise OSError("nothing may be opened")

    monkeypatch.setattr(slack_client.urllib.request, "urlopen", refuse)
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
def test_no_other_host_is_ever_written_to(light, opened, url):
    assert light.whisper(url, "hello") is False

    assert opened == []


def test_slacks_own_host_is_written_to(light, opened):
    light.whisper("https://hooks.slack.com/actions/T1/1/secret", "hello")

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
def test_an_address_that_is_none_is_let_go(light, url):
    assert light.whisper(url, "hello") is False
