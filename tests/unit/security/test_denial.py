"""Requests made to cost much, to hide something, or to be taken for somebody else's."""

import gzip
import json
import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest

from handlers.answer_api import MAX_BODY as MOST_OF_THE_API
from handlers.answer_api import lambda_handler as answer_api
from handlers.receive_slack import MAX_BODY, lambda_handler
from simulator.slack_requests import SECRET
from tests.support.hostile_requests import (
    PATHS,
    STAMP,
    click,
    command,
    form,
    request,
    signature,
    submission,
)
from tests.support.targets import OF_WEB, QUESTION, RETURNABLE, STOPPED, State, told
from tests.unit.security.test_api_siege import event

ROLE = "arn:aws:iam::123456789012:role/on-call"
SLACKS_PATIENCE = 3.0
"""Seconds in which it wants an answer; what is measured here is our own part of it."""


@pytest.fixture
def on_call(targets):
    """Let a role answer for api, and for nothing else."""
    rules = targets.apps["api"].rules
    for color, of_color in rules.items():
        rules[color] = of_color.__class__(**{**vars(of_color), "users": (*of_color.users, ROLE)})
    return targets


def answer_of(body, approval=QUESTION, verb="reject"):
    return answer_api(event("POST", ROLE, approval, verb, body), None)


LARGEST = {
    "deep lists": b"payload=" + b"[" * (MAX_BODY - 8),
    "deep objects": b"payload=" + b'{"a":' * ((MAX_BODY - 8) // 5),
    "closed lists": b"payload=" + b"[" * ((MAX_BODY - 8) // 2) + b"]" * ((MAX_BODY - 8) // 2),
    "a number": b"payload=" + b"9" * (MAX_BODY - 8),
    "an exponent": b"payload=1e" + b"9" * (MAX_BODY - 10),
    "escapes": b"payload=%22" + b"%5C" * ((MAX_BODY - 11) // 3),
    "fields": b"&" * MAX_BODY,
    "one field": b"a" * MAX_BODY,
    "null bytes": b"payload=" + b"\0" * (MAX_BODY - 8),
    "zeros, compressed": gzip.compress(bytes(50_000_000)),
}


@pytest.mark.parametrize("body", LARGEST.values(), ids=LARGEST)
@pytest.mark.parametrize("path", PATHS)
def test_the_costliest_body_that_is_taken_is_refused_in_time(targets, path, body):
    assert len(body) <= MAX_BODY
    state, said = State.of(targets), told(targets)
    began = time.process_time()

    answer = lambda_handler(request(body, path), None)

    assert time.process_time() - began < SLACKS_PATIENCE
    assert answer["statusCode"] == 400 or "does not serve" in answer["body"]
    assert (State.of(targets), told(targets)) == (state, said)


def test_a_compressed_body_is_not_unpacked_even_when_it_is_signed(targets):
    state = State.of(targets)
    body = gzip.compress(form(click()))
    signed = {"x-slack-request-timestamp": STAMP, "x-slack-signature": signature(body)}

    answer = lambda_handler(request(body, headers=signed | {"content-encoding": "gzip"}), None)

    assert answer["statusCode"] == 400
    assert State.of(targets) == state


GOOD = signature(form(click()))


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-request-timestamp": STAMP, "x-slack-signature": f"{GOOD},{GOOD}"},
        {"x-slack-request-timestamp": STAMP, "x-slack-signature": f"v0=00,{GOOD}"},
        {"x-slack-request-timestamp": f"{STAMP},{STAMP}", "x-slack-signature": GOOD},
        {"x-slack-request-timestamp": f"{STAMP}\0", "x-slack-signature": GOOD},
        {"x-slack-request-timestamp": f" {STAMP}", "x-slack-signature": GOOD},
        {"x-slack-request-timestamp": "9" * 10_000, "x-slack-signature": GOOD},
    ],
    ids=["twice", "one of two", "two times", "null byte", "space", "huge time"],
)
def test_a_header_given_twice_or_with_more_in_it_is_no_signature(targets, headers):
    """An HTTP API joins the values of a header that comes several times by commas."""
    state, said = State.of(targets), told(targets)

    assert lambda_handler(request(form(click()), headers=headers), None)["statusCode"] == 401
    assert (State.of(targets), told(targets)) == (state, said)


@pytest.mark.parametrize(
    "text", ["api v1\0", "api\0 v1", "\0", "history api \0", "evidence api \0"]
)
def test_a_null_byte_in_a_command_is_told_as_what_it_is_not(targets, text):
    state = State.of(targets)

    answer = lambda_handler(request(command(text), PATHS[0]), None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["response_type"] == "ephemeral"
    assert State.of(targets) == state


@pytest.mark.parametrize("word", ["history", "evidence"])
@pytest.mark.parametrize("rollout", ["x" * 2_049, "é" * 1_500, "a/b", "\0"])
def test_what_can_be_no_rollouts_name_is_not_looked_for(targets, word, rollout, monkeypatch):
    """DynamoDB refuses a key of more than 2,048 bytes."""
    looked = []
    monkeypatch.setattr(targets.audit, "entries", looked.append)
    monkeypatch.setattr(targets.rollouts, "get", looked.append)

    answer = lambda_handler(request(command(f"{word} api {rollout}"), PATHS[0]), None)

    assert answer["statusCode"] == 200
    assert looked == []


@pytest.mark.parametrize("word", ["history", "evidence"])
def test_a_rollout_of_another_application_is_not_told(targets, word):
    answer = lambda_handler(request(command(f"{word} api {RETURNABLE}"), PATHS[0]), None)

    assert "two-red" not in answer["body"]
    assert "U0CAROL" not in answer["body"]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"\0",
        b"[" * (MOST_OF_THE_API - 1),
        b'{"reason":' * 1_600,
        b'{"reason": ' + b"9" * 10_000 + b"}",
        b'{"reason": Infinity}',
        b'{"reason": "\\ud800"}',
        gzip.compress(b'{"reason": "no"}', mtime=0),  # what a worker calls the test must not change
    ],
    ids=lambda body: f"{body[:14]!r}…{len(body)}",
)
def test_a_body_of_the_api_that_is_no_reason_is_refused_whoever_sends_it(on_call, body):
    state, began = State.of(on_call), time.process_time()

    encoded = {"body": b64encode(body).decode(), "isBase64Encoded": True}
    answer = answer_api(event("POST", ROLE, QUESTION, "reject", "") | encoded, None)

    assert (answer["statusCode"], State.of(on_call)) == (400, state)
    assert time.process_time() - began < SLACKS_PATIENCE
    assert len(answer["body"]) < 300


@pytest.mark.parametrize("verb", ["approve", "reject", "look-again"])
def test_a_role_that_may_answer_for_one_application_may_not_for_another(on_call, verb):
    state = State.of(on_call)

    answer = answer_of("", OF_WEB, verb)

    assert answer["statusCode"] == 409
    assert State.of(on_call) == state


def test_and_may_for_its_own(on_call):
    assert answer_of('{"reason": "502s"}')["statusCode"] == 200
    assert on_call.approvals.get(QUESTION).decision.by == ROLE


@pytest.mark.parametrize("action", ["approve", "reject", "look_again", "roll_back_now", "withdraw"])
@pytest.mark.parametrize("value", [STOPPED, RETURNABLE, "two-v1.42.0-1", OF_WEB])
def test_an_id_of_another_kind_or_application_ends_nothing_that_is_not_theirs(
    targets, action, value
):
    """U0SAM may answer for api alone."""
    state = State.of(targets)

    for body in (form(click(action, value, by="U0SAM")), form(submission(value, by="U0SAM"))):
        assert lambda_handler(request(body), None)["statusCode"] == 200

    assert State.of(targets) == state


@pytest.mark.parametrize("skew", [-300, 300])
def test_a_clock_that_is_off_by_as_much_as_is_allowed_still_counts_a_click_once(targets, skew):
    stamp = str(int(STAMP) + skew)
    body = form(click())
    headers = {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(body, stamp, SECRET),
    }

    statuses = [lambda_handler(request(body, headers=headers), None)["statusCode"] for _ in "12"]

    assert statuses == [200, 200]
    assert targets.approvals.get(QUESTION).decision.by == "U0BOB"
    assert len(targets.executions.answers) == 1


@pytest.mark.parametrize("fields", [100, 101])
def test_as_many_fields_as_are_read_and_one_more(targets, fields):
    body = urlencode([("payload", json.dumps(click("nobodys"))), *[("f", 1)] * (fields - 1)])

    status = lambda_handler(request(body.encode()), None)["statusCode"]

    assert status == (200 if fields == 100 else 400)
