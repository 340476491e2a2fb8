"""Answers without Slack: the same rules, by IAM."""

import base64
import json

import pytest

from handlers.answer_api import lambda_handler
from handlers.domain.admission.rollout_request import MAX_REASON
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.history.audit import EventKind
from simulator.slack_requests import api_call
from tests.support.builders import (
    NOW,
    a_color,
    a_decision,
    a_rollout,
    after,
    an_application,
    an_approval,
    an_ended_rollout,
)

ON_CALL = "arn:aws:iam::123456789012:role/on-call"
SESSION = "arn:aws:sts::123456789012:assumed-role/on-call/alice"
QUESTION = "question-red"


def api(
    method="POST",
    path=f"/approvals/{QUESTION}/approve",
    body=None,
    *,
    by=SESSION,
    question=QUESTION,
):
    return lambda_handler(api_call(method, path, body, by=by, question=question), None)


def reject(body=None, **given):
    return api(path=f"/approvals/{QUESTION}/reject", body=body, **given)


def said(answer):
    return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def open_question(outside):
    """Have a question about red that on-call, bob and two more roles may answer."""
    users = ("U0BOB", ON_CALL, f"{ON_CALL}-2")
    rules = dict.fromkeys(("red", "yellow", "green"), ApprovalRules(users=users))
    outside.apps = {"api": an_application(rules=rules)}
    outside.hold(a_rollout(a_color("red", approval=QUESTION)))
    outside.approvals.ask(an_approval(id=QUESTION))
    return outside


def decision(outside):
    return outside.approvals.get(QUESTION).decision


def test_open_questions_are_listed(open_question):
    status, listed = said(api("GET", "/approvals", question=""))

    assert status == 200
    assert listed["approvals"] == [
        {
            "id": QUESTION,
            "application": "api",
            "color": "red",
            "about": "release",
            "rollout": "api-v1.42.0-1",
            "release": "v1.42.0",
            "image": an_approval().release,
            "requestedBy": "U0CAROL",
            "asked": "2026-11-23T09:00:00+00:00",
            "expires": "2026-11-23T17:00:00+00:00",
            "approvedBy": [],
        }
    ]


def test_the_list_holds_no_token(open_question):
    assert "token-1" not in api("GET", "/approvals")["body"]


def test_answered_questions_and_ended_rollouts_are_not_listed(open_question):
    open_question.approvals.decide(QUESTION, a_decision())
    open_question.rollouts.create(
        an_ended_rollout(a_color("red", approval="question-2"), id="api-2", started=after(hours=1))
    )
    open_question.approvals.ask(an_approval(id="question-2"))

    assert said(api("GET", "/approvals")) == (200, {"approvals": []})


def test_who_has_approved_so_far_is_listed(open_question):
    open_question.approvals.approve(QUESTION, "U0BOB", ApprovalAnswer(by="U0BOB", at=NOW))

    assert said(api("GET", "/approvals"))[1]["approvals"][0]["approvedBy"] == ["U0BOB"]


def test_a_role_approves(open_question):
    assert said(api()) == (200, {"counts": True, "message": "approved"})

    assert (decision(open_question).outcome, decision(open_question).by) == ("approved", ON_CALL)
    assert open_question.executions.answers == {"token-1": {"outcome": "approved"}}
    (noted,) = [e for e in open_question.audit.records.values() if e.kind is EventKind.DECIDED]
    assert (noted.actor, noted.source) == (ON_CALL, "api")


def test_a_role_rejects_with_a_reason(open_question):
    assert said(reject({"reason": "errors in the log"}))[0] == 200

    found = decision(open_question)
    assert (found.outcome, found.reason, found.by) == ("rejected", "errors in the log", ON_CALL)


@pytest.mark.parametrize("body", [None, "", {}, {"reason": ""}])
def test_a_reason_may_be_left_out(open_question, body):
    assert said(reject(body))[0] == 200
    assert decision(open_question).reason == ""


def test_a_body_may_come_in_base64(open_question):
    event_body = base64.b64encode(b'{"reason": "slow"}').decode()

    answer = reject(event_body)

    assert answer["statusCode"] == 400
    assert decision(open_question) is None


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        '"reason"',
        "null",
        '{"reason": 1}',
        '{"reason": null}',
        '{"reason": "' + "x" * (MAX_REASON + 1) + '"}',
        "[" * 10_000,
        "9" * 5_000,
    ],
    ids=lambda body: f"{body[:16]}…{len(body)}",
)
def test_a_body_that_is_not_a_reason_changes_nothing(open_question, body):
    answer = reject(body)

    assert answer["statusCode"] == 400
    assert decision(open_question) is None


def test_the_second_answer_learns_who_was_first(open_question):
    api()

    status, told = said(reject(by=f"{SESSION.replace('on-call', 'on-call-2')}"))

    assert (status, told["counts"]) == (409, False)
    assert told["message"] == "role/on-call was first: approved."
    assert decision(open_question).outcome == "approved"


def test_the_same_answer_again_is_no_error(open_question):
    api()

    assert said(api()) == (200, {"counts": True, "message": "approved"})
    assert (
        len([e for e in open_question.audit.records.values() if e.kind is EventKind.DECIDED]) == 1
    )


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sts::123456789012:assumed-role/developer/alice",
        "arn:aws:sts::999999999999:assumed-role/on-call/alice",
        "arn:aws:iam::123456789012:user/on-call",
        f"{SESSION}\n",
        "U0BOB-not",
    ],
)
def test_a_role_that_is_not_named_is_refused_and_noted(open_question, arn):
    status, told = said(api(by=arn))

    assert (status, told["counts"]) == (409, False)
    assert told["message"].startswith("You may not answer for api.")
    assert decision(open_question) is None
    assert [e.kind for e in open_question.audit.records.values()] == [EventKind.REFUSED_CLICK]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_an_iam_caller_nothing_is_told_and_nothing_done(open_question, method):
    answer = api(method, by="")

    assert (answer["statusCode"], answer["body"]) == (403, "no IAM caller")
    assert decision(open_question) is None


@pytest.mark.parametrize(
    "path", ["/approvals", f"/approvals/{QUESTION}", f"/approvals/{QUESTION}/approve"]
)
def test_getting_never_changes_anything(open_question, path):
    rollout = open_question.rollout

    answer = api("GET", path)

    assert answer["statusCode"] == 200
    assert open_question.rollout == rollout
    assert decision(open_question) is None
    assert open_question.audit.records == {}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/approvals"),
        ("PUT", "/approvals/q/approve"),
        ("DELETE", "/approvals/q/reject"),
        ("POST", "/approvals/q/withdraw"),
    ],
)
def test_a_route_that_is_not_there_is_not_found(open_question, method, path):
    assert api(method, path)["statusCode"] == 404
    assert decision(open_question) is None


def test_a_question_that_is_not_known_is_told(open_question):
    status, told = said(api(question="question-of-last-year"))

    assert (status, told["message"]) == (409, "This question is not known any more.")


def test_an_oversized_body_is_refused(open_question):
    assert reject("x" * 20_000)["statusCode"] == 413


def test_more_than_one_approval_may_be_needed(open_question):
    rules = ApprovalRules(users=(ON_CALL, f"{ON_CALL}-2"), required=2)
    open_question.apps = {"api": an_application(rules=dict.fromkeys(("red",), rules))}

    first = said(api())
    second = said(api(by=SESSION.replace("on-call", "on-call-2")))

    assert first[1]["message"] == "Your approval counts. Still needed: 1 more approval."
    assert (first[0], second[0]) == (200, 200)
    assert decision(open_question).others == (ON_CALL,)


def test_the_session_of_a_role_is_in_the_audit(open_question):
    api()

    (entry,) = [e for e in open_question.audit.records.values() if e.kind is EventKind.DECIDED]
    assert (entry.actor, entry.caller) == (ON_CALL, SESSION)
