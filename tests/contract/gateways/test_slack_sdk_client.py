"""Slack's Web API, played by a server on this machine."""

import json
import time

import pytest

from handlers.domain.model.errors import NotThere, SlackUnavailable
from handlers.domain.model.rollout import Board
from handlers.gateways import slack_sdk_client as module
from handlers.gateways.slack_sdk_client import LONGEST_PAUSE, SlackSdk

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*red* é"}}]
POSTED = {"ok": True, "channel": "C0ROLLOUTS", "ts": "1.000001"}
BOARD = Board(channel="C0ROLLOUTS", ts="1.000001")


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """Note pauses instead of making them."""
    made = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


@pytest.fixture
def slack(web):
    return SlackSdk(lambda: "xoxb-secret", web.url)


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
            "blocks": BLOCKS,
            "unfurl_links": False,
            "unfurl_media": False,
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
        {"channel": "C0ROLLOUTS", "ts": "1.000001", "text": "api v1.42.0", "blocks": BLOCKS},
    )


@pytest.mark.parametrize("error", ["channel_not_found", "invalid_auth", "msg_too_long"])
def test_an_answer_that_is_not_ok_is_told_by_its_error(web, slack, error):
    says(web, {"ok": False, "error": error})

    with pytest.raises(SlackUnavailable, match=f"^chat.postMessage: {error}$"):
        slack.post("C0ROLLOUTS", text="api v1.42.0")


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
    assert sum(pauses) <= LONGEST_PAUSE


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


def test_an_answer_that_does_not_come_is_not_waited_for(web, slack, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.05)
    web.is_silent()
    web.is_silent()

    with pytest.raises(SlackUnavailable, match=r"^chat.update: "):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)


def test_nobody_there_is_slack_unavailable():
    slack = SlackSdk(lambda: "xoxb-secret", "http://127.0.0.1:1/")

    with pytest.raises(SlackUnavailable, match=r"^chat.update: "):
        slack.edit(BOARD, text="api v1.42.0", blocks=BLOCKS)


def test_without_its_token_it_is_slack_that_is_unavailable(web):
    def refuse():
        raise NotThere("read parameter /shingo/slack-bot-token: ParameterNotFound")

    with pytest.raises(SlackUnavailable):
        SlackSdk(refuse, web.url).post("C0ROLLOUTS", text="api v1.42.0")


def test_what_goes_wrong_is_told_without_the_token(web, slack):
    says(web, {"ok": False, "error": "invalid_auth"})

    with pytest.raises(SlackUnavailable) as raised:
        slack.post("C0ROLLOUTS", text="api v1.42.0")

    assert "xoxb" not in str(raised.value)
