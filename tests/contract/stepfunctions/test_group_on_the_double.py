"""The committed definition of a group, walked to its end with stand-ins for all that it calls."""

from pathlib import Path

import pytest

from simulator.stepfunctions.driver import Failed
from simulator.stepfunctions.machine import load_file
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.stepfunctions.walks import NOW

DEFINITION = Path(__file__).parents[3] / "definitions/group.asl.json"
APPLICATIONS = ["api", "web", "jobs"]
DONE = {"Status": "SUCCEEDED", "Output": {}}


class Group:
    """A group of three applications, of which some fail, and what was called for it."""

    def __init__(self, order, failing=(), refusing=()):
        self.service = StepFunctions(load_file(DEFINITION), now=NOW)
        self.order, self.failing, self.refusing = order, failing, refusing
        self.calls, self.settled = [], {}
        self.arn = self.service.start_execution(name="group-1")["executionArn"]

    @property
    def execution(self):
        return self.service.execution(self.arn)

    def walk(self):
        self.service.run_with(self.answer)

    def answer(self, called, payload):
        about = payload.get("application") or payload.get("Name") or ""
        self.calls.append((called, about))
        return getattr(self, called)(payload)

    def PrepareGroup(self, _):  # noqa: N802 - the functions' own names
        return {"next": self.order, "group": "group-1", "applications": APPLICATIONS}

    def BeginApplication(self, payload):  # noqa: N802
        application, returning = payload["application"], payload["returning"]
        if application in self.refusing:
            return {"next": "pass over"}
        name = f"{application}-back" if returning else application
        return {"next": "begin", "name": name, "input": {"application": application}}

    def RolloutMachine(self, payload):  # noqa: N802
        assert payload["Input"]["application"] == payload["Name"].removesuffix("-back")
        if payload["Name"] in self.failing:
            raise Failed("States.TaskFailed", '{"Status":"FAILED"}')
        return DONE

    def SettleApplication(self, payload):  # noqa: N802
        fault = payload["state"].get("fault")
        self.settled[payload["application"]] = fault and fault["Error"]
        return {"outcome": "failed" if fault else "completed"}

    def FinishGroup(self, payload):  # noqa: N802
        if "back" not in payload["state"] and self.failing:
            completed = [each for each, fault in self.settled.items() if not fault]
            return {"next": "put back", "group": "group-1", "applications": completed}
        error = "GroupFailed" if self.failing else ""
        return {"outcome": "failed" if error else "completed", "error": error, "cause": "why"}


@pytest.mark.parametrize("order", ["in order", "side by side", "in step"])
def test_all_applications_complete(order):
    group = Group(order)
    group.walk()

    assert group.execution.status == "SUCCEEDED"
    assert group.execution.visited()[-1] == "Group completed"
    assert group.settled == dict.fromkeys(APPLICATIONS)


def test_in_order_an_application_is_settled_before_the_next_one_begins():
    group = Group("in order")
    group.walk()

    each = ("BeginApplication", "RolloutMachine", "SettleApplication")
    walked = [(called, application) for application in APPLICATIONS for called in each]
    assert group.calls == [("PrepareGroup", ""), *walked, ("FinishGroup", "")]


def test_side_by_side_all_run_at_once():
    group = Group("side by side")
    group.walk()

    assert [called for called, _ in group.calls[4:7]] == ["RolloutMachine"] * 3


def test_the_completed_ones_are_put_back_when_one_fails():
    group = Group("side by side", failing=["web"])
    group.walk()

    assert (group.execution.status, group.execution.error) == ("FAILED", "GroupFailed")
    assert group.execution.cause == "why"
    assert group.settled["web"] == "States.TaskFailed"
    rollouts = [about for called, about in group.calls if called == "RolloutMachine"]
    assert rollouts == [*APPLICATIONS, "api-back", "jobs-back"]
    assert group.execution.visited().count("Finish group") == 2


def test_one_that_may_not_begin_any_more_is_passed_over():
    group = Group("in order", refusing=["web"])
    group.walk()

    assert group.execution.status == "SUCCEEDED"
    assert list(group.settled) == ["api", "jobs"]


def test_a_stopped_group_asks_for_its_rollouts_again_when_it_is_redriven():
    group = Group("side by side")
    for _ in range(2):  # preparing, and then beginning all
        for called in group.service.take_invocations():
            group.service.complete(called, group.answer(called.function, called.payload))
    rollouts = group.service.take_invocations()
    for rollout in rollouts:
        group.service.submitted(rollout, {"ExecutionArn": rollout.payload["Name"]})

    group.service.stop_execution(arn=group.arn)
    assert not any(group.service.is_awaited(rollout) for rollout in rollouts)
    group.service.redrive_execution(arn=group.arn)
    again = group.service.take_invocations()

    assert [each.payload for each in again] == [each.payload for each in rollouts]
    for each in again:
        error = "StepFunctions.ExecutionAlreadyExistsException"
        group.service.fail(each, error, "Execution Already Exists")
    group.walk()
    assert set(group.settled.values()) == {"StepFunctions.ExecutionAlreadyExistsException"}
