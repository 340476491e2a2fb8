"""What must stay secret stays out of logs, answers, messages and the audit, whatever happens."""

import json

import pytest

from handlers import receive_slack
from handlers.answer_api import lambda_handler as answer_api
from handlers.gateways.slack_client import WHILE_PEOPLE_WAIT, SlackClient
from handlers.receive_slack import lambda_handler
from simulator.slack_requests import SECRET
from tests.support.builders import NOW
from tests.support.hostile_requests import (
    PATHS,
    RESPONSE_URL,
    TRIGGER,
    click,
    command,
    form,
    request,
    signature,
    submission,
)
from tests.support.targets import (
    OF_TWO,
    OF_WEB,
    QUESTION,
    RETURNABLE,
    STOPPED,
    TOKENS,
    WITHDRAWABLE,
)
from tests.unit.security.test_api_siege import event as api_event

BOT_TOKEN = "xoxb-1234567890-secret"
SECRETS = [SECRET, BOT_TOKEN, RESPONSE_URL, TRIGGER, *TOKENS.values()]
PASTED = f"look: {RESPONSE_URL} {TOKENS['red']} {BOT_TOKEN}"
EVERYTHING = [
    (PATHS[1], form(click())),
    (PATHS[1], form(click("reject"))),
    (PATHS[1], form(click(by="U0EVE"))),
    (PATHS[1], form(click(value=OF_TWO))),
    (PATHS[1], form(click(value=OF_WEB))),
    (PATHS[1], form(click("roll_back_now", RETURNABLE))),
    (PATHS[1], form(click("withdraw", WITHDRAWABLE, by="U0CAROL"))),
    (PATHS[1], form(click("roll_back", STOPPED))),
    (PATHS[1], form(submission())),
    (PATHS[1], form(submission(reason=PASTED))),
    (PATHS[1], b"payload={"),
    (PATHS[1], b"\xff"),
    (PATHS[0], command()),
    (PATHS[0], command("status")),
    (PATHS[0], command("history api")),
    (PATHS[0], command("cancel api")),
    (PATHS[0], command("evidence api")),
    (PATHS[0], command("rollback api")),
    (PATHS[1], form(click("look_again"))),
]
SIGNATURES = [signature(body) for _, body in EVERYTHING]


class Refusing:
    """What answers no call."""

    def __getattr__(self, name):
        raise OSError("no route to host")


@pytest.fixture
def silent_slack(targets):
    """Use the real gateway, with nobody at the other end."""
    targets.people = SlackClient(
        lambda: BOT_TOKEN, "http://127.0.0.1:1/api/", lambda: NOW, WHILE_PEOPLE_WAIT
    )
    return targets


def noted(targets):
    return repr(list(targets.audit.records.values()))


def found_in(text):
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize(("path", "body"), EVERYTHING)
def test_nothing_that_is_asked_for_gives_a_secret_away(silent_slack, log, path, body):
    targets = silent_slack
    targets.executions.gone |= set(TOKENS.values())

    answers = [lambda_handler(request(body, path), None) for _ in range(2)]

    for told in (json.dumps(answers), log.getvalue(), noted(targets)):
        assert found_in(told) == []
        assert not [each for each in SIGNATURES if each in told]


@pytest.mark.parametrize("part", ["approvals", "rollouts", "audit", "executions", "ecs"])
def test_nor_does_a_failure(silent_slack, log, part):
    setattr(silent_slack, part, Refusing())
    for path, body in EVERYTHING:
        try:
            answer = lambda_handler(request(body, path), None)
        except OSError:
            continue
        assert found_in(json.dumps(answer)) == []

    assert found_in(log.getvalue()) == []
    assert signature(EVERYTHING[0][1]) not in log.getvalue()


def test_nor_does_a_refused_signature(targets, log):
    headers = {"x-slack-request-timestamp": "0", "x-slack-signature": "v0=" + "0" * 64}

    answers = [
        lambda_handler(request(body, path, headers=headers), None) for path, body in EVERYTHING
    ]

    assert {answer["statusCode"] for answer in answers} == {401}
    assert (found_in(json.dumps(answers)), log.getvalue()) == ([], "")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nor_does_the_api(targets, log, method):
    arn = "arn:aws:sts::123456789012:assumed-role/on-call/eve"

    answer = answer_api(api_event(method, arn, QUESTION, "approve", ""), None)

    assert found_in(json.dumps(answer) + log.getvalue() + noted(targets)) == []


def test_nothing_that_holds_a_secret_shows_it_when_it_is_printed(targets):
    shown = repr(receive_slack.parse_interaction({"payload": json.dumps(click())}))
    shown += repr(targets.approvals.get(QUESTION))

    assert found_in(shown) == []
