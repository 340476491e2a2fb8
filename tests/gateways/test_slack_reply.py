import json

import pytest
from handlers.gateways.slack_reply import whisper

from handlers.gateways import slack_reply


def test_a_line_is_shown_to_the_one_who_clicked_alone(web):
    web.answers(200, b"ok")

    assert whisper(f"{web.url}response/secret", "U0ALICE was first.") is True

    path, headers, body = web.requests[0]
    assert (path, headers["Content-Type"]) == ("/response/secret", "application/json")
    assert json.loads(body) == {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": "U0ALICE was first.",
    }


@pytest.mark.parametrize("status", [400, 404, 410, 500])
def test_a_line_that_is_not_taken_is_let_go(web, status):
    web.answers(status, b"expired_url")

    assert whisper(f"{web.url}response/secret", "too late") is False


def test_an_answer_that_does_not_come_is_not_waited_for(web, monkeypatch):
    monkeypatch.setattr(slack_reply, "TIMEOUT", 0.05)
    web.is_silent()

    assert whisper(f"{web.url}response/secret", "hello") is False


def test_nobody_there_is_let_go():
    assert whisper("http://127.0.0.1:1/response/secret", "hello") is False


@pytest.fixture
def lines(monkeypatch):
    """Note what would be opened, and open nothing."""
    opened = []

    def refuse(request, **_):
        opened.append(request.full_url)
        raise OSError("nothing may be opened")

    monkeypatch.setattr(slack_reply.urllib.request, "urlopen", refuse)
    return opened


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not an address",
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
def test_no_other_host_is_ever_written_to(lines, url):
    assert whisper(url, "hello") is False

    assert lines == []


def test_slacks_own_host_is_written_to(lines):
    whisper("https://hooks.slack.com/actions/T1/1/secret", "hello")

    assert lines == ["https://hooks.slack.com/actions/T1/1/secret"]


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
def test_an_address_that_is_none_is_let_go(url):
    assert whisper(url, "hello") is False
