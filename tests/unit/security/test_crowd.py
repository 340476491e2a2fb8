"""Two hundred people at once: one decision, on tables that write as DynamoDB does."""

import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import boto3
import pytest
from moto import mock_aws

from handlers.domain.history.audit import EventKind
from handlers.gateways.approval_store import Approvals
from handlers.gateways.audit_store import Audit
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.rollout_store import Rollouts
from handlers.receive_slack import _receive_slack
from tests.support.hostile_requests import click, form, request, submission
from tests.support.targets import OF_TWO, QUESTION

CROWD = [f"U0P{number:03}" for number in range(200)]


class OneAtATime:
    """Makes each call of a client atomic, as each is in DynamoDB, and none between two calls."""

    def __init__(self, client):
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if name == "get_paginator":
            return call

        def alone(**arguments):
            with self._lock:
                return call(**arguments)

        return alone


@pytest.fixture
def crowd(targets):
    """Put the records on tables, let anybody answer, and interleave threads often."""
    with mock_aws():
        client = boto3.client(
            "dynamodb",
            region_name="ap-northeast-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        kept = list(targets.rollouts.records.values()), list(targets.approvals.records.values())
        targets.rollouts = Rollouts(_table(client, "rollouts", "id"))
        targets.approvals = Approvals(_table(client, "approvals", "id"))
        targets.audit = Audit(_table(client, "audit", "rollout", "event"))
        for rollout in kept[0]:
            targets.rollouts.create(rollout)
        for approval in kept[1]:
            targets.approvals.ask(approval)
        for application in ("api", "two"):
            _let_answer(targets, application)
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        yield targets
        sys.setswitchinterval(before)


def _table(client, name, key, also=""):
    # moto keeps its tables for as long as any other test of this process has it on.
    name = f"{name}-{secrets.token_hex(4)}"
    keys = [(key, "HASH"), *([(also, "RANGE")] if also else [])]
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return Table(OneAtATime(client), name, key)


def _let_answer(targets, name):
    for rules in targets.apps[name].rules.values():
        object.__setattr__(rules, "users", tuple(CROWD))


def at_once(bodies):
    """Deliver requests from as many threads, all let go at the same moment.

    Below `lambda_handler`: a Lambda serves one request at a time, and so does its logger.
    """
    gate = Barrier(len(bodies))

    def deliver(body):
        event = request(body)
        gate.wait(timeout=60)
        return _receive_slack(event)["statusCode"]

    with ThreadPoolExecutor(len(bodies)) as pool:
        return set(pool.map(deliver, bodies))


def decided(targets, rollout):
    return [e for e in targets.audit.entries(rollout) if e.kind is EventKind.DECIDED]


def those_of(decision):
    return {decision.by, *decision.others}


def test_two_hundred_clicks_at_once_give_one_decision_and_tell_everyone_else(crowd):
    statuses = at_once([form(click(by=person)) for person in CROWD])

    decision = crowd.approvals.get(QUESTION).decision
    assert statuses == {200}
    assert decision.outcome == "approved"
    assert [entry.actor for entry in decided(crowd, "api-v1.42.0-1")] == [decision.by]
    assert len(crowd.executions.answers) == 1
    assert crowd.rollouts.read("api-v1.42.0-1").colors["yellow"].decision == decision
    assert len(crowd.ephemeral_posts) == len(CROWD) - len(those_of(decision))
    assert {text for _, text in crowd.ephemeral_posts} == {f"<@{decision.by}> was first: approved."}


def test_approvals_and_rejections_at_once_give_one_of_both(crowd):
    bodies = [
        form(click(by=person)) if number % 2 else form(submission(by=person))
        for number, person in enumerate(CROWD[:60])
    ]

    assert at_once(bodies) == {200}

    decision = crowd.approvals.get(QUESTION).decision
    assert len(decided(crowd, "api-v1.42.0-1")) == 1
    assert list(crowd.executions.answers.values()) == [{"outcome": decision.outcome}]


def test_where_two_must_approve_two_of_a_crowd_do(crowd):
    at_once([form(click(value=OF_TWO, by=person)) for person in CROWD[:60]])

    decision = crowd.approvals.get(OF_TWO).decision
    assert decision.outcome == "approved"
    assert len(those_of(decision)) >= 2
    assert [entry.actor for entry in decided(crowd, "two-v1.42.0-1")] == [decision.by]
    assert len(crowd.executions.answers) == 1


def test_one_person_clicking_fifty_times_at_once_is_one_person(crowd):
    at_once([form(click(value=OF_TWO, by=CROWD[0])) for _ in range(50)])

    approval = crowd.approvals.get(OF_TWO)
    assert approval.decision is None
    assert [answer.by for answer in approval.answers.values()] == [CROWD[0]]
