"""Whose requests are heard at all: signed by Slack, of late, of our workspace."""

import base64

import pytest

from handlers.receive_slack import MAX_BODY
from simulator.fake_services import FakeSecret
from simulator.recorded_events import recorded
from simulator.slack_requests import SECRET
from tests.support.builders import after
from tests.support.slack_requests import (
    answer_of,
    command,
    form_of,
    shown_by,
    signed,
    with_headers,
)

NOT_SIGNED = {
    "no signature": lambda: with_headers(command(), x_slack_signature=""),
    "another secret": lambda: command(secret="another secret"),
    "another body": lambda: command() | {"body": base64.b64encode(b"text=api+v9").decode()},
    "a signature that is no ascii": lambda: with_headers(command(), x_slack_signature="v0=é"),
    "no timestamp": lambda: with_headers(command(), x_slack_request_timestamp=""),
    "a timestamp that is no number": lambda: signed(command(), b"text=api+v1", stamp="now"),
    "a timestamp in other digits": lambda: signed(command(), b"text=api+v1", stamp="١٧٩٥٤٢٤٤٠٠"),
    "a timestamp of many digits": lambda: signed(command(), b"text=api+v1", stamp="1" * 5_000),
    "a replay, five minutes later": lambda: command(at=after(seconds=-301)),
    "a clock that is far ahead": lambda: command(at=after(seconds=301)),
    "no headers at all": lambda: command() | {"headers": None},
}


@pytest.mark.parametrize("event", NOT_SIGNED.values(), ids=NOT_SIGNED)
def test_what_slack_did_not_sign_is_401_and_changes_nothing(outside, event):
    answer = answer_of(event())

    assert answer["statusCode"] == 401
    assert outside.executions.started == {}


def test_a_request_may_arrive_within_five_minutes(outside):
    outside.time = after(seconds=300)

    assert answer_of(recorded("slack_command"))["statusCode"] == 200


def test_a_secret_that_was_rotated_is_picked_up(outside):
    outside.secret = FakeSecret("the secret of yesterday", present=SECRET)

    assert answer_of(recorded("slack_command"))["statusCode"] == 200
    assert len(outside.executions.started) == 1


def test_a_genuine_request_needs_no_second_look_at_the_secret(outside):
    outside.secret = FakeSecret(SECRET, present="not asked for")

    assert answer_of(recorded("slack_command"))["statusCode"] == 200


def test_a_secret_that_is_empty_lets_nobody_in(outside):
    outside.secret = FakeSecret("")

    assert answer_of(command(secret=""))["statusCode"] == 401


def test_header_names_are_taken_in_any_case(outside):
    event = recorded("slack_command")
    event["headers"] = {name.title(): value for name, value in event["headers"].items()}

    assert answer_of(event)["statusCode"] == 200


def test_a_body_that_is_not_base64_encoded_is_read_as_it_is(outside):
    event = recorded("slack_command")
    event |= {"body": base64.b64decode(event["body"]).decode(), "isBase64Encoded": False}

    assert answer_of(event)["statusCode"] == 200
    assert len(outside.executions.started) == 1


@pytest.mark.parametrize("size", [MAX_BODY + 1, 6_000_000])
def test_a_body_that_is_too_large_is_413(outside, size):
    event = signed(recorded("slack_command"), b"x" * size)

    assert answer_of(event)["statusCode"] == 413


def test_the_largest_body_is_verified(outside):
    text = b"payload=%7B%7D&filler=" + b"x" * (MAX_BODY - 22)

    assert answer_of(signed(recorded("slack_click"), text))["statusCode"] == 400


def test_a_body_that_is_broken_base64_is_refused(outside):
    answer = answer_of(recorded("slack_command") | {"body": "%%%"})

    assert 400 <= answer["statusCode"] < 500


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=", b"payload=%7B", b"payload=null", b"\xff\xfe", b"a=1&" * 200],
    ids=["nothing", "no payload", "half a payload", "null", "no text", "very many fields"],
)
def test_a_signed_interaction_that_is_none_is_400(outside, body):
    assert answer_of(signed(recorded("slack_click"), body))["statusCode"] == 400


def test_the_people_of_another_workspace_are_not_served(outside):
    assert shown_by(command(team_id="T0OTHER")) == "This app does not serve your workspace."
    assert outside.executions.started == {}


def test_slacks_look_at_the_certificate_is_answered_and_does_nothing(outside):
    look = command() | {"body": base64.b64encode(b"ssl_check=1&token=legacy").decode()}

    assert answer_of(look)["statusCode"] == 200
    assert outside.executions.started == {}


def test_what_slack_escaped_of_a_command_is_read_as_it_was_typed(outside):
    answer_of(command("api v1.42.0 &lt;b&gt; &amp;amp; R&amp;D"))

    (document,) = outside.executions.started.values()
    assert document["reason"] == "<b> &amp; R&D"


def test_a_command_that_names_no_workspace_is_not_served(outside):
    event = recorded("slack_command")
    fields = [f"{k}={v}" for k, v in form_of(event).items() if k != "team_id"]

    shown_by(signed(event, "&".join(fields).encode()))

    assert outside.executions.started == {}
