"""Which events a task leaves, and their shape. Sources: see `sources.py`."""

import botocore.session
import pytest

from tests.support.botocore_shapes import mismatches
from tests.support.stepfunctions.walks import (
    END,
    Run,
    ask,
    boom,
    call,
    catch,
    for_each,
    fork,
    machine,
    retry,
    roll_out,
    wait,
)


def test_a_call_that_goes_well():
    """[recorded: lambda errors] Entered, Scheduled, Started, …; each names the one before it."""
    run = Run(machine({"Work": call()}))
    run.returns({})

    assert run.types() == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert run.chain() == [0, 0, 2, 3, 4, 5, 6]


def test_an_answered_token():
    """[recorded: callbacks] TaskSubmitted when the call returned, then TaskSucceeded."""
    run = Run(machine({"Ask": ask()}))
    called = run.called()
    run.service.complete(called, None)
    run.answers(called.payload["token"], "r")

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


def test_a_call_that_is_tried_again():
    """[errors] Each attempt is scheduled and started; the state is entered once."""
    run = Run(machine({"Work": call(Retry=[retry("E")])}))
    run.raises("E")
    run.later(seconds=1)
    run.returns({})

    assert run.types()[1:-2] == [
        "TaskStateEntered",
        *("TaskScheduled", "TaskStarted", "TaskFailed"),
        *("TaskScheduled", "TaskStarted", "TaskSucceeded"),
    ]


def test_a_caught_failure():
    """[recorded: lambda errors] TaskFailed, TaskStateExited with the error, PassStateEntered."""
    run = Run(machine({"Work": call(Catch=[catch("E")]), "Caught": END}))
    run.raises("E")

    assert run.types()[4:] == [
        "TaskFailed",
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


def test_a_runtime_error_before_the_call_leaves_no_task_event():
    """[measured: branches] TaskStateEntered, ExecutionFailed."""
    payload = {"a.$": "$.nope"}
    working = call(Parameters={"FunctionName": "${Work}", "Payload": payload})
    run = Run(machine({"Work": working}))

    assert run.types() == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_what_is_scheduled_is_told():
    """[recorded: heartbeats] resource, resourceType, region, parameters and both durations."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=600, HeartbeatSeconds=60)}), {"a": 1})
    token = run.token()

    scheduled = next(each for each in run.events() if each["type"] == "TaskScheduled")

    assert scheduled["taskScheduledEventDetails"] == {
        "resource": "invoke.waitForTaskToken",
        "resourceType": "lambda",
        "region": "ap-northeast-1",
        "parameters": f'{{"FunctionName":"${{Ask}}","Payload":{{"input":{{"a":1}},"token":"{token}"}}}}',
        "timeoutInSeconds": 600,
        "heartbeatInSeconds": 60,
    }


def test_data_is_written_out_and_never_cut_short():
    """[recorded: execution] input and output as JSON texts, with {"truncated": false}."""
    exited = Run(machine({"Done": END}), {"a": 1}).events()[2]["stateExitedEventDetails"]

    assert exited == {"name": "Done", "output": '{"a":1}', "outputDetails": {"truncated": False}}


KINDS = {
    *(f"Execution{how}" for how in ("Started", "Succeeded", "Failed", "Aborted", "TimedOut")),
    *("ExecutionRedriven", "FailStateEntered", "TaskStateAborted", "WaitStateAborted"),
    *(f"ParallelState{how}" for how in ("Started", "Succeeded", "Failed")),
    *(f"MapState{how}" for how in ("Started", "Succeeded", "Failed")),
    *(f"MapIteration{how}" for how in ("Started", "Succeeded", "Failed", "Aborted")),
    *(f"Task{how}" for how in ("Scheduled", "Started", "Submitted", "Succeeded", "Failed")),
    "TaskTimedOut",
    *(
        f"{kind}State{way}"
        for kind in ("Choice", "Map", "Parallel", "Pass", "Succeed", "Task", "Wait")
        for way in ("Entered", "Exited")
    ),
}


def all_kinds():
    """Executions that between them leave every kind of event that the double knows."""
    forked = fork(
        machine({"Ask": ask(TimeoutSeconds=50, HeartbeatSeconds=20)}),
        machine({"Rest": wait(60)}),
        Catch=[catch("States.Timeout")],
    )
    states = {
        "Work": call(Retry=[retry("E")], Next="Fork"),
        "Fork": forked | {"Next": "Choose"},
        "Caught": {"Type": "Pass", "Next": "Choose"},
        "Choose": {"Type": "Choice", "Choices": [], "Default": "Good"},
        "Good": {"Type": "Succeed"},
    }
    del states["Fork"]["End"]
    long = Run(machine(states))
    long.raises("E")
    long.later(seconds=1)
    long.returns({})
    long.returns(None)
    long.later(seconds=20)
    good = Run(machine({"Fork": fork(machine({"Rest": wait(1)}), Next="Good"), "Good": END}))
    good.later(seconds=1)
    stopped = Run(machine({"Rest": wait(60)}))
    stopped.service.stop_execution(arn=stopped.arn, error="Enough")
    late = Run(machine({"Rest": wait(60)}, TimeoutSeconds=1))
    late.later(seconds=1)
    late.service.redrive_execution(arn=late.arn)
    failed = Run(machine({"Boom": boom()}), {"why": "because"})
    each = for_each(machine({"Roll out": roll_out()}), Catch=[catch("E")])
    mapped = Run(machine({"Each": each, "Caught": END}), [{"name": "a", "input": {}}] * 3)
    one, two, _ = mapped.service.take_invocations()
    mapped.service.submitted(one, {"ExecutionArn": "arn"})
    mapped.service.complete(one, {})
    mapped.service.fail(two, "E", "why")
    none = Run(machine({"Each": for_each(machine({"Done": END}))}), [])
    return [long, good, stopped, late, failed, mapped, none]


def test_every_event_has_the_shape_that_botocore_knows():
    """[history] HistoryEvent, with its type's own details, and no type that AWS has not."""
    models = botocore.session.get_session().get_service_model("stepfunctions")
    shape = models.shape_for("HistoryEvent")
    events = [event for run in all_kinds() for event in run.events()]

    found = [
        mismatches(each | {"timestamp": each["timestamp"].timestamp()}, shape) for each in events
    ]

    assert [each for each in found if each] == []
    assert {event["type"] for event in events} == KINDS


@pytest.mark.parametrize("number", range(7))
def test_events_are_numbered_from_one_and_point_back(number):
    """[history] Events are numbered sequentially, starting at one."""
    events = all_kinds()[number].events()

    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)


def test_a_description_has_the_shape_that_botocore_knows():
    """[describe] DescribeExecutionOutput."""
    models = botocore.session.get_session().get_service_model("stepfunctions")
    shape = models.shape_for("DescribeExecutionOutput")
    for run in all_kinds():
        described = {
            name: value.timestamp() if name.endswith("Date") else value
            for name, value in run.described().items()
        }
        assert mismatches(described, shape) == []
