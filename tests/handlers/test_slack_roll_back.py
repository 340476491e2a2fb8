"""The button that puts back what a rollout, ended from outside, had changed."""

import pytest

from tests.builders import a_released_color, after, an_application, an_ended_rollout
from tests.handlers.requests import answer_of, click

WHISPERS_GO_TO = "https://hooks.slack.com/actions/T0RECIPES/1/secret-response"


def stopped(outside, **given):
    ended = {"outcome": "aborted", "cause": "Stopped."}
    outside.rollouts.create(an_ended_rollout(a_released_color("red"), **(ended | given)))
    return outside.rollout


def test_the_button_of_a_stopped_rollout_starts_a_rollback(outside):
    rollout = stopped(outside)

    answer_of(click("roll_back", rollout.id))

    (started,) = outside.executions.started.values()
    assert started == {"application": "api", "rollBack": rollout.id, "requestedBy": "U0BOB"}
    told = "Rolling back api v1.42.0. Its board will follow here."
    assert outside.whispers == [(WHISPERS_GO_TO, told)]


def test_pressed_twice_at_once_it_starts_one_rollback(outside):
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


@pytest.mark.parametrize(
    "given",
    [{"outcome": "completed"}, {"outcome": "", "ended": None}, {"colors": {}}],
    ids=["completed", "still open", "nothing changed"],
)
def test_a_rollout_with_nothing_left_to_put_back_is_told(outside, given):
    rollout = stopped(outside, **given)

    answer_of(click("roll_back", rollout.id))

    assert outside.executions.started == {}
    assert outside.whispers[0][1] == "There is nothing left to put back."


def test_a_rollout_that_is_not_known_is_told(outside):
    answer_of(click("roll_back", "api-of-last-year"))

    assert outside.whispers[0][1] == "There is nothing left to put back."


def test_only_approvers_may_roll_back(outside):
    outside.apps = {"api": an_application(approvers=("U0ALICE",))}
    rollout = stopped(outside)

    answer_of(click("roll_back", rollout.id, by="U0EVE"))

    assert outside.executions.started == {}
    assert outside.whispers[0][1] == "You may not roll back api."
