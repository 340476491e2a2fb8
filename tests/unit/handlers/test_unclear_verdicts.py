"""An unclear verdict: people are asked whether the color may keep the release."""

import json
from datetime import timedelta

import pytest

from handlers import request_approval
from handlers.domain.approvals.approval import Subject
from handlers.domain.config.approval_rules import ApprovalRules, OnExpiry
from handlers.domain.history.audit import EventKind
from handlers.domain.model.rollout import Doubt, Stage
from handlers.slack.action_ids import Action
from tests.support.builders import (
    NOW,
    a_color,
    a_decision,
    a_rollout,
    after,
    an_application,
    an_approval,
    an_evidence,
)
from tests.support.slack_requests import answer_of, click, rejection

ROLLOUT = "api-v1.42.0-1"


FIRST = "token-1"


def ask(token=FIRST, color="red"):
    payload = {"rollout": ROLLOUT, "color": color, "about": "health", "token": token}
    request_approval.lambda_handler(payload, None)


def red(outside):
    return outside.rollout.colors["red"]


def press(action, outside, **other):
    return answer_of(click(action, red(outside).doubt.id, **other))


@pytest.fixture
def unclear(at_rest):
    """Have red on the release, with a verdict that is unclear."""
    color = a_color(
        "red",
        stage=Stage.UNCLEAR,
        changed=True,
        deployment="ecs-svc/before",
        outcome="completed",
        approval="question-red",
        decision=a_decision(),
        evidence=an_evidence(),
        times={Stage.VERIFYING: NOW},
    )
    at_rest.rollouts.overwrite(a_rollout(color))
    return at_rest


@pytest.fixture
def doubted(unclear):
    ask()
    return unclear


def test_the_question_is_asked_by_the_rules_of_approvals(unclear):
    rules = ApprovalRules(users=("U0BOB", "U0ALICE"), required=2, expires_after=timedelta(hours=3))
    unclear.apps = {"api": an_application(rules=dict.fromkeys(("red", "yellow", "green"), rules))}

    ask()

    doubt = red(unclear).doubt
    approval = unclear.approvals.get(doubt.id)
    assert (doubt.required, doubt.until) == (2, after(hours=3))
    assert (approval.about, approval.color) == (Subject.HEALTH, "red")
    assert red(unclear).approval == "question-red"


def test_going_on_releases_the_color(doubted):
    press(Action.APPROVE, doubted)

    assert red(doubted).stage is Stage.RELEASED
    assert red(doubted).doubt.decision.by == "U0BOB"
    assert doubted.executions.answers["token-1"] == {"outcome": "approved"}


def test_looking_again_leads_back_to_verifying(doubted):
    press(Action.LOOK_AGAIN, doubted)

    assert red(doubted).stage is Stage.VERIFYING
    assert doubted.executions.answers["token-1"] == {"outcome": "look_again"}


def test_rolling_back_says_why(doubted):
    answer_of(rejection(red(doubted).doubt.id, "memory climbs"))

    assert red(doubted).doubt.decision.reason == "memory climbs"
    assert red(doubted).stage is Stage.UNCLEAR
    assert doubted.executions.answers["token-1"] == {"outcome": "rejected"}


def test_a_release_cannot_be_looked_at_again(asked):
    answer_of(click(Action.LOOK_AGAIN, "question-red"))

    assert asked.executions.answers == {}
    assert "nothing to look at" in asked.ephemeral_posts[-1][1]


@pytest.mark.parametrize("action", [Action.APPROVE, Action.LOOK_AGAIN])
def test_a_stranger_changes_nothing_and_is_told(unclear, action):
    rules = dict.fromkeys(("red", "yellow", "green"), ApprovalRules(users=("U0ALICE",)))
    unclear.apps = {"api": an_application(rules=rules)}
    ask()

    press(action, unclear)

    assert unclear.executions.answers == {}
    assert "You may not answer" in unclear.ephemeral_posts[-1][1]


def test_whoever_asked_for_the_rollout_may_not_let_it_pass(doubted):
    press(Action.APPROVE, doubted, by="U0CAROL")

    assert red(doubted).stage is Stage.UNCLEAR
    assert "somebody else" in doubted.ephemeral_posts[-1][1]


def test_whoever_is_second_is_told_and_changes_nothing(doubted):
    press(Action.LOOK_AGAIN, doubted)
    press(Action.APPROVE, doubted, by="U0DAVE")

    assert red(doubted).stage is Stage.VERIFYING
    assert "<@U0BOB> was first" in doubted.ephemeral_posts[-1][1]


def test_an_old_click_delivered_again_does_not_touch_the_newer_question(doubted):
    first = red(doubted).doubt
    press(Action.LOOK_AGAIN, doubted)
    doubted.rollouts.change_color(ROLLOUT, "red", now=after(minutes=1), stage=Stage.UNCLEAR)
    ask("token-2")

    answer_of(click(Action.LOOK_AGAIN, first.id))

    assert red(doubted).doubt.id != first.id
    assert red(doubted).doubt.decision is None
    assert red(doubted).stage is Stage.UNCLEAR
    assert "token-2" not in doubted.executions.answers


def test_an_answer_whose_token_had_gone_is_found_at_the_next_entry(doubted):
    doubted.executions.gone.add("token-1")
    press(Action.LOOK_AGAIN, doubted)

    ask("token-2")

    assert doubted.executions.answers == {"token-2": {"outcome": "look_again"}}


def test_nobodys_answer_rolls_back_even_where_questions_keep_waiting(unclear):
    rules = ApprovalRules(expires_after=timedelta(hours=1), on_expiry=OnExpiry.KEEP_WAITING)
    unclear.apps = {"api": an_application(rules=dict.fromkeys(("red", "yellow", "green"), rules))}
    ask()
    unclear.time = after(hours=1)

    ask("token-2")

    assert unclear.executions.answers == {"token-2": {"outcome": "expired"}}
    assert unclear.audit.details(EventKind.EXPIRED) == ["nobody answered in time"]


def test_asking_again_without_an_answer_asks_nobody_twice(doubted):
    before = len(doubted.slack.messages)

    ask("token-2")

    assert len(doubted.slack.messages) == before
    assert doubted.approvals.get(red(doubted).doubt.id).token == "token-2"


def test_nothing_secret_is_on_the_record(doubted):
    assert "token-1" not in json.dumps(str(doubted.rollout))


def test_answering_a_doubt_needs_the_color_to_be_unclear_still(doubted):
    doubt = red(doubted).doubt
    doubted.rollouts.change_color(ROLLOUT, "red", now=NOW, stage=Stage.GOING_BACK)

    changed = doubted.rollouts.decide_doubt(ROLLOUT, "red", doubt.id, a_decision(), Stage.RELEASED)

    assert changed.colors["red"].stage is Stage.GOING_BACK
    assert an_approval().about is Subject.RELEASE
    assert isinstance(doubt, Doubt)
