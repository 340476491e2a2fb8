"""The same request delivered again: it changes nothing, and says nothing twice."""

import pytest

from handlers.receive_slack import lambda_handler
from tests.support.builders import after
from tests.support.hostile_requests import PATHS, click, command, form, request, submission
from tests.support.targets import OF_TWO, QUESTION, RETURNABLE, STOPPED, WITHDRAWABLE, State, told

ONCE = {
    "an approval": form(click()),
    "one of two approvals": form(click(value=OF_TWO)),
    "a rejection": form(submission()),
    "roll back now": form(click("roll_back_now", RETURNABLE)),
    "withdraw": form(click("withdraw", WITHDRAWABLE, by="U0CAROL")),
}
REFUSED = {
    "an approval of a stranger": form(click(by="U0EVE")),
    "an approval of whoever asked": form(click(by="U0CAROL")),
}


def deliver(body, path=PATHS[1]):
    return lambda_handler(request(body, path), None)["statusCode"]


@pytest.mark.parametrize("name", ONCE)
def test_a_click_delivered_again_has_no_second_effect_and_says_nothing_twice(targets, name):
    assert deliver(ONCE[name]) == 200
    state, said = State.of(targets), told(targets)

    for seconds in (0, 1, 60, 299):
        targets.time = after(seconds=seconds)
        assert deliver(ONCE[name]) == 200

    assert State.of(targets) == state
    assert told(targets) == said


def test_the_same_command_starts_one_rollout(targets):
    deliver(command("web v1.42.1 faster search"), PATHS[0])
    state, noted = State.of(targets), dict(targets.audit.records)
    targets.time = after(seconds=60)

    deliver(command("web v1.42.1 faster search"), PATHS[0])

    assert len(targets.executions.started) == 1
    assert (State.of(targets), targets.audit.records) == (state, noted)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_click_delivered_again_is_refused_again(targets, name):
    state = State.of(targets)

    for seconds in (0, 1, 299):
        targets.time = after(seconds=seconds)
        assert deliver(REFUSED[name]) == 200

    assert State.of(targets) == state


def test_a_stopped_rollout_is_put_back_once_however_often_the_click_is_delivered(targets):
    for seconds in (0, 1, 299):
        targets.time = after(seconds=seconds)
        assert deliver(form(click("roll_back", STOPPED))) == 200

    assert len(targets.executions.started) == 1


@pytest.mark.parametrize("name", ONCE)
def test_a_click_delivered_again_after_five_minutes_is_refused(targets, name):
    deliver(ONCE[name])
    state, said = State.of(targets), told(targets)

    for seconds in (301, 600, 86_400):
        targets.time = after(seconds=seconds)
        assert deliver(ONCE[name]) == 401

    assert (State.of(targets), told(targets)) == (state, said)


def test_a_replay_after_another_decided_does_not_undo_it(targets):
    deliver(form(submission()))
    state = State.of(targets)

    deliver(ONCE["an approval"])

    assert State.of(targets) == state
    assert targets.approvals.get(QUESTION).decision.outcome == "rejected"
