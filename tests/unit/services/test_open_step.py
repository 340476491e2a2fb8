"""A rollout that was stopped and whose execution is redriven goes on, if it still may."""

from dataclasses import replace

import pytest

from handlers import (
    await_image,
    deploy_color,
    finish_rollout,
    request_approval,
    roll_back_color,
    verify_color,
)
from handlers.domain.model.errors import Refused
from handlers.domain.model.rollout import Stage
from simulator.in_memory_stores import InMemoryLocks
from tests.support.builders import (
    OLD,
    a_color,
    a_deployment,
    a_lock,
    a_rollout,
    after,
    an_approval,
    an_awaited,
    execution,
)
from tests.support.fake_ecs import FakeEcs, settled_services
from tests.support.fakes import FakeExecutions

ROLLOUT = "api-v1.42.0-1"
STEP = {"rollout": ROLLOUT, "color": "red", "token": "token-2"}


@pytest.fixture
def stopped(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    asked = a_color("red", stage=Stage.ASKING, approval="question-red")
    outside.rollouts.create(a_rollout(asked, outcome="aborted", ended=after(hours=1)))
    outside.approvals.ask(an_approval(id="question-red"))
    outside.ecs = FakeEcs(*settled_services(a_deployment(id="ecs-svc/0", task_definition=OLD)))
    return outside


def test_a_redriven_question_is_asked_anew_and_the_application_is_taken_again(stopped):
    stopped.executions = FakeExecutions(execution(ROLLOUT))

    request_approval.lambda_handler(STEP, None)

    assert stopped.rollout.is_open
    assert stopped.rollout.colors["red"].approval not in {"", "question-red"}
    assert stopped.locks.held["api"].rollout == ROLLOUT


@pytest.mark.parametrize("step", [request_approval, deploy_color, roll_back_color, verify_color])
def test_a_step_that_comes_after_the_stop_does_nothing(stopped, step):
    before = stopped.rollout

    step.lambda_handler(STEP, None)

    assert stopped.rollout == before
    assert (stopped.ecs.updates, stopped.locks.held, stopped.executions.answers) == ([], {}, {})


def test_a_redriven_rollout_whose_application_was_taken_meanwhile_does_not_go_on(stopped):
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    stopped.locks = InMemoryLocks(a_lock("another"))

    with pytest.raises(Refused, match="is being rolled out by another by now"):
        deploy_color.lambda_handler(STEP, None)

    assert stopped.ecs.updates == []


def test_an_execution_that_took_an_application_and_got_no_further_frees_it(outside):
    outside.locks = InMemoryLocks(a_lock(ROLLOUT))
    event = {
        "state": {"application": "api", "tag": "v1.42.0", "fault": {"Error": "Refused"}},
        "execution": {
            "arn": execution(ROLLOUT),
            "name": ROLLOUT,
            "startedAt": "2026-11-23T09:00:00Z",
        },
    }

    answer = finish_rollout.lambda_handler(event, None)

    assert (answer["outcome"], outside.locks.held) == ("fault", {})


def test_a_redriven_rollout_does_not_go_on_where_another_was_begun_since(stopped):
    """Its colors may have been put back, or run something newer, which it must not undo."""
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    stopped.rollouts.create(a_rollout(id="newer", started=after(hours=2), outcome="completed"))

    with pytest.raises(Refused, match="was rolled out by newer since"):
        roll_back_color.lambda_handler(STEP, None)

    assert (stopped.ecs.updates, stopped.locks.held) == ([], {})


@pytest.mark.parametrize(
    "refused",
    [
        {"outcome": "busy"},
        {"outcome": "not_deployable", "colors": {}},
        {"awaits": an_awaited(kind="turn", what=ROLLOUT), "colors": {}},
    ],
)
def test_a_redriven_rollout_goes_on_where_another_was_only_refused_since(stopped, refused):
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    for number in (1, 2):
        newer = a_rollout(id=f"newer-{number}", started=after(hours=number), **refused)
        stopped.rollouts.create(newer)

    request_approval.lambda_handler(STEP, None)

    assert stopped.rollout.is_open
    assert stopped.locks.held["api"].rollout == ROLLOUT


def test_who_waited_for_the_application_and_had_it_later_has_had_it_since(stopped):
    """A push that started before it waited for its turn, and deployed after it was stopped."""
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    waited = a_rollout(id="pushed", started=after(hours=-1), locked_at=after(hours=2))
    stopped.rollouts.create(replace(waited, outcome="completed"))

    with pytest.raises(Refused, match="was rolled out by pushed since"):
        roll_back_color.lambda_handler(STEP, None)

    assert (stopped.ecs.updates, stopped.locks.held) == ([], {})


def test_who_started_later_and_had_the_application_before_is_not_in_the_way(stopped):
    """The stopped one was the one that waited: it took its application after the other's end."""
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    stopped.rollouts.overwrite(replace(stopped.rollout, locked_at=after(hours=3)))
    stopped.rollouts.create(a_rollout(id="other", started=after(hours=1), outcome="completed"))

    request_approval.lambda_handler(STEP, None)

    assert stopped.rollout.is_open


def test_one_that_had_nothing_yet_is_redriven_whoever_was_rolled_out_since(stopped):
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    stopped.rollouts.overwrite(replace(stopped.rollout, colors={}, awaits=an_awaited()))
    stopped.rollouts.create(a_rollout(id="newer", started=after(hours=2), outcome="completed"))

    await_image.lambda_handler({"rollout": ROLLOUT, "token": "token-2"}, None)

    assert stopped.rollout.is_open


def test_what_was_refused_last_does_not_hide_who_had_the_application_before_that(stopped):
    stopped.executions = FakeExecutions(execution(ROLLOUT))
    stopped.rollouts.create(a_rollout(id="newer", started=after(hours=2), outcome="completed"))
    refused = a_rollout(id="refused", started=after(hours=3), outcome="busy", colors={})
    stopped.rollouts.create(refused)

    with pytest.raises(Refused, match="was rolled out by newer since"):
        roll_back_color.lambda_handler(STEP, None)
