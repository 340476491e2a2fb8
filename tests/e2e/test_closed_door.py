"""A closed door: each function may do exactly what it does, and nothing secret gets out.

All stories are played in this process, by the real handlers through the real boto3. What every
function calls is recorded and compared with its policies, both ways; what anybody is told is
searched.
"""

import fcntl
import os
import pickle
from dataclasses import dataclass
from functools import cache

import pytest

from handlers import observability
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start
from sandbox.scenarios.secret_scan import leaked_secrets
from tests.support.iam.account_builder import an_account
from tests.support.iam.iam_stories import APPLICATION, NAMES, SAMPLE, play, settings
from tests.support.iam.template_policies import Template
from tests.support.sample import sampled

LOCK = "another execution took the application as this step was redriven"
REDRIVEN = "a wait before the first question is redriven"
TURN = "a push waits its turn behind a rollout that was stopped"
SELDOM = {
    "AwaitImage may dynamodb:UpdateItem (KeepRollouts)": REDRIVEN,
    "AwaitImage may states:DescribeExecution (SeeWhetherItRuns)": REDRIVEN,
    "AwaitImage may dynamodb:Query (SeeWhetherItIsTheNewest)": REDRIVEN,
    "AwaitImage may dynamodb:PutItem (TakeTheLockAgain)": REDRIVEN,
    "AwaitImage may dynamodb:GetItem (TakeTheLockAgain)": LOCK,
    "AwaitTurn may dynamodb:Query (SeeWhetherItIsTheNewest)": REDRIVEN,
    "RequestApproval may dynamodb:GetItem (ReadDeployments)": "a group failed as it was asked about",
    "VerifyColor may dynamodb:GetItem (TakeTheLockAgain)": LOCK,
    "FollowExecution may states:SendTaskSuccess (WakeTheMachine)": TURN,
}
"""Permissions that no story needs, and when they are; the simulation comes to most of them."""


@dataclass(frozen=True)
class Played:
    """What came of a story."""

    calls: frozenset
    unknown: frozenset
    """Actions of which nobody said what they are about."""
    grants: tuple
    secrets: dict
    told: dict


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    """Give a function that plays a story, or returns what came of it when any worker played it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all workers

    @cache
    def once(name):
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            stored = folder / f"{name}.pickle"
            if not stored.exists():
                stored.write_bytes(pickle.dumps(what_came_of(play(name))))
            return pickle.loads(stored.read_bytes())  # noqa: S301 - our own

    return once


def what_came_of(account):
    return Played(
        calls=frozenset(account.recorder.calls),
        unknown=frozenset(account.recorder.unknown),
        grants=tuple(account.template.grants()),
        secrets=account.secrets,
        told=account.told,
    )


@pytest.fixture
def calls(played):
    return frozenset(call for name in NAMES for call in played(name).calls)


@pytest.fixture
def grants(played):
    return played(NAMES[0]).grants


@pytest.mark.parametrize("name", sampled(NAMES, SAMPLE))
def test_a_story_needs_no_more_than_is_allowed(played, name):
    story = played(name)

    refused = {call for call in story.calls if not any(g.allows(call) for g in story.grants)}

    assert refused == set()
    assert story.unknown == set(), "say in tests/support/iam/recorded_calls.py what it is about"


@pytest.mark.prove
def test_every_permission_is_needed_by_some_story_and_given_once(calls, grants):
    allowing = ([grant for grant in grants if grant.allows(call)] for call in calls)
    needed = {only for only, *others in allowing if not others}

    assert {str(grant) for grant in grants if grant not in needed} == set(SELDOM)


@pytest.mark.prove
def test_every_function_of_the_template_was_called(calls):
    functions = set(Template({}).functions)

    assert {call.function for call in calls} == functions


@pytest.mark.parametrize("name", sampled(NAMES, SAMPLE))
def test_no_story_tells_a_secret(played, name):
    story = played(name)

    found = {
        f"{what} is in {place}"
        for place, text in story.told.items()
        for secret, what in story.secrets.items()
        if secret in text
    }

    assert all(story.told[place] for place in ("the functions' logs", "Slack", "an execution"))
    assert {"the bot token", "the signing secret"} <= set(story.secrets.values())
    assert found == set()


def test_a_secret_that_is_told_is_named_with_its_place():
    with an_account(settings({}, watched=False)) as account:
        arn = start(account, "leaky", SCENARIOS["happy"].input_for(APPLICATION))
        account.pause(0)
        (token,) = account.tokens
        assert leaked_secrets(account, arn) == []

        item = {"rollout": {"S": "leaky"}, "event": {"S": f"given {token}"}}
        account.client("dynamodb").put_item(TableName=account.stack.tables["Audit"], Item=item)
        observability.logger().warning("called with %s", account.workspace.bot_token)

        assert set(leaked_secrets(account, arn)) == {
            "a task token of Approvals is in the table Audit",
            "the bot token is in the functions' logs",
        }
