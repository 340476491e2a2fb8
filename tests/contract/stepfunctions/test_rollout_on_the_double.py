"""The committed definition where time and interruptions decide, by AWS's rules.

Nothing here depends on how many states there are between the ones that are named.
"""

import json
from datetime import timedelta

import pytest

from simulator.stepfunctions.asl_errors import TaskTimedOut
from simulator.stepfunctions.machine import load
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.stepfunctions.walks import NOW

READY = {"rollout": "r", "application": "api", "outcome": "ready", "cause": ""}
ASKING = "Approve red"


class Rollout:
    """A rollout that has been prepared and is asking about red."""

    def __init__(self, definition):
        self.service = StepFunctions(load(definition), now=NOW)
        self.arn = self.service.start_execution(name="api-1", input="{}")["executionArn"]
        self.service.complete(self.called(), READY)

    @property
    def execution(self):
        return self.service.execution(self.arn)

    def called(self):
        (invocation,) = self.service.take_invocations()
        return invocation

    def answer(self, token, outcome):
        self.service.send_task_success(token=token, output=json.dumps({"outcome": outcome}))

    def later(self, seconds):
        self.service.advance(self.service.now + timedelta(seconds=seconds))


@pytest.fixture
def rollout(definition):
    return Rollout(definition)


def test_a_question_that_nobody_answers_is_looked_at_again_with_a_new_token(definition, rollout):
    every = definition["States"][ASKING]["TimeoutSeconds"]
    tokens = []
    for _ in range(4):
        tokens.append(rollout.called().payload["token"])
        rollout.later(every)

    assert len(set(tokens)) == 4
    with pytest.raises(TaskTimedOut):
        rollout.answer(tokens[0], "approved")


def test_a_rollout_that_everybody_forgot_ends_with_the_machines_time(definition, rollout):
    rollout.later(definition["TimeoutSeconds"])

    assert rollout.execution.status == "TIMED_OUT"
    assert len(rollout.execution.history) < 25_000


def test_a_rollout_that_was_stopped_asks_anew_when_it_is_redriven(rollout):
    old = rollout.called().payload["token"]
    rollout.service.stop_execution(arn=rollout.arn)
    rollout.service.redrive_execution(arn=rollout.arn)

    new = rollout.called()

    assert (new.state, new.payload["token"] != old) == (ASKING, True)
    rollout.answer(new.payload["token"], "approved")
    assert rollout.called().function == "DeployColor"


def test_brief_trouble_is_tried_again_with_a_new_token(definition, rollout):
    retrier = definition["States"][ASKING]["Retry"][0]
    tokens = []
    for attempt in range(retrier["MaxAttempts"] + 1):
        called = rollout.called()
        tokens.append(called.payload["token"])
        rollout.service.fail(called, "Lambda.TooManyRequestsException", "Rate exceeded")
        rollout.later(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** attempt)

    assert len(set(tokens)) == retrier["MaxAttempts"] + 1
    assert rollout.called().function == "FinishRollout"


def test_when_one_way_back_fails_the_others_go_on(rollout):
    rollout.answer(rollout.called().payload["token"], "approved")
    rollout.answer(rollout.called().payload["token"], "failed")
    ways_back = rollout.service.take_invocations()

    rollout.service.fail(ways_back[0], "KeyError", "{}")
    for each in ways_back[1:]:
        rollout.answer(each.payload["token"], "put_back")

    finishing = rollout.called()
    assert finishing.function == "FinishRollout"
    assert finishing.payload["state"]["rollback"] == [
        {"outcome": "fault"},
        *[{"outcome": "put_back"}] * (len(ways_back) - 1),
    ]


def test_a_look_that_answers_nothing_leads_to_the_rollback(rollout):
    # An error in selecting from it would be States.Runtime, which nothing catches.
    rollout.answer(rollout.called().payload["token"], "approved")
    rollout.answer(rollout.called().payload["token"], "completed")
    rollout.service.complete(rollout.called(), {})

    assert {each.function for each in rollout.service.take_invocations()} == {"RollBackColor"}
