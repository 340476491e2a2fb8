"""Answers to a question by Slack's buttons: what counts, and everyone learns what was first."""

import json

import pytest

from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.history.audit import EventKind
from handlers.gateways.slack_client import WHILE_PEOPLE_WAIT
from handlers.receive_slack import MAX_BODY
from simulator.recorded_events import recorded
from simulator.slack_requests import SECRET
from tests.support.builders import (
    COLORS,
    NOW,
    OTHER,
    a_decision,
    after,
    an_application,
    an_approval,
)
from tests.support.slack_requests import answer_of, click, rejection, with_headers

RESPONSE_URL = "https://hooks.slack.com/actions/T0RECIPES/1/secret-response"


def red(outside):
    return outside.rollout.colors["red"]


def question(outside):
    return outside.approvals.get("question-red")


def ruled_by(outside, **rules):
    outside.apps = {"api": an_application(rules=dict.fromkeys(COLORS, ApprovalRules(**rules)))}


def test_a_recorded_click_approves(asked):
    answer = answer_of(recorded("slack_click"))

    assert (answer["statusCode"], answer["body"]) == (200, "")
    decision = question(asked).decision
    assert (decision.outcome, decision.by, decision.at) == ("approved", "U0BOB", NOW)
    assert red(asked).decision == decision
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}
    assert asked.ephemeral_posts == []


def test_a_decision_is_noted_in_the_audit(asked):
    answer_of(click())

    (entry,) = [e for e in asked.audit.entries(asked.rollout.id) if e.kind is EventKind.DECIDED]
    assert (entry.actor, entry.source, entry.color) == ("U0BOB", "slack", "red")


def test_whoever_is_second_is_told_who_was_first(asked):
    answer_of(click(by="U0ALICE"))

    answer_of(click(by="U0BOB"))

    assert asked.ephemeral_posts == [(RESPONSE_URL, "<@U0ALICE> was first: approved.")]
    assert question(asked).decision.by == "U0ALICE"
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}


def test_the_same_click_twice_changes_nothing_and_says_nothing(asked):
    answer_of(click())
    once = asked.rollout
    asked.time = after(seconds=2)

    answer = answer_of(click())

    assert answer["statusCode"] == 200
    assert asked.rollout == once
    assert question(asked).decision.at == NOW
    assert asked.ephemeral_posts == []


def test_a_click_whose_first_delivery_died_halfway_is_carried_through_by_the_second(asked):
    asked.approvals.decide("question-red", a_decision("approved", by="U0BOB"))

    answer_of(click(by="U0BOB"))

    assert red(asked).decision == a_decision("approved", by="U0BOB")
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}


def test_a_decision_stands_though_its_token_is_gone(asked):
    asked.executions.gone.add("token-1")

    answer = answer_of(click())

    assert answer["statusCode"] == 200
    assert question(asked).decision.outcome == "approved"
    assert red(asked).decision.outcome == "approved"


def test_the_newest_token_is_answered(asked):
    asked.approvals.replace_token("question-red", "token-2")

    answer_of(click())

    assert asked.executions.answers == {"token-2": {"outcome": "approved"}}


@pytest.mark.parametrize("event", [click(by="U0EVE"), click("reject", by="U0EVE")])
def test_a_stranger_is_told_who_may_answer(asked, event):
    ruled_by(asked, users=("U0ALICE", "U0BOB"))

    answer_of(event)

    told = "You may not answer for api. <@U0ALICE>, <@U0BOB> may."
    assert asked.ephemeral_posts == [(RESPONSE_URL, told)]
    assert question(asked).decision is None
    assert asked.executions.answers == {}
    assert asked.dialogs == []


def test_whoever_asked_for_it_may_not_approve_it(asked):
    answer_of(click(by="U0CAROL"))

    assert question(asked).decision is None
    assert asked.ephemeral_posts[0][1].startswith(
        "You asked for this rollout, so somebody else must"
    )


def test_the_people_of_a_group_may_answer_as_slack_knows_them_now(asked):
    ruled_by(asked, groups=("S0SRE",))
    answer_of(click(by="U0DAVE"))
    assert question(asked).decision is None

    asked.groups["S0SRE"] = ["U0DAVE"]
    answer_of(click(by="U0DAVE"))

    assert question(asked).decision.by == "U0DAVE"


def test_several_must_approve_where_the_rules_say_so(asked):
    ruled_by(asked, required=2)
    asked.rollouts.change_color(asked.rollout.id, "red", now=NOW, required=2)
    answer_of(click(by="U0BOB"))
    assert asked.ephemeral_posts == [
        (RESPONSE_URL, "Your approval counts. Still needed: 1 more approval.")
    ]
    assert asked.executions.answers == {}
    assert "1 of 2 approvals so far: <@U0BOB>" in str(asked.slack.questions())

    answer_of(click(by="U0ALICE"))

    decision = question(asked).decision
    assert {decision.by, *decision.others} == {"U0BOB", "U0ALICE"}
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}


def test_the_same_person_does_not_count_for_two(asked):
    ruled_by(asked, required=2)

    answer_of(click(by="U0BOB"))
    answer_of(click(by="U0BOB"))

    assert question(asked).decision is None


def test_an_answer_after_the_question_expired_does_not_count(asked):
    asked.approvals.ask(an_approval(id="question-2", until=NOW))

    answer_of(click(value="question-2"))

    assert asked.ephemeral_posts[0][1] == "This question has expired; the rollout is being ended."
    assert asked.approvals.get("question-2").decision is None


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_question_that_is_not_known_is_told(asked, action):
    answer_of(click(action, "question-of-last-year"))

    assert asked.ephemeral_posts == [(RESPONSE_URL, "This question is not known any more.")]


def test_a_question_that_was_withdrawn_is_told(asked):
    asked.approvals.decide("question-red", a_decision("withdrawn", by="U0CAROL"))

    answer_of(click())

    told = "This question was withdrawn by <@U0CAROL>."
    assert asked.ephemeral_posts == [(RESPONSE_URL, told)]


def test_what_does_not_hold_any_more_is_not_approved_but_asked_again(asked):
    asked.ecs.overtake("api-green", OTHER)

    answer_of(click())

    assert asked.executions.answers == {"token-1": {"outcome": "ask_again"}}
    assert red(asked).decision is None
    told = "Not counted: Someone changed green: it runs api:99 now. The question is asked again."
    assert asked.ephemeral_posts == [(RESPONSE_URL, told)]


def test_a_button_of_someone_else_is_acknowledged_and_nothing_done(asked):
    answer = answer_of(click("open-the-menu"))

    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert asked.ephemeral_posts == []


# Rejecting asks why first.


def test_reject_opens_a_dialog_that_asks_why(asked):
    answer_of(click("reject", trigger_id="7.8.trigger"))

    ((trigger, view),) = asked.dialogs
    assert (trigger, view["private_metadata"]) == ("7.8.trigger", "question-red")
    assert question(asked).decision is None


def test_the_submitted_dialog_rejects_with_its_reason(asked):
    answer = answer_of(rejection(reason="502s since 9:00"))

    assert (answer["statusCode"], answer["body"]) == (200, "")
    decision = question(asked).decision
    assert (decision.outcome, decision.by, decision.reason) == (
        "rejected",
        "U0BOB",
        "502s since 9:00",
    )
    assert red(asked).decision == decision
    assert asked.executions.answers == {"token-1": {"outcome": "rejected"}}


def test_whoever_asked_for_it_may_reject_it(asked):
    answer_of(rejection(by="U0CAROL"))

    assert question(asked).decision.outcome == "rejected"


def test_a_rejection_that_comes_second_is_told_in_the_dialog(asked):
    answer_of(click(by="U0ALICE"))

    answer = answer_of(rejection(by="U0BOB"))

    said = json.loads(answer["body"])
    assert said["response_action"] == "update"
    assert "<@U0ALICE> was first: approved." in str(said["view"])
    assert question(asked).decision.outcome == "approved"


def test_the_dialog_is_opened_only_for_those_who_may_answer_now(asked):
    asked.approvals.decide("question-red", a_decision("approved", by="U0ALICE"))

    answer_of(click("reject"))

    assert asked.dialogs == []
    assert asked.ephemeral_posts == [(RESPONSE_URL, "<@U0ALICE> was first: approved.")]


# What is left behind.


def test_neither_tokens_nor_secrets_nor_signatures_are_logged(asked, log):
    event = click()
    secrets = [
        SECRET,
        event["headers"]["x-slack-signature"],
        event["body"],
        "token-1",
        "secret-response",
        "secret-trigger",
        "question-red",
    ]

    asked.executions.gone.add("token-1")
    answer_of(event)
    answer_of(with_headers(click(), x_slack_signature="v0=" + "0" * 64))

    assert "the token is gone" in log.getvalue()
    assert not [secret for secret in secrets if secret in log.getvalue()]


def test_a_failure_is_logged_by_name_and_raised_on(asked, log):
    def refuse(*_):
        raise OSError("no route to host")

    asked.approvals.get = refuse
    with pytest.raises(OSError, match="no route"):
        answer_of(click())

    logged = json.loads(log.getvalue().splitlines()[-1])
    assert (logged["level"], logged["error"]) == ("ERROR", "OSError")


def test_it_waits_no_longer_for_an_ephemeral_post_than_slack_for_us():
    assert WHILE_PEOPLE_WAIT.timeout + WHILE_PEOPLE_WAIT.pauses < 3


def test_the_largest_board_comes_back_with_its_click():
    assert MAX_BODY > 50 * 3_000
