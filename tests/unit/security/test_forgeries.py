"""Requests that are not Slack's: refused by status, and nothing anywhere has changed."""

import pytest
from hypothesis import strategies as st

from handlers.receive_slack import MAX_BODY, lambda_handler
from simulator.fake_services import FakeSecret
from simulator.slack_requests import SECRET
from tests.support.builders import NOW, after
from tests.support.hostile_requests import (
    PATHS,
    STAMP,
    click,
    command,
    form,
    request,
    signature,
    submission,
    throws,
)
from tests.support.sample import of_all
from tests.support.targets import QUESTION, State, told

GENUINE = [
    form(click()),
    form(click("roll_back_now", "two-v1.42.0-1")),
    form(submission()),
    command(),
]
BODIES = st.sampled_from(GENUINE) | st.binary(max_size=200)
WIDE = STAMP.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
"""The right time in digits that `str.isdigit` and `int` take, and ASCII does not have."""
TIMES = [after(seconds=301), after(seconds=-301), after(days=1), after(days=-9000)]
STAMPS = (
    st.sampled_from(["", " ", "now", "1795424400.0", "-1795424400", "NaN"])
    | st.sampled_from([WIDE, "²", f" {STAMP}", f"{STAMP} ", "1e9", "0x6b", "9" * 5000, f"{STAMP}0"])
    | st.sampled_from([str(int(time.timestamp())) for time in TIMES])
    | st.integers(min_value=0).map(str).filter(lambda text: text != STAMP)
    | st.text(max_size=20).filter(lambda text: text != STAMP)
)
"""Never the present time, so never good, whatever the signature."""


def _bad_signatures(body):
    right = signature(body)
    return st.one_of(
        st.sampled_from(
            [
                "",
                "v0=",
                right.removeprefix("v0="),
                right.upper(),
                right.replace("v0=", "V0="),
                signature(body, version="v1"),
                right[:-1],
                right + "0",
                f" {right}",
                f"{right}\n",
                right.replace("v0=", "v0=é"),
                signature(body, secret=""),
                signature(body, secret=SECRET[:-1]),
                signature(body, stamp=""),
                signature(body + b" "),
                signature(b""),
                signature(form(click(value="another"))),
            ]
        ),
        st.text(max_size=80),
        st.binary(min_size=32, max_size=32).map(lambda raw: f"v0={raw.hex()}"),
    ).filter(lambda text: text != right)


@st.composite
def forgeries(draw):
    """Draw a body with headers of which at least one is wrong or missing."""
    body, fault = draw(BODIES), draw(st.sampled_from(["stamp", "signature", "both", "missing"]))
    headers = {"x-slack-request-timestamp": STAMP, "x-slack-signature": signature(body)}
    if fault in {"stamp", "both"}:
        stamp = draw(STAMPS)
        signed = stamp.encode(errors="surrogatepass").decode(errors="replace")
        headers["x-slack-request-timestamp"] = stamp
        headers["x-slack-signature"] = signature(body, signed)
    if fault in {"signature", "both"}:
        headers["x-slack-signature"] = draw(_bad_signatures(body))
    if fault == "missing":
        del headers[draw(st.sampled_from(sorted(headers)))]
    return body, headers


def test_what_slack_did_not_sign_is_refused_and_changes_nothing(targets, log):
    state, said = State.of(targets), told(targets)

    def each(forged):
        body, headers = forged
        shouted = {name.title(): value for name, value in headers.items()}
        for path in PATHS:
            for named in (headers, shouted):
                answer = lambda_handler(request(body, path, headers=named), None)
                # Slack looks at our certificate without signing, and nothing is done of it.
                is_look = path.endswith("/commands") and b"ssl_check=1" in body.split(b"&")
                refused = (200, "") if is_look else (401, "not signed by Slack")
                assert (answer["statusCode"], answer["body"]) == refused
        assert told(targets) == said
        return 4

    thrown = throws(0.5, 4, each, forged=forgeries())

    assert thrown >= of_all(10_000)
    assert State.of(targets) == state
    assert log.getvalue() == ""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_link_that_is_followed_changes_nothing(targets, method, path):
    state = State.of(targets)

    answer = lambda_handler(request(b"", path, method=method, headers={}) | {"body": None}, None)

    assert answer["statusCode"] == 401
    assert State.of(targets) == state


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_genuine_click_is_refused_outside_of_five_minutes_in_either_direction(targets, seconds):
    state = State.of(targets)
    targets.time = after(seconds=seconds)

    answer = lambda_handler(request(form(click())), None)

    assert answer["statusCode"] == 401
    assert State.of(targets) == state


@pytest.mark.parametrize("seconds", [-300, 300])
def test_and_taken_just_inside_of_them(targets, seconds):
    targets.time = after(seconds=seconds)

    answer = lambda_handler(request(form(click())), None)

    assert answer["statusCode"] == 200
    assert targets.approvals.get(QUESTION).decision.outcome == "approved"


@pytest.mark.parametrize("size", [MAX_BODY + 1, 2 * MAX_BODY, 6_000_000])
@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize("path", PATHS)
def test_what_is_oversized_is_refused_before_it_is_looked_at(targets, path, encoded, size):
    state = State.of(targets)
    body = form(click()).ljust(size, b"x")

    answer = lambda_handler(request(body, path, encoded=encoded), None)

    assert answer["statusCode"] == 413
    assert State.of(targets) == state


def test_the_largest_that_is_taken_is_still_checked(targets):
    body = b"payload=".ljust(MAX_BODY, b"x")

    answer = lambda_handler(request(body, headers={}), None)

    assert answer["statusCode"] == 401


def test_a_body_that_is_not_base64_is_refused(targets):
    state, said = State.of(targets), told(targets)
    signed = request(form(click()))

    def each(body):
        for path in PATHS:
            answer = lambda_handler(signed | {"rawPath": path, "body": body}, None)
            assert answer["statusCode"] in {401, 413}
        return 2

    thrown = throws(0.05, 2, each, body=st.text(alphabet="Aa0+/=%é\ud800 ", max_size=60))

    assert thrown >= of_all(1_000)
    assert (State.of(targets), told(targets)) == (state, said)


def test_what_an_old_secret_signed_is_refused_once_it_was_rotated(targets):
    targets.secret = FakeSecret("rotated-" + SECRET)
    state = State.of(targets)

    answer = lambda_handler(request(form(click())), None)

    assert (answer["statusCode"], State.of(targets)) == (401, state)
    assert targets.time == NOW
