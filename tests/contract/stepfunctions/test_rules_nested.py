"""Executions that an execution starts and waits for. Sources: see `sources.py`."""

import json

import pytest

from simulator.stepfunctions.asl_errors import ExecutionAlreadyExists, ValidationException
from simulator.stepfunctions.machine import load
from simulator.stepfunctions.nested_executions import (
    child_output,
    failure_cause,
    start_error,
    start_output,
    stop_cause,
)
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.stepfunctions.walks import (
    END,
    NOW,
    Run,
    boom,
    catch,
    for_each,
    fork,
    machine,
    retry,
    roll_out,
    wait,
)

GIVEN = {"name": "api-1", "input": {"k": 1}}
CHILD = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:child"
CHILD_RUN = f"{CHILD.replace('stateMachine', 'execution')}:api-1"
STARTED = {"ExecutionArn": CHILD_RUN, "StartDate": 1_790_676_767_025}


def nesting(given=None, **more):
    """A parent that runs one execution, and a place to be caught."""
    states = {"Roll out": roll_out(**more), "Caught": wait(60)}
    return Run(machine(states), GIVEN if given is None else given)


def child(states, given=None):
    """An execution of another machine: its service, and what was answered to its start."""
    service = StepFunctions(load(machine(states)), now=NOW, arn=CHILD)
    text = json.dumps(GIVEN["input"] if given is None else given, separators=(",", ":"))
    return service, service.start_execution(name="api-1", input=text)


def described(states, given=None):
    service, _ = child(states, given)
    return service.describe_execution(arn=CHILD_RUN)


def test_what_is_to_be_started_is_told():
    """[nesting] StartExecution is called with the parameters' machine, name and input."""
    called = nesting().called()

    assert (called.machine, called.function) == ("Rollout", "")
    assert called.payload == {"Name": "api-1", "Input": {"k": 1}}


def test_it_waits_for_the_executions_end():
    """[job] Step Functions waits for the job to complete, whatever started it."""
    run = nesting()

    assert run.service.submitted(run.called(), STARTED) is True
    run.later(days=300)

    assert run.status == "RUNNING"


def test_its_events():
    """[measured: child] TaskSubmitted with what StartExecution answered, then TaskSucceeded."""
    run = nesting(TimeoutSeconds=600)
    called = run.called()
    run.service.submitted(called, STARTED)
    run.service.complete(called, {"Output": {}})

    assert run.types() == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert run.chain() == [0, 0, 2, 3, 4, 5, 6, 7]
    whose = {"resourceType": "states", "resource": "startExecution.sync:2"}
    tasks = [each for each in run.events() if "State" not in each["type"]][1:-1]
    for each in tasks:
        name = f"{each['type'][0].lower()}{each['type'][1:]}EventDetails"
        assert each[name].items() >= whose.items()
    assert json.loads(tasks[2]["taskSubmittedEventDetails"]["output"]) == STARTED
    assert tasks[0]["taskScheduledEventDetails"]["timeoutInSeconds"] == 600


def test_a_start_is_handed_on_in_pascal_case():
    """[measured: child] StartDate is in epoch milliseconds."""
    _, answer = child({"Done": END})

    assert start_output(answer) == {
        "ExecutionArn": CHILD_RUN,
        "StartDate": int(NOW.timestamp() * 1_000),
    }


def test_the_result_is_a_description_whose_output_is_json():
    """[measured: child] PascalCase, in alphabetical order; Input and Output are JSON values."""
    result = child_output(described({"Done": END}))

    assert list(result) == sorted(result)
    assert result["Output"] == result["Input"] == {"k": 1}
    assert result["OutputDetails"] == {"Included": True}
    assert result["StopDate"] == int(NOW.timestamp() * 1_000)
    assert (result["Name"], result["Status"], result["RedriveCount"]) == ("api-1", "SUCCEEDED", 0)


def test_the_result_is_the_states_result():
    """[nesting] The state's output is the result, and ResultPath puts it."""
    result = child_output(described({"Done": END}))
    run = nesting(ResultPath="$.done")

    assert run.returns(result) is True

    assert run.output == {**GIVEN, "done": result}


def test_the_result_may_be_thrown_away():
    """[result path] With null the state's input is its output."""
    run = nesting(ResultPath=None)
    run.returns({"Output": {}})

    assert run.output == GIVEN


def test_a_description_over_256_kib_fails_the_task():
    """[quotas] A task's result: 256 KiB."""
    run = nesting()
    run.returns({"Output": "x" * 262_144})

    assert run.execution.error == "States.DataLimitExceeded"


def test_an_execution_that_did_not_succeed_fails_the_task():
    """[measured: failed child] States.TaskFailed; its description is the cause, Input a text."""
    run = nesting()
    called = run.called()
    run.service.submitted(called, STARTED)
    ending = described({"Boom": boom("Mine")}, {"why": "custom"})

    assert run.service.fail(called, "States.TaskFailed", failure_cause(ending)) is True

    assert run.types()[-2:] == ["TaskFailed", "ExecutionFailed"]
    assert run.execution.error == "States.TaskFailed"
    cause = json.loads(run.execution.cause)
    assert (cause["Error"], cause["Cause"], cause["Status"]) == ("Mine", "custom", "FAILED")
    assert (cause["Input"], "Output" in cause) == ('{"why":"custom"}', False)


@pytest.mark.parametrize(("error", "is_caught"), [("States.TaskFailed", True), ("Mine", False)])
def test_it_is_not_caught_by_the_executions_own_error(error, is_caught):
    """[measured: failed child] Whatever the child's own error is."""
    run = nesting(Catch=[catch(error)])
    cause = failure_cause(described({"Boom": boom("Mine")}, {"why": "custom"}))
    run.service.fail(run.called(), "States.TaskFailed", cause)

    assert (run.visited[-1] == "Caught") is is_caught


def test_a_start_that_is_refused_fails_the_task():
    """[recorded: refused child] TaskFailed after TaskStarted, with a name of StepFunctions' own."""
    run = nesting(Catch=[catch("StepFunctions.ExecutionAlreadyExistsException")])
    run.service.fail(
        run.called(), start_error(ExecutionAlreadyExists()), "Execution Already Exists"
    )

    assert run.types()[3:6] == ["TaskStarted", "TaskFailed", "TaskStateExited"]
    assert run.visited[-1] == "Caught"


def test_the_refusals_have_names_of_their_own():
    """[measured: child] StepFunctions.<Code>Exception."""
    assert start_error(ExecutionAlreadyExists()) == "StepFunctions.ExecutionAlreadyExistsException"
    assert start_error(ValidationException()) == "StepFunctions.ValidationException"


def test_a_start_that_is_refused_is_tried_again():
    """[measured: child] A retrier names the refusal; StartExecution is called again."""
    run = nesting(Retry=[retry("StepFunctions.ThrottlingException", IntervalSeconds=2)])
    run.service.fail(run.called(), "StepFunctions.ThrottlingException", "Rate exceeded")
    run.later(seconds=2)

    assert run.called().payload["Name"] == "api-1"


def test_its_time_is_up_whether_or_not_it_was_started():
    """[task] TimeoutSeconds: States.Timeout, if the task runs longer than that."""
    run = nesting(TimeoutSeconds=60, Catch=[catch("States.Timeout")])
    called = run.called()
    run.later(seconds=30)
    run.service.submitted(called, STARTED)
    run.later(seconds=30)

    assert run.types()[-3:] == ["TaskTimedOut", "TaskStateExited", "WaitStateEntered"]
    assert run.service.is_awaited(called) is False
    assert run.service.complete(called, {}) is False


def test_a_stop_leaves_nobody_who_waits():
    """[job] A task is aborted if the execution is stopped; then StopExecution is called."""
    run = nesting()
    called = run.called()
    run.service.submitted(called, STARTED)
    assert run.service.is_awaited(called) is True

    run.service.stop_execution(arn=run.arn)

    assert run.service.is_awaited(called) is False


@pytest.mark.parametrize("kind", ["branch", "iteration"])
def test_a_failure_beside_it_leaves_nobody_who_waits(kind):
    """[job] A task is aborted if a different branch or an iteration fails with an uncaught error."""
    branches = machine({"One": roll_out()}), machine({"Two": roll_out()})
    if kind == "branch":
        run = Run(machine({"Fork": fork(*branches)}), GIVEN)
    else:
        run = Run(machine({"Each": for_each(branches[0])}), [GIVEN, GIVEN])
    one, two = run.service.take_invocations()
    run.service.submitted(two, STARTED)

    run.service.fail(one, "States.TaskFailed", "{}")

    assert (run.status, run.service.is_awaited(two)) == ("FAILED", False)
    assert "TaskStateAborted" in run.types()


def test_a_stopped_execution_is_told_why():
    """[measured: cut branches] No error, and this cause."""
    service, _ = child({"Rest": wait(60)})

    service.stop_execution(arn=CHILD_RUN, cause=stop_cause("arn:parent"))

    assert service.describe_execution(arn=CHILD_RUN)["cause"] == (
        "The Task state in AWS Step Functions execution [arn:parent] which was managing this "
        "resource was aborted"
    )


def test_a_redrive_starts_it_anew():
    """[redrive] The unsuccessful state is rescheduled, with the same input."""
    run = nesting()
    first = run.called()
    run.service.submitted(first, STARTED)
    run.service.stop_execution(arn=run.arn)

    run.service.redrive_execution(arn=run.arn)
    second = run.called()

    assert (second.payload, second.id != first.id) == (first.payload, True)
    assert run.service.complete(first, {}) is False
    assert run.service.complete(second, "well") is True


def test_a_full_history_leaves_nobody_who_waits():
    """[measured: child] TaskSubmitted that hits the limit is not recorded; the child is stopped."""
    run = Run(machine({"Again": roll_out(Next="Again", ResultPath=None)}), GIVEN)
    for _ in range(4_999):  # of five events each, after the first
        run.returns({})
    called = run.called()

    run.service.submitted(called, STARTED)

    assert run.types()[-2:] == ["TaskStarted", "ExecutionFailed"]
    assert (run.status, run.service.is_awaited(called)) == ("FAILED", False)
