"""The ways out that the board offers: withdraw, roll back now, and putting back later."""

import pytest

from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.rollout import Stage
from tests.support.builders import (
    COLORS,
    a_color,
    a_released_color,
    after,
    an_application,
    an_approval,
    an_ended_rollout,
)
from tests.support.records import change
from tests.support.slack_requests import answer_of, click
from tests.support.steps import deploy, primary, red

RESPONSE_URL = "https://hooks.slack.com/actions/T0RECIPES/1/secret-response"


def told(outside):
    return [text for _, text in outside.ephemeral_posts]


def ruled_by(outside, **rules):
    outside.apps = {"api": an_application(rules=dict.fromkeys(COLORS, ApprovalRules(**rules)))}


# Withdrawing what was not yet begun.


def test_whoever_asked_may_withdraw_while_nothing_was_changed(asked):
    answer_of(click("withdraw", asked.rollout.id, by="U0CAROL"))

    assert asked.rollout.roll_back_asked.outcome == "withdrawn"
    assert asked.approvals.get("question-red").decision.outcome == "withdrawn"
    assert asked.executions.answers == {"token-1": {"outcome": "withdrawn"}}


def test_nobody_else_may_withdraw(asked):
    answer_of(click("withdraw", asked.rollout.id, by="U0BOB"))

    assert told(asked) == ["Only <@U0CAROL>, who asked for it, may withdraw it."]
    assert asked.rollout.roll_back_asked is None
    assert asked.executions.answers == {}


def test_what_was_changed_is_not_withdrawn_but_rolled_back(deploying):
    answer_of(click("withdraw", deploying.rollout.id, by="U0CAROL"))

    assert "*Roll back now*" in told(deploying)[0]
    assert deploying.rollout.roll_back_asked is None


# Rolling back now.


def test_roll_back_now_ends_the_wait_for_the_deployment(deploying):
    answer_of(click("roll_back_now", deploying.rollout.id))

    assert deploying.rollout.roll_back_asked.by == "U0BOB"
    assert deploying.executions.answers == {"token-1": {"outcome": "roll_back"}}


def test_roll_back_now_ends_the_wait_for_an_answer(asked):
    released = a_released_color("yellow")
    change(asked.rollouts, asked.rollout.id, colors=asked.rollout.colors | {"yellow": released})

    answer_of(click("roll_back_now", asked.rollout.id))

    assert asked.executions.answers == {"token-1": {"outcome": "roll_back"}}


def test_after_that_nothing_more_is_deployed(deploying):
    answer_of(click("roll_back_now", deploying.rollout.id))

    deploy("token-2", "yellow")

    assert deploying.ecs.updates == [("api-red", primary(deploying).task_definition)]
    assert deploying.executions.answers["token-2"] == {"outcome": "roll_back"}
    assert not deploying.rollout.colors["yellow"].changed


def test_pressed_twice_the_first_stands(deploying):
    answer_of(click("roll_back_now", deploying.rollout.id, by="U0BOB"))
    deploying.time = after(minutes=1)

    answer_of(click("roll_back_now", deploying.rollout.id, by="U0ALICE"))

    assert deploying.rollout.roll_back_asked.by == "U0BOB"


def test_only_those_who_may_answer_may_roll_back_now(deploying):
    ruled_by(deploying, users=("U0ALICE",))

    answer_of(click("roll_back_now", deploying.rollout.id, by="U0EVE"))

    assert told(deploying) == ["You may not roll back api. <@U0ALICE> may."]
    assert deploying.rollout.roll_back_asked is None
    assert deploying.executions.answers == {}


@pytest.mark.parametrize("action", ["roll_back_now", "withdraw"])
def test_what_has_ended_is_not_taken_back(outside, action):
    outside.rollouts.create(an_ended_rollout(a_released_color("red")))

    answer_of(click(action, outside.rollout.id, by="U0CAROL"))

    assert told(outside) == ["This rollout has ended."]


def test_where_nothing_was_changed_there_is_nothing_to_roll_back(asked):
    answer_of(click("roll_back_now", asked.rollout.id))

    assert told(asked) == ["No color was changed yet: reject or withdraw instead."]
    assert red(asked).stage is Stage.ASKING


# Putting back what a rollout left that was ended from outside.


def stopped(outside, *colors, **given):
    ended = {"outcome": "aborted", "cause": "Stopped."}
    rollout = an_ended_rollout(*(colors or [a_released_color("red")]), **(ended | given))
    return outside.rollouts.create(rollout)


def test_the_button_of_a_stopped_rollout_starts_a_rollback(outside):
    rollout = stopped(outside)

    answer_of(click("roll_back", rollout.id))

    (started,) = outside.executions.started.values()
    assert started == {"application": "api", "rollBack": rollout.id, "requestedBy": "U0BOB"}
    assert told(outside) == ["Rolling back api v1.42.0. Its board will follow here."]


def test_the_same_press_delivered_twice_starts_one_rollback(outside):
    rollout = stopped(outside)

    answer_of(click("roll_back", rollout.id))
    answer_of(click("roll_back", rollout.id))

    assert len(outside.executions.started) == 1


def test_pressed_again_after_a_rollback_that_failed_it_starts_another(outside):
    rollout = stopped(outside)
    answer_of(click("roll_back", rollout.id, trigger_id="1.2.first"))
    outside.time = after(hours=2)

    answer_of(click("roll_back", rollout.id, trigger_id="3.4.later", at=outside.time))

    assert len(outside.executions.started) == 2


def test_rollbacks_of_rollouts_with_long_names_have_names_of_their_own(outside):
    for number in range(2):
        stopped(outside, id="api-" + "t" * 65 + f"-{number:010}")
    for rollout in list(outside.rollouts.records):
        answer_of(click("roll_back", rollout))

    assert len(outside.executions.started) == 2
    assert all(len(name) <= 80 for name in outside.executions.started)


@pytest.mark.parametrize(
    "given",
    [{"outcome": "completed"}, {"outcome": "", "ended": None}, {"colors": {}}],
    ids=["completed", "still open", "nothing changed"],
)
def test_a_rollout_with_nothing_left_to_put_back_is_told(outside, given):
    rollout = stopped(outside, **given)

    answer_of(click("roll_back", rollout.id))

    assert outside.executions.started == {}
    assert told(outside) == ["There is nothing left to put back."]


def test_a_rollout_that_is_not_known_is_told(outside):
    answer_of(click("roll_back", "api-of-last-year"))

    assert told(outside) == ["There is nothing left to put back."]


def test_what_was_put_back_already_is_not_put_back_again(outside):
    rollout = stopped(outside, a_color("red", changed=True, stage=Stage.PUT_BACK))

    answer_of(click("roll_back", rollout.id))

    assert outside.executions.started == {}


def test_only_those_who_may_answer_may_put_back(outside):
    ruled_by(outside, users=("U0ALICE",))
    rollout = stopped(outside)

    answer_of(click("roll_back", rollout.id, by="U0EVE"))

    assert outside.executions.started == {}
    assert told(outside) == ["You may not roll back api. <@U0ALICE> may."]


def test_a_question_that_was_answered_keeps_its_answer_when_all_goes_back(deploying):
    answered = an_approval(id="question-red")
    deploying.approvals.ask(answered)
    deploying.rollouts.change_color(
        deploying.rollout.id, "red", now=after(), approval="question-red"
    )

    answer_of(click("roll_back_now", deploying.rollout.id))

    assert deploying.approvals.get("question-red").decision.outcome == "roll_back"
