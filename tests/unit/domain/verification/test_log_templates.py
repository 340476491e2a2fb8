import json
import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.verification.log_templates import MAX_TEMPLATE, as_template

TEMPLATES = {
    "numbers": ("timeout after 30.5 s, 3 of 10", "timeout after # s, # of #"),
    "a number in a word": ("worker7 died", "worker# died"),
    "an e-mail address": ("no user alice.b+x@example.com", "no user [email]"),
    "an address of IPv4": ("10.0.0.5:5432 refused", "[ip]:# refused"),
    "an address of IPv6": ("2001:db8:0:0:1:2:3:4 refused", "[ip] refused"),
    "a short address of IPv6": ("fe80::1 refused", "[ip] refused"),
    "a name with colons": ("std::bad_alloc in a::b", "std::bad_alloc in a::b"),
    "a UUID": ("order 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "order [id]"),
    "hexadecimal digits": ("at 0xdeadbeef, trace 4bf92f3577b34da6", "at [id], trace [id]"),
    "a mixed identifier": ("request req9X8y7Z6w5 failed", "request [id] failed"),
    "a time": ("at 2026-11-24T04:07:14.123Z and 04:07:14", "at [time] and [time]"),
    "quoted texts": ("no key \"alice\" in 'people' of `x`", "no key […] in […] of […]"),
    "an open quotation": ('name "alice and so on', "name […]"),
    "an apostrophe": ("can't open it, users' fault", "can't open it, users' fault"),
    "a path's query": ("GET /users?name=alice&x=1 HTTP/1.1", "GET /users?[…] HTTP/#"),
    "a URL": (
        "GET https://api.example.com/alice?t=1 failed",
        "GET https://api.example.com/[…] failed",
    ),
    "a class": (
        "java.lang.NullPointerException at com.acme.Foo.bar(Foo.java:42)",
        "java.lang.NullPointerException at com.acme.Foo.bar(Foo.java:#)",
    ),
    "several lines": ("one\n  two\r\n\tthree", "one two three"),
    "a colored line": ("\x1b[31mERROR\x1b[0m boom", "ERROR boom"),
    "half of a character": ("a \ud800 b", "a b"),
    "nothing": ("", ""),
    "JSON": (
        json.dumps({"level": "error", "message": 'no row 5 for "bob"', "user": "bob"}),
        "no row # for […]",
    ),
    "JSON without a message": ('{"user": "bob", "n": 5}', "{[…]: […], […]: #}"),
    "key=value": ('level=error user=bob msg="no row 5"', "no row #"),
    "a text that speaks of a message": (
        'cannot send message: "Dear Alice"',
        "cannot send message: […]",
    ),
}


@pytest.mark.parametrize(("message", "template"), TEMPLATES.values(), ids=TEMPLATES)
def test_what_differs_from_line_to_line_is_a_mark(message, template):
    assert as_template(message) == template


SECRETS = {
    "a password": "login failed: password=hunter-secret now",
    "a quoted password": 'db_password: "hunter-secret two"',
    "an environment variable": "DB_PASSWORD=hunter-secret",
    "an API key": "api-key: hunter-secret",
    "a bearer token": "Authorization: Bearer hunter-secret",
    "a bearer token by itself": "sent bearer hunter-secret",
    "a token that is said to be a bearer's": "token: Bearer hunter-secret",
    "a header to its end": "Cookie: a=1; b=hunter-secret",
    "basic credentials": "basic aHVudGVy1hunter-secret=",
    "a JSON web token": "eyJhbGciOi.hunter-secret.hunter-secret",
    "a token of Slack's": "xoxb-1-hunter-secret",
    "a response URL": "https://hooks.slack.com/actions/T/1/hunter-secret",
    "a URL's password": "postgres://app:hunter-secret@db.internal:5432/x",
    "a URL's password with a slash": "postgres://app:x/hunter-secret@db.internal/x",
    "a URL's query": "https://example.com/?t=hunter-secret",
    "JSON": '{"message": "bad \\"hunter-secret\\"", "password": "hunter-secret"}',
    "a private key": "-----BEGIN PRIVATE KEY-----\nhunter-secret\n-----END",
    "a long token": "token1/hunter-secret/abcdef0123456789",
}


@pytest.mark.parametrize("message", SECRETS.values(), ids=SECRETS)
def test_no_secret_is_quoted(message):
    assert "hunter" not in as_template(message)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ],
)
def test_a_key_is_known_by_its_looks(secret):
    assert as_template(f"denied for {secret}.") in {"denied for [secret].", "denied for [id]."}


def test_equal_errors_are_equal():
    told = {as_template(f"order {n}: no row for user{n}@example.com") for n in range(20)}

    assert told == {"order #: no row for [email]"}


def test_a_template_is_short():
    shown = as_template("words " * 200)

    assert len(shown) == MAX_TEMPLATE
    assert shown.endswith("…")


def test_half_a_secret_at_the_cut_is_left_out():
    assert "eyJ" not in as_template(" " * 1_995 + "eyJhbGciOi.abc.def")


@pytest.mark.parametrize(
    "part", ["a", "1", '"', "a@", "a.", "x-", "f:", "1:", "pass ", "\\", " ", "a://", "=", "?a"]
)
def test_a_megabyte_takes_no_longer_than_its_beginning(part):
    message = f'{{"message" : {part * (1_000_000 // len(part))}'
    begin = process_time()

    as_template(message)

    assert process_time() - begin < 0.5


@given(st.text(max_size=400) | st.from_regex(r"([a-z0-9:/@.'\"= -]{1,8}){0,60}", fullmatch=True))
def test_any_text_becomes_one_short_printable_line_without_numbers(message):
    shown = as_template(message)

    assert len(shown) <= MAX_TEMPLATE
    assert shown.isprintable()
    assert not re.search(r"\d", shown)
