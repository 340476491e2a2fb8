"""Slack's and the API's ways in, from outside, on the real sandbox."""

import json
import re
import time

import pytest
import urllib3

from handlers.slack.action_ids import Action
from operations import capacity_report
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start
from sandbox.wire.slack.slack_directory import TEAM_ID
from sandbox.wire.slack.slack_payloads import payload_form
from sandbox.wire.slack.slack_sign import signed_headers
from tests.support.patience import PATIENCE
from tests.support.playing import (
    ACCELERATION,
    BRIEFLY,
    a_name,
    anew,
    begin,
    described,
    locks,
    looking,
    patient_sandbox,
    play_on,
    scanned,
    stop,
    tag_of,
)

pytestmark = pytest.mark.wire

HTTP = urllib3.PoolManager(timeout=PATIENCE, retries=False)


@pytest.fixture(scope="module")
def sandbox():
    with patient_sandbox(ACCELERATION, settings={"api": BRIEFLY, "web": BRIEFLY}) as running:
        yield running


def test_what_tasks_reserve_and_use_is_said_to_who_asks(sandbox):
    sandbox.metric_calls.calls.clear()

    said = sandbox.people.command("alice", "/rollout capacity web").body["text"]

    assert "green x4\nCPU          256" in said
    assert re.search(r"m6i.xlarge \(\d+ in recipes\) takes 16 of its tasks now", said)
    assert sandbox.metric_calls.calls["GetMetricData"] <= 2


def test_the_capacity_report_answers_from_outside(sandbox, capsys):
    status = capacity_report.main(["--endpoint-url", sandbox.address])

    said = capsys.readouterr()
    assert (status, said.err) == (0, "")
    assert "recipes: the 12 tasks of web, api together" in said.out
    fits = re.findall(r"m6i.xlarge \(\d+ in recipes\) takes 16 of its tasks now", said.out)
    assert len(fits) == 2


def test_a_capacity_report_about_nothing_known_says_so(sandbox, capsys):
    status = capacity_report.main(["--endpoint-url", sandbox.address, "--application", "shop"])

    assert status == 1
    assert "expected one of api, web" in capsys.readouterr().err


def test_a_slash_command_starts_a_rollout_and_is_answered(sandbox):
    tag = anew(sandbox, "happy").tag

    answer = sandbox.people.command("alice", f"/rollout api {tag} faster search")

    assert (answer.status, answer.error) == (200, "")
    assert answer.shown.audience == "U0ALICE"
    (lock,) = looking(lambda: locks(sandbox))
    assert play_on(sandbox, lock["execution"]["S"])["status"] == "SUCCEEDED"
    assert json.loads(described(sandbox, lock["execution"]["S"])["input"]) == {
        "application": "api",
        "tag": tag,
        "requestedBy": "U0ALICE",
        "reason": "faster search",
    }
    assert tag_of(sandbox, "api") == tag


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/rollout", ["/rollout <application> <tag>"]),
        ("/rollout help", ["/rollout <application> <tag>"]),
        ("/rollout shop v1.42.0", ["shop", "api", "web"]),
        ("/rollout api not/a/tag", ["tag", "not/a/tag"]),
    ],
)
def test_a_wrong_command_is_answered_with_help_and_starts_nothing(sandbox, line, told):
    answer = sandbox.people.command("alice", line)

    said = answer.shown.text.replace("&lt;", "<").replace("&gt;", ">")
    assert (answer.status, answer.error) == (200, "")
    assert [word for word in told if word not in said] == []
    assert answer.shown.audience == "U0ALICE"
    assert locks(sandbox) == []


def approving(rollout, person):
    """Write the form that Slack sends when a person presses *Approve* on a board."""
    approval = rollout.colors["red"].approval
    button = {"type": "button", "action_id": Action.APPROVE, "block_id": "b", "value": approval}
    return payload_form(
        {
            "type": "block_actions",
            "team": {"id": TEAM_ID, "domain": "shingo"},
            "user": {"id": person, "name": "bob", "team_id": TEAM_ID},
            "channel": {"id": rollout.board.channel, "name": "deploys"},
            "message": {"ts": rollout.board.ts},
            "container": {"type": "message", "message_ts": rollout.board.ts},
            "trigger_id": "1.2.3",
            "response_url": "",
            "actions": [{**button, "action_ts": "1"}],
        }
    )


def decision(sandbox, rollout):
    """Read the decision of red's question, as it is recorded."""
    asked = [a for a in scanned(sandbox, "Approvals") if a["rollout"]["S"] == rollout.id]
    (question,) = [a for a in asked if a["id"]["S"] == rollout.colors["red"].approval]
    return str(question.get("decision", ""))


def test_a_signed_click_counts_from_anywhere_and_an_unsigned_one_never_does(sandbox):
    execution, rollout = begin(sandbox)
    body, now = approving(rollout, "U0BOB"), str(int(time.time()))
    signed = signed_headers(sandbox.workspace.signing_secret, now, body)
    forged = signed_headers("a guess", now, body)
    unsigned = {"Content-Type": signed["Content-Type"]}
    garbled = signed | {"X-Slack-Signature": "v0=é"}

    def post(headers):
        url = sandbox.stack.interactions_url
        return HTTP.request("POST", url, body=body, headers=headers).status

    assert [post(unsigned), post(forged), post(garbled)] == [401, 401, 401]
    assert decision(sandbox, rollout) == ""
    assert post(signed) == 200
    assert "U0BOB" in decision(sandbox, rollout)
    assert play_on(sandbox, execution)["status"] == "SUCCEEDED"


def test_a_second_rollout_ends_as_busy_and_disturbs_nothing(sandbox):
    first, rollout = begin(sandbox)

    second = start(sandbox, a_name(), SCENARIOS["happy"].input_for())

    ended = looking(lambda: described(sandbox, second).get("error"))
    assert ended == "ApplicationBusy"
    assert rollout.id in described(sandbox, second)["cause"]
    assert described(sandbox, first)["status"] == "RUNNING"
    assert [lock["execution"]["S"] for lock in locks(sandbox)] == [first]
    stop(sandbox, first)
    assert looking(lambda: locks(sandbox) == [])


def test_an_input_that_is_wrong_ends_at_once_and_names_each_field(sandbox):
    document = {"application": "shop", "tag": "not/a/tag", "wanted": "now"}

    execution = start(sandbox, a_name(), document)

    assert looking(lambda: described(sandbox, execution).get("error")) == "InvalidInput"
    cause = described(sandbox, execution)["cause"]
    assert [field for field in (*document, "api", "web") if field not in cause] == []


def test_after_a_stop_the_next_rollout_of_the_application_begins(sandbox):
    first, rollout = begin(sandbox)

    stop(sandbox, first)

    assert looking(lambda: locks(sandbox) == [])
    second, following = begin(sandbox)
    assert following.colors["red"].previous == rollout.colors["red"].previous
    stop(sandbox, second)
    assert looking(lambda: locks(sandbox) == [])
    assert looking(lambda: buttons_of(sandbox, rollout, following) == [])


def buttons_of(sandbox, *rollouts):
    boards = {rollout.board.ts for rollout in rollouts}
    return [one.action_id for one in sandbox.people.buttons("bob") if one.message_ts in boards]


def test_secrets_that_are_rotated_are_read_anew_and_a_newline_at_their_end_is_no_matter(sandbox):
    execution, rollout = begin(sandbox)
    workspace, ssm = sandbox.workspace, sandbox.client("ssm")
    board = workspace.timeline.find(rollout.board.channel, rollout.board.ts)
    workspace.refused_tokens[workspace.bot_token] = "token_revoked"
    workspace.bot_token, workspace.signing_secret = "xoxb-of-today", "0123456789abcdef" * 2
    for name in ("bot-token", "signing-secret"):
        held = workspace.bot_token if name == "bot-token" else workspace.signing_secret
        given = {"Value": f"{held}\n", "Type": "SecureString", "Overwrite": True}
        ssm.put_parameter(Name=f"/shingo/slack-{name}", **given)
    drawn = board.blocks

    ended = play_on(sandbox, execution)

    assert ended["status"] == "SUCCEEDED"
    assert looking(lambda: board.blocks != drawn)
