"""Requests that are signed, and are not what Slack sends: refused, ignored, never obeyed."""

import json
from urllib.parse import quote

import pytest
from hypothesis import strategies as st

from handlers.domain.history.audit import EventKind
from handlers.receive_slack import FOREIGN, lambda_handler
from tests.support.hostile_requests import PATHS, click, command, form, request, submission, throws
from tests.support.sample import of_all
from tests.support.targets import OF_WEB, QUESTION, STOPPED, State, told

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
WRONG = JSON.filter(lambda value: not isinstance(value, str)) | st.sampled_from(["", "\ud800"])
CLICKS = [click(), click("reject"), click("withdraw", "api-v1.42.0-1")]
CLICKS += [click("roll_back_now", "two-v1.42.0-1"), click("roll_back", STOPPED), submission()]
NEEDED = {
    "block_actions": [("type",), ("user", "id"), ("actions", 0, "action_id")],
    "view_submission": [("type",), ("user", "id"), ("view", "callback_id")],
}
"""What must be right for a payload to say who does what; the rest is checked against records."""


def status_of(event):
    return lambda_handler(event, None)["statusCode"]


def with_value(document, path, value):
    """Copy a document with something else in one place."""
    if not path:
        return value
    first, *rest = path
    copied = list(document) if isinstance(document, list) else dict(document)
    copied[first] = with_value(copied[first], rest, value)
    return copied


def paths_in(document, before=()):
    """List every place in a document, the document itself included."""
    found = [before]
    if isinstance(document, dict | list):
        inner = document.items() if isinstance(document, dict) else enumerate(document)
        found += [place for key, value in inner for place in paths_in(value, (*before, key))]
    return found


@st.composite
def payloads_of_a_wrong_type(draw):
    """Draw a payload in which something that matters is of another type."""
    payload = draw(st.sampled_from(CLICKS))
    needed = NEEDED[payload["type"]]
    part = draw(st.sampled_from([place[:end] for place in needed for end in range(len(place) + 1)]))
    return with_value(payload, part, draw(WRONG))


def test_bytes_that_are_no_form_change_nothing(targets):
    state, said = State.of(targets), told(targets)

    def each(body):
        assert status_of(request(body)) == 400
        answer = lambda_handler(request(body, PATHS[0]), None)
        is_look = b"ssl_check=1" in body.split(b"&")
        assert is_look or FOREIGN in answer["body"] or answer["statusCode"] == 400
        return 2

    thrown = throws(0.1, 2, each, body=st.binary(max_size=300))

    assert thrown >= of_all(2_000)
    assert (State.of(targets), told(targets)) == (state, said)


def test_a_payload_that_is_any_json_changes_nothing(targets):
    state, said = State.of(targets), told(targets)

    def each(document):
        assert status_of(request(form(document))) == 400
        return 1

    thrown = throws(0.05, 1, each, document=JSON)

    assert thrown >= of_all(1_000)
    assert (State.of(targets), told(targets)) == (state, said)


def test_wrong_types_where_it_matters_change_nothing(targets):
    state = State.of(targets)

    def each(payload):
        assert status_of(request(form(payload))) in {200, 400}
        assert State.of(targets) == state
        return 1

    thrown = throws(0.1, 1, each, payload=payloads_of_a_wrong_type())

    assert thrown >= of_all(2_000)
    assert {entry.kind for entry in targets.audit.records.values()} <= {EventKind.REFUSED_CLICK}


@pytest.mark.parametrize("payload", CLICKS, ids=lambda payload: payload["type"])
def test_nothing_wrong_anywhere_in_a_payload_is_an_error(targets, payload):
    """A payload may still count where what is wrong in it does not matter to us."""
    places = paths_in(payload)

    def each(place, value):
        assert status_of(request(form(with_value(payload, place, value)))) in {200, 400}
        return 1

    thrown = throws(0.01, 1, each, place=st.sampled_from(places), value=WRONG)

    assert thrown >= of_all(200)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 20_000,
        "[" * 50_000 + "]" * 50_000,
        '{"type":' + "9" * 10_000 + "}",
        "\ufeff{}",
        "",
        "null",
        '"block_actions"',
        '{"type": "block_actions"}',
        '{"type": "block_actions", "actions": []}',
        '{"type": "block_actions", "actions": [{"action_id": ["approve"]}]}',
        '{"type": "block_actions", "actions": [{"action_id": "approve"}], "user": "U0BOB"}',
        '{"type": "view_submission", "view": {"callback_id": "reject_dialog"}}',
    ],
    ids=lambda text: f"{text[:30]}…{len(text)}",
)
def test_json_made_to_break_a_parser_is_refused(targets, text):
    state, said = State.of(targets), told(targets)

    body = f"payload={quote(text, safe='[]{}')}".encode()

    assert status_of(request(body)) == 400
    assert (State.of(targets), told(targets)) == (state, said)


@pytest.mark.parametrize("fields", [101, 10_000])
def test_a_form_of_too_many_fields_is_refused(targets, fields):
    state = State.of(targets)
    body = "&".join(f"f{number}=1" for number in range(fields)).encode()

    assert {status_of(request(body, path)) for path in PATHS} == {400}
    assert State.of(targets) == state


def test_a_field_given_twice_counts_as_the_last(targets):
    once, twice = form(click(by="U0BOB")), form(click(by="U0EVE"))

    status_of(request(once + b"&" + twice))

    assert targets.approvals.get(QUESTION).decision is None


def test_other_workspaces_are_refused_whatever_they_send(targets):
    state, said = State.of(targets), told(targets)

    def each(team):
        events = [
            request(form(click(team=team))),
            request(form(submission(team=team))),
            request(command(team=team), PATHS[0]),
        ]
        clicked, submitted, typed = [lambda_handler(event, None) for event in events]
        assert (clicked["statusCode"], clicked["body"]) == (200, "")
        assert FOREIGN in submitted["body"]
        assert FOREIGN in typed["body"]
        return 3

    foreign = st.text(max_size=12).filter(lambda team: team.strip() != "T0RECIPES")
    thrown = throws(0.05, 3, each, team=foreign | st.sampled_from(["t0recipes", "T0RECIPES "]))

    assert thrown >= of_all(1_000)
    assert State.of(targets) == state
    assert all(FOREIGN in str(post) for post in told(targets)[len(said) :])


def test_buttons_that_are_not_ours_are_acknowledged_and_nothing_more(targets):
    state, said = State.of(targets), told(targets)
    ours = {"approve", "reject", "roll_back_now", "withdraw", "roll_back"}

    def each(action):
        assert status_of(request(form(click(action)))) == 200
        return 1

    thrown = throws(0.05, 1, each, action=st.text(max_size=20).filter(lambda a: a not in ours))

    assert thrown >= of_all(1_000)
    assert (State.of(targets), told(targets)) == (state, said)


def test_forged_ids_of_questions_and_rollouts_are_not_known(targets):
    state = State.of(targets)
    known = {QUESTION, OF_WEB, *targets.approvals.records, *targets.rollouts.records}
    near = st.sampled_from([QUESTION[:-1], f"{QUESTION} ", QUESTION.lower(), f"{QUESTION}\0"])
    ids = (near | st.text(max_size=40)).filter(lambda text: text not in known)
    actions = st.sampled_from(["approve", "reject", "roll_back_now", "withdraw", "roll_back"])

    def each(action, forged):
        assert status_of(request(form(click(action, forged)))) == 200
        answer = lambda_handler(request(form(submission(forged))), None)
        shown = json.loads(answer["body"])["view"]["blocks"][0]["text"]["text"]
        assert shown == "This question is not known any more."
        return 2

    thrown = throws(0.1, 2, each, action=actions, forged=ids)

    assert thrown >= of_all(2_000)
    assert State.of(targets) == state
    assert (targets.audit.records, targets.dialogs) == ({}, [])


@pytest.mark.parametrize("by", ["U0BOB", "U0ALICE", "U0SAM", "U0EVE", "U0CAROL"])
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_who_may_answer_for_one_application_may_not_for_another(targets, by, action):
    state = State.of(targets)

    status_of(request(form(click(action, OF_WEB, by=by))))
    status_of(request(form(submission(OF_WEB, by=by))))

    assert State.of(targets) == state
    assert targets.ephemeral_posts[0][1] == "You may not answer for web. <@U0DAVE> may."
    assert {entry.kind for entry in targets.audit.records.values()} == {EventKind.REFUSED_CLICK}


@pytest.mark.parametrize(
    ("action", "value"),
    [("roll_back_now", "two-v1.42.0-1"), ("withdraw", "api-v1.42.0-1"), ("roll_back", STOPPED)],
)
def test_a_stranger_can_end_nothing(targets, action, value):
    state = State.of(targets)

    status_of(request(form(click(action, value, by="U0EVE"))))

    assert State.of(targets) == state
    assert len(targets.ephemeral_posts) == 1
