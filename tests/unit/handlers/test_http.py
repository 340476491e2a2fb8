import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.http import Request, document, parse_http_request, text

MOST = 100


def a_request(body, **given):
    return parse_http_request({"rawPath": "/slack/commands", "body": body} | given, MOST)


def test_a_form_is_decoded_before_anything_else():
    encoded = base64.b64encode(b"text=api+v1&empty=").decode()

    request = a_request(encoded, isBase64Encoded=True, headers={"X-Slack-Signature": "v0="})

    assert request == Request(
        path="/slack/commands",
        headers={"x-slack-signature": "v0="},
        body=b"text=api+v1&empty=",
    )
    assert request.form() == {"text": "api v1", "empty": ""}


def test_of_a_field_given_twice_the_last_counts():
    assert a_request("text=a&text=b").form() == {"text": "b"}


def test_a_request_may_have_nothing_in_it():
    assert parse_http_request({}, MOST) == Request(path="", headers={}, body=b"")


@given(st.binary(max_size=MOST))
def test_bodies_pass_unchanged(body):
    encoded = base64.b64encode(body).decode()

    assert a_request(encoded, isBase64Encoded=True).body == body


@pytest.mark.parametrize(
    "event",
    [
        {"body": "x" * (MOST + 1)},
        {"body": "é" * MOST},
        {"body": base64.b64encode(b"x" * (MOST + 1)).decode(), "isBase64Encoded": True},
        {"body": "A" * 10_000_000, "isBase64Encoded": True},
    ],
    ids=["text", "bytes of text", "decoded", "huge"],
)
def test_a_body_that_is_too_large_is_none(event):
    assert parse_http_request(event, MOST) is None


@pytest.mark.parametrize("body", ["%%%", "YQ", "Y Q==", "é"])
def test_a_body_that_is_no_base64_is_none(body):
    assert a_request(body, isBase64Encoded=True) is None


@pytest.mark.parametrize("body", [b"\xff=1", b"&".join([b"a=1"] * 101)], ids=["bytes", "many"])
def test_what_is_no_form_is_told(body):
    with pytest.raises(ValueError):
        Request(path="", headers={}, body=body).form()


def test_answers_are_what_an_http_api_takes():
    assert text(401, "no") == {
        "statusCode": 401,
        "headers": {"Content-Type": "text/plain"},
        "body": "no",
    }
    answer = document({"text": "é"})
    assert (answer["statusCode"], answer["headers"]) == (200, {"Content-Type": "application/json"})
    assert json.loads(answer["body"]) == {"text": "é"}
