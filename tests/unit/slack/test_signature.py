"""Signatures, with Slack's own verifier as the oracle."""

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier

from handlers.slack.signature import MAX_AGE, is_from_slack

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b"token=xyzz&team_id=T1&command=%2Frollout&text=api+v1.42.0"


class StoppedClock(Clock):
    def now(self):
        return NOW.timestamp()


SLACKS_OWN = SignatureVerifier(SECRET, StoppedClock())


def signed(body=BODY, stamp=STAMP, secret=SECRET):
    return SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)


def _hmac(message, secret=SECRET):
    return "v0=" + hmac.new(secret.encode(), message, "sha256").hexdigest()


def is_genuine(body=BODY, stamp=STAMP, signature=None, secret=SECRET, now=NOW):
    given = signed(body, stamp) if signature is None else signature
    return is_from_slack(body, timestamp=stamp, signature=given, secret=secret, now=now)


def test_the_example_of_slacks_documentation_is_genuine():
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&"
        b"channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&"
        b"command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
        b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )

    genuine = is_from_slack(
        body,
        timestamp="1531420618",
        signature="v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        secret="8f742231b10e8888abcd99yyyzzz85a5",
        now=datetime.fromtimestamp(1531420618, UTC),
    )

    assert genuine


def _is_text(body):
    try:
        body.decode()
    except UnicodeDecodeError:
        return False  # Slack's own verifier raises on these.
    return True


@given(
    body=st.binary(max_size=60).filter(_is_text),
    age=st.integers(-400, 400),
    tampered=st.sampled_from(["", "body", "stamp", "secret", "scheme", "cut", "case"]),
)
def test_it_agrees_with_slacks_own_verifier(body, age, tampered):
    stamp = str(int(NOW.timestamp()) + age)
    signature = signed(body, stamp, "another secret" if tampered == "secret" else SECRET)
    if tampered == "body":
        body += b"&"
    if tampered == "stamp":
        stamp = str(int(stamp) + 1)
    if tampered == "scheme":
        signature = "v1" + signature[2:]
    if tampered == "cut":
        signature = signature[:-1]
    if tampered == "case":
        signature = signature.upper()

    assert is_genuine(body, stamp, signature) is SLACKS_OWN.is_valid(body, stamp, signature)


@pytest.mark.parametrize("age", [-MAX_AGE, -1, 0, 1, MAX_AGE])
def test_within_five_minutes_either_way_it_is_taken(age):
    assert is_genuine(now=NOW + timedelta(seconds=age))


@pytest.mark.parametrize("age", [-MAX_AGE - 1, MAX_AGE + 1, 86_400, -86_400])
def test_beyond_five_minutes_either_way_it_is_refused(age):
    assert not is_genuine(now=NOW + timedelta(seconds=age))


ODD_STAMPS = {
    "none": "",
    "no number": "yesterday",
    "a fraction": STAMP + ".0",
    "a sign": "+" + STAMP,
    "negative": "-" + STAMP,
    "space before": " " + STAMP,
    "space after": STAMP + " ",
    "a line break": STAMP + "\n",
    "an underscore": STAMP[:4] + "_" + STAMP[4:],
    "arabic digits": STAMP.translate({ord("0") + n: 0x0660 + n for n in range(10)}),
    "superscripts": "²" * 10,
    "hexadecimal": hex(int(STAMP)),
    "milliseconds": STAMP + "000",
    "more digits than Python reads": STAMP + "0" * 5_000,
    "now, then more digits": STAMP.zfill(16) + "999",
    "two of them": f"{STAMP},{STAMP}",
    "not finite": "inf",
    "a null byte": STAMP + "\0",
}


@pytest.mark.parametrize("stamp", ODD_STAMPS.values(), ids=ODD_STAMPS)
def test_a_timestamp_that_is_no_plain_number_of_seconds_is_refused_even_when_signed(stamp):
    signature = _hmac(b"v0:" + stamp.encode() + b":" + BODY)

    assert is_genuine(stamp=stamp, signature=signature) is False


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v0=",
        "v0",
        "v0=é",
        "☃" * 67,
        signed()[3:],
        signed() + "0",
        signed() + "\n",
        "v0=" + "0" * 64,
    ],
)
def test_a_malformed_signature_is_refused(signature):
    assert is_genuine(signature=signature) is False


def test_without_a_secret_nothing_is_genuine():
    forged = _hmac(b"v0:" + STAMP.encode() + b":" + BODY, secret="")

    assert is_genuine(signature=forged, secret="") is False


@given(body=st.binary(max_size=40), stamp=st.text(max_size=20), signature=st.text(max_size=80))
def test_nonsense_is_refused_and_never_raises(body, stamp, signature):
    assert (
        is_from_slack(body, timestamp=stamp, signature=signature, secret=SECRET, now=NOW) is False
    )


@given(body=st.binary(max_size=40))
def test_a_body_that_is_no_text_is_verified_all_the_same(body):
    signature = _hmac(b"v0:" + STAMP.encode() + b":" + body)

    assert is_genuine(body, signature=signature)
