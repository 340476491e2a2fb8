"""Starting, stopping, describing, and the status events. Sources: see `sources.py`."""

import json
from datetime import timedelta

import pytest

from simulator.recorded_events import recorded
from simulator.stepfunctions.asl_errors import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidExecutionInput,
    InvalidName,
    ValidationException,
)
from simulator.stepfunctions.machine import load
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.stepfunctions.walks import END, NOW, Run, boom, call, machine, wait

RESTING = machine({"Rest": wait(60)})


@pytest.fixture
def service():
    return StepFunctions(load(RESTING), now=NOW)


def test_the_same_name_and_input_while_it_runs_is_the_same_execution(service):
    """[start] Succeeds and returns the same response as the original request."""
    first = service.start_execution(name="api-1", input='{"a":1}')
    service.advance(NOW + timedelta(seconds=30))

    assert service.start_execution(name="api-1", input='{"a":1}') == first
    assert first["startDate"] == NOW


def test_the_same_name_with_another_input_is_refused(service):
    """[start] ExecutionAlreadyExists if the input is different."""
    service.start_execution(name="api-1", input='{"a":1}')

    with pytest.raises(ExecutionAlreadyExists):
        service.start_execution(name="api-1", input='{"a": 1}')


def test_the_name_of_an_ended_execution_is_refused(service):
    """[start] ExecutionAlreadyExists if the execution is closed."""
    service.start_execution(name="api-1")
    service.advance(NOW + timedelta(seconds=60))

    with pytest.raises(ExecutionAlreadyExists):
        service.start_execution(name="api-1")


def test_a_name_is_free_again_after_90_days(service):
    """[start] You can reuse the name 90 days after it closes."""
    service.start_execution(name="api-1")
    service.advance(NOW + timedelta(seconds=60, days=90))
    with pytest.raises(ExecutionAlreadyExists):
        service.start_execution(name="api-1")

    service.advance(service.now + timedelta(seconds=1))

    assert service.start_execution(name="api-1")["startDate"] == service.now


@pytest.mark.parametrize("letter", [*' \t<>{}[]?*"#%\\^|~`$&,;:/', "\x00", "\x7f", "\u3000"])
def test_some_characters_are_in_no_name(service, letter):
    """[start] A name must not contain white space, brackets, wildcards, special or control ones."""
    with pytest.raises(InvalidName):
        service.start_execution(name=f"api{letter}1")


@pytest.mark.parametrize("name", ["", "n" * 81])
def test_a_name_has_one_to_80_characters(service, name):
    """[start] Length: from 1 to 80."""
    with pytest.raises(InvalidName):
        service.start_execution(name=name)


@pytest.mark.parametrize("name", ["n" * 80, "api-v1.42.0_1", "信号"])
def test_other_names_are_taken(service, name):
    """[start] Length: from 1 to 80."""
    assert service.start_execution(name=name)["executionArn"].endswith(f":{name}")


@pytest.mark.parametrize("text", ["", "{", "api", "[" * 100_000])
def test_an_input_that_is_not_json_is_refused(service, text):
    """[start] InvalidExecutionInput: the provided JSON input data is not valid."""
    with pytest.raises(InvalidExecutionInput):
        service.start_execution(name="api-1", input=text)


def test_an_input_over_256_kib_is_refused(service):
    """[start] input: at most 262,144 bytes in UTF-8."""
    with pytest.raises(ValidationException):
        service.start_execution(name="api-1", input=f'"{"x" * 262_143}"')


def test_a_stopped_execution_is_aborted_with_what_was_said():
    """[stop] The error and the cause are those of the execution."""
    run = Run(RESTING)
    run.later(seconds=10)

    answer = run.service.stop_execution(arn=run.arn, error="Mistake", cause="Wrong tag")

    assert answer == {"stopDate": NOW + timedelta(seconds=10)}
    assert run.status == "ABORTED"
    assert (run.described()["error"], run.described()["cause"]) == ("Mistake", "Wrong tag")


def test_a_stop_leaves_one_event_without_a_previous_one():
    """[recorded: execution] WaitStateEntered, ExecutionAborted with previousEventId 0."""
    run = Run(RESTING)
    run.service.stop_execution(arn=run.arn)

    assert run.types() == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    assert run.chain() == [0, 0, 0]
    assert run.events()[-1]["executionAbortedEventDetails"] == {}


def test_nothing_happens_any_more_after_a_stop():
    """[stop] The execution is stopped."""
    run = Run(machine({"Rest": wait(60, Next="Work"), "Work": call()}))
    run.service.stop_execution(arn=run.arn)
    run.later(seconds=600)

    assert (run.visited, run.service.take_invocations()) == (["Rest"], [])


def test_what_has_ended_is_not_stopped_again():
    """[seen] StopExecution of an ended execution answers, and changes nothing."""
    run = Run(machine({"Done": END}))

    assert run.service.stop_execution(arn=run.arn, error="Late") == {"stopDate": NOW}
    assert run.status == "SUCCEEDED"


@pytest.mark.parametrize("call_name", ["stop", "describe", "redrive"])
def test_an_unknown_execution_is_named(service, call_name):
    """[describe] ExecutionDoesNotExist."""
    with pytest.raises(ExecutionDoesNotExist, match="Execution Does Not Exist: 'arn:nobody'"):
        getattr(service, f"{call_name}_execution")(arn="arn:nobody")


def test_a_description_says_how_it_went():
    """[describe] The output is set only if the execution succeeded."""
    described = Run(machine({"Done": END}), {"a": 1}).described()

    assert described["status"] == "SUCCEEDED"
    assert (described["input"], described["output"]) == ('{"a": 1}', '{"a":1}')
    assert described["redriveCount"] == 0
    assert "error" not in described


def test_each_change_of_the_status_is_an_event():
    """[eventbridge] Standard workflows emit an event when the execution's status changes."""
    run = Run(machine({"Work": call()}))
    run.raises("E")
    run.service.redrive_execution(arn=run.arn)
    run.returns({})

    statuses = [event["detail"]["status"] for event in run.service.take_events()]

    assert statuses == ["RUNNING", "FAILED", "RUNNING", "SUCCEEDED"]
    assert run.service.take_events() == []


def ended(how):
    run = Run(machine({"Rest": wait(3_600)}, TimeoutSeconds=1_800), {"application": "api"})
    run.later(seconds=1_800 if how == "timed_out" else 60)
    if how == "aborted":
        run.service.stop_execution(arn=run.arn, error="Mistake", cause="Wrong tag")
    if how == "failed":
        run = Run(machine({"Boom": boom()}), {"why": "because"})
    return run.service.take_events()[-1]


@pytest.mark.parametrize("how", ["failed", "aborted", "timed_out"])
def test_a_status_event_has_the_shape_of_the_recorded_ones(how):
    """[seen] All keys and their kinds; TIMED_OUT has neither error nor cause."""
    event, known = ended(how), recorded(f"execution_{how}")

    assert event.keys() == known.keys()
    assert event["detail"].keys() == known["detail"].keys()
    assert {name: type(value) for name, value in event["detail"].items()} == {
        name: type(value) for name, value in known["detail"].items()
    }


def test_a_status_events_times_are_milliseconds():
    """[seen] startDate and stopDate are epoch milliseconds."""
    detail = ended("timed_out")["detail"]

    assert detail["startDate"] == int(NOW.timestamp() * 1_000)
    assert detail["stopDate"] - detail["startDate"] == 1_800_000


def test_a_large_input_is_left_out_of_the_event():
    """[eventbridge] Over 248 KiB of escaped input and output: the input is excluded."""
    event = Run(RESTING, "x" * 254_500).service.take_events()[0]

    assert event["detail"]["input"] is None
    assert event["detail"]["inputDetails"] == {"included": False}


def test_a_large_output_is_left_out_of_the_event_too():
    """[eventbridge] If the escaped output exceeds 248 KiB, the output is excluded."""
    event = Run(machine({"Done": END}), "x" * 254_500).service.take_events()[1]

    assert event["detail"]["output"] is None
    assert event["detail"]["outputDetails"] == {"included": False}


def test_a_running_executions_event_has_no_output():
    """[eventbridge] The example of RUNNING: stopDate, output and outputDetails are null."""
    detail = Run(RESTING, {"a": 1}).service.take_events()[0]["detail"]

    assert detail["stopDate"] is detail["output"] is detail["outputDetails"] is None
    assert json.loads(detail["input"]) == {"a": 1}
