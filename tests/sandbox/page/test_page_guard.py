"""Who may use the page's endpoints."""

import json

import pytest

from sandbox.wire.slack.slack_routes import Workspace
from tests.support.slack_server import fetch, post, serving

SAID = json.dumps({"as": "U0ALICE", "text": "hello"}).encode()
JSON = {"Content-Type": "application/json"}

FOREIGN = {
    "another site": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "a sandboxed frame": {"Origin": "null"},
    "a cross-site fetch": {"Sec-Fetch-Site": "cross-site"},
    "a rebound name": {"Host": "evil.example"},
    "a plain form": {"Content-Type": "text/plain"},
}


@pytest.fixture(scope="module")
def slack():
    with serving(Workspace()) as running:
        yield running


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_request_from_elsewhere_is_refused_and_does_nothing(slack, headers):
    before = len(slack.workspace.timeline.messages)

    status, _ = post(f"{slack.address}/page/command", SAID, JSON | headers)

    assert status == 403
    assert len(slack.workspace.timeline.messages) == before


def test_the_page_itself_and_a_script_may_act(slack):
    page = {"Origin": slack.address, "Sec-Fetch-Site": "same-origin"}

    from_page, _ = post(f"{slack.address}/page/command", SAID, JSON | page)
    from_script, _ = post(f"{slack.address}/page/command", SAID, JSON)

    assert (from_page, from_script) == (200, 200)


@pytest.mark.parametrize("path", ["/", "/page/state", "/page/events"])
def test_a_rebound_name_cannot_read_the_channel(slack, path):
    status, _, _ = fetch(f"{slack.address}{path}", {"Host": "evil.example"})

    assert status == 403


def test_the_page_may_run_nothing_but_its_own_files(slack):
    _, headers, _ = fetch(slack.address)

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["..%2F__init__.py", "nothing.js", "%2e%2e%2froutes.py"])
def test_only_the_pages_own_files_are_served(slack, name):
    status, _, _ = fetch(f"{slack.address}/page/static/{name}")

    assert status == 404


def test_nonsense_is_answered_and_changes_nothing(slack):
    before = len(slack.workspace.timeline.messages)

    no_json = post(f"{slack.address}/page/click", b"{", JSON)
    no_fields = json.loads(post(f"{slack.address}/page/click", b"{}", JSON)[1])
    unknown = post(f"{slack.address}/page/shout", b"{}", JSON)

    assert no_json[0] == 400
    assert no_fields["ok"] is False
    assert unknown[0] == 404
    assert len(slack.workspace.timeline.messages) == before


def test_what_one_person_sees_is_not_in_anothers_state(slack):
    slack.client.chat_postEphemeral(channel="C0DEPLOYS", user="U0BOB", text="for bob alone")

    alice = fetch(f"{slack.address}/page/state?as=U0ALICE")[2]
    bob = fetch(f"{slack.address}/page/state?as=U0BOB")[2]

    assert "for bob alone" not in alice
    assert "for bob alone" in bob
