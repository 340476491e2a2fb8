"""A deployment that would remove what an open rollout needs is refused, by name."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from operations.open_rollouts import open_rollout_problems
from simulator.in_memory_stores import InMemoryLocks, InMemoryRollouts, dynamodb
from tests.support.builders import a_lock, a_rollout, an_application, an_ended_rollout

API = an_application()
RENAMED = an_application(services={**API.services, "red": "api-rouge"})
MOVED = an_application(cluster="news")


class Stacks:
    """CloudFormation, with one stack of two pages of resources, or none."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self, *names):
        self._names = names

    def get_paginator(self, operation):
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName):  # noqa: N803 - as boto3 names it
        if not self._names:
            said = {"Code": "ValidationError", "Message": f"Stack {StackName} does not exist"}
            raise ClientError({"Error": said}, "ListStackResources")
        for name in self._names:
            found = {"LogicalResourceId": name, "PhysicalResourceId": name}
            yield {"StackResourceSummaries": [found | {"ResourceStatus": "CREATE_COMPLETE"}]}


@pytest.fixture
def tables():
    return dynamodb()


def problems(tables, applications, stacks=None):
    stacks = stacks or Stacks("Audit", "Locks", "Rollouts")
    return open_rollout_problems(stacks, tables, "shingo", applications)


@pytest.fixture
def open_one(tables):
    rollout = a_rollout()
    InMemoryRollouts(rollout, client=tables)
    InMemoryLocks(a_lock(rollout.id), client=tables)
    return rollout


@pytest.mark.parametrize(
    ("applications", "why"),
    [
        ({}, "api is not among the configured applications any more"),
        ({"api": RENAMED}, "api's red is recipes/api-rouge by now, and was recipes/api-red"),
        ({"api": MOVED}, "api's red is news/api-red by now, and was recipes/api-red"),
    ],
    ids=["removed", "service renamed", "cluster renamed"],
)
def test_what_an_open_rollout_needs_must_stay(tables, open_one, applications, why):
    (problem,) = problems(tables, applications)

    assert problem.startswith(f"rollout {open_one.id} is open: {why}; ")
    assert "`/rollout cancel api`" in problem


def test_other_settings_of_it_may_change(tables, open_one):
    assert problems(tables, {"api": API, "web": an_application(name="web")}) == []


def test_of_an_ended_rollout_everything_may_go(tables):
    ended = an_ended_rollout()
    InMemoryRollouts(ended, client=tables)
    InMemoryLocks(a_lock(ended.id), client=tables)

    assert problems(tables, {}) == []


@pytest.mark.parametrize("stacks", [Stacks(), Stacks("Audit")], ids=["no stack", "no tables"])
def test_of_a_stack_that_is_not_there_nothing_is_asked(tables, open_one, stacks):
    assert problems(tables, {}, stacks) == []


def test_what_cannot_be_seen_is_refused_and_said(tables, open_one):
    tables.delete_table(TableName="Locks")

    (problem,) = problems(tables, {})

    assert "whether a rollout is open could not be seen" in problem
