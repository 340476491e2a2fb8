"""Answers to a question: one counts, and everyone learns which."""

import json

import pytest
from handlers.gateways.slack_reply import TIMEOUT

from handlers.receive_slack import MAX_BODY
from tests.builders import NOW, a_decision, after, an_approval
from tests.handlers.outside import SECRET
from tests.handlers.requests import answer_of, click, with_headers
from tests.recorded import recorded

WHISPERS_GO_TO = "https://hooks.slack.com/actions/T0RECIPES/1/secret-response"


def red(outside):
    return outside.rollout.colors["red"]


def test_a_recorded_click_approves(asked):
    answer = answer_of(recorded("slack_click"))

    assert (answer["statusCode"], answer["body"]) == (200, "")
    decision = asked.approvals.get("question-red").decision
    assert (decision.outcome, decision.by, decision.at) == ("approved", "U0BOB", NOW)
    assert red(asked).decision == decision
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}
    assert asked.whispers == []


def test_a_click_rejects(asked):
    answer_of(click("reject"))

    assert asked.approvals.get("question-red").decision.outcome == "rejected"
    assert red(asked).decision.outcome == "rejected"
    assert asked.executions.answers == {"token-1": {"outcome": "rejected"}}


def test_whoever_is_second_is_told_who_was_first(asked):
    answer_of(click("approve", by="U0ALICE"))

    answer_of(click("reject", by="U0BOB"))

    assert asked.whispers == [(WHISPERS_GO_TO, "<@U0ALICE> was first: approved.")]
    assert asked.approvals.get("question-red").decision.by == "U0ALICE"
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}


def test_whoever_changes_their_mind_is_told_that_it_is_too_late(asked):
    answer_of(click("approve", by="U0BOB"))

    answer_of(click("reject", by="U0BOB"))

    assert asked.whispers == [(WHISPERS_GO_TO, "<@U0BOB> was first: approved.")]
    assert red(asked).decision.outcome == "approved"


def test_the_same_click_twice_changes_nothing_and_says_nothing(asked):
    answer_of(click())
    once = asked.rollout
    asked.time = after(seconds=2)

    answer = answer_of(click())

    assert answer["statusCode"] == 200
    assert asked.rollout == once
    assert asked.approvals.get("question-red").decision.at == NOW
    assert asked.whispers == []


def test_a_click_whose_first_delivery_died_halfway_is_carried_through_by_the_second(asked):
    asked.approvals.decide("question-red", a_decision("approved", by="U0BOB"))

    answer_of(click(by="U0BOB"))

    assert red(asked).decision == a_decision("approved", by="U0BOB")
    assert asked.executions.answers == {"token-1": {"outcome": "approved"}}


def test_a_decision_stands_though_its_token_is_gone(asked):
    asked.executions.gone.add("token-1")

    answer = answer_of(click())

    assert answer["statusCode"] == 200
    assert asked.approvals.get("question-red").decision.outcome == "approved"
    assert red(asked).decision.outcome == "approved"


def test_the_newest_token_is_answered(asked):
    asked.approvals.wait_with("question-red", "token-2")

    answer_of(click())

    assert asked.executions.answers == {"token-2": {"outcome": "approved"}}


def test_a_stranger_is_told_who_may_answer(asked):
    question = an_approval(id="question-2", approvers=("U0ALICE", "U0BOB"))
    asked.approvals.ask(question)

    answer_of(click(value="question-2", by="U0EVE"))

    told = "You may not answer for api. <@U0ALICE>, <@U0BOB> may."
    assert asked.whispers == [(WHISPERS_GO_TO, told)]
    assert asked.approvals.get("question-2").decision is None
    assert asked.executions.answers == {}


def test_an_answer_after_the_question_expired_does_not_count(asked):
    asked.approvals.ask(an_approval(id="question-2", until=NOW))

    answer_of(click(value="question-2"))

    assert asked.whispers[0][1] == "This question has expired; the rollout is being ended."
    assert asked.approvals.get("question-2").decision is None


def test_a_question_that_is_not_known_is_told(asked):
    answer_of(click(value="question-of-last-year"))

    assert asked.whispers == [(WHISPERS_GO_TO, "This question is not known any more.")]


def test_a_question_of_a_rollout_that_has_ended_is_told(asked):
    asked.approvals.decide("question-red", a_decision("withdrawn", by="shingo"))

    answer_of(click())

    told = "This question was withdrawn: the rollout has ended."
    assert asked.whispers == [(WHISPERS_GO_TO, told)]


def test_a_button_of_someone_else_is_acknowledged_and_nothing_done(asked):
    answer = answer_of(click("open-the-menu"))

    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert asked.whispers == []


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


def test_it_waits_no_longer_for_a_whisper_than_slack_for_us():
    assert TIMEOUT < 3


def test_the_largest_board_comes_back_with_its_click():
    assert MAX_BODY > 50 * 3_000
