"""How the double is driven: its time, the calls that it wants, and a handler for all of them."""

import json
from datetime import timedelta

import pytest

from simulator.stepfunctions.driver import Failed, error_cause
from simulator.stepfunctions.machine import load
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.stepfunctions.walks import NOW, Run, ask, call, machine, retry, roll_out, wait

TWO_WAITS = machine({"One": wait(10, Next="Two"), "Two": wait(20)})


def test_time_stands_still_until_it_is_moved():
    run = Run(TWO_WAITS)

    assert run.service.next_event_at() == NOW + timedelta(seconds=10)
    assert run.service.now == NOW
    assert run.visited == ["One"]


def test_what_is_due_happens_at_its_own_time():
    run = Run(TWO_WAITS)

    run.later(seconds=25)

    assert run.events()[-1]["timestamp"] == NOW + timedelta(seconds=10)
    assert run.service.next_event_at() == NOW + timedelta(seconds=30)


def test_time_does_not_go_back():
    run = Run(TWO_WAITS)

    with pytest.raises(ValueError, match="is before"):
        run.service.advance(NOW - timedelta(seconds=1))


def test_nothing_is_due_after_the_end():
    run = Run(machine({"One": wait(10)}, TimeoutSeconds=60))
    run.later(seconds=10)

    assert run.service.next_event_at() is None


def test_a_call_is_taken_once_and_says_whose_it_is():
    run = Run(machine({"Work": call("Work")}), {"a": 1})

    called = run.called()

    assert (called.function, called.state, called.execution) == ("Work", "Work", run.arn)
    assert (called.payload, called.at) == ({"input": {"a": 1}}, NOW)
    assert run.service.take_invocations() == []


def test_a_call_counts_once():
    run = Run(machine({"Work": call(Next="Again"), "Again": call()}))
    called = run.called()

    assert run.service.complete(called, 1) is True
    assert run.service.complete(called, 2) is False
    assert run.service.fail(called, "E", "") is False
    assert run.called().payload == {"input": 1}


def test_a_call_that_returned_and_waits_for_its_token_cannot_fail_any_more():
    run = Run(machine({"Ask": ask()}))
    called = run.called()
    run.service.complete(called, None)

    assert run.service.fail(called, "E", "") is False
    assert run.status == "RUNNING"


def test_a_call_may_be_run_long_after_nobody_waits_for_it():
    run = Run(machine({"Work": call(TimeoutSeconds=5)}))
    run.later(seconds=60)

    assert run.service.complete(run.called(), "late") is False


def test_a_lost_call_is_a_timeout():
    run = Run(machine({"Work": call(TimeoutSeconds=5)}))
    run.called()
    run.later(seconds=5)

    assert run.execution.error == "States.Timeout"


def test_executions_of_one_service_do_not_disturb_each_other():
    service = StepFunctions(load(machine({"Ask": ask()})), now=NOW)
    arns = [service.start_execution(name=name)["executionArn"] for name in ("a", "b")]
    tokens = [called.payload["token"] for called in service.take_invocations()]

    service.send_task_success(token=tokens[1], output="1")

    assert [service.execution(arn).status for arn in arns] == ["RUNNING", "SUCCEEDED"]


def test_a_machine_is_read_once_for_many_services():
    read = load(machine({"Work": call()}))

    for number in range(3):
        service = StepFunctions(read, now=NOW)
        arn = service.start_execution(name="run")["executionArn"]
        service.complete(service.take_invocations()[0], number)
        assert service.execution(arn).output == number


def test_a_handler_can_be_called_for_everything():
    run = Run(machine({"Work": call(Retry=[retry("Transient")], Next="Rest"), "Rest": wait(60)}))
    seen = []

    def handler(function, payload):
        seen.append((function, payload))
        if len(seen) == 1:
            raise Failed("Transient", "busy")
        return "done"

    run.service.run_with(handler)

    assert seen == [("Work", {"input": {}})] * 2
    assert (run.status, run.output) == ("SUCCEEDED", "done")
    assert run.service.now == NOW + timedelta(seconds=61)


def test_a_handler_may_answer_tokens_or_let_them_time_out():
    again = retry("States.Timeout", IntervalSeconds=1, MaxAttempts=1)
    run = Run(machine({"Ask": ask(TimeoutSeconds=60, Retry=[again])}))
    tokens = []

    def handler(_, payload):
        tokens.append(payload["token"])
        if len(tokens) == 2:
            run.answers(tokens[1], "at last")

    run.service.run_with(handler)

    assert (run.status, run.output) == ("SUCCEEDED", "at last")
    assert run.service.now == NOW + timedelta(seconds=61)


def test_what_a_handler_breaks_on_is_not_taken_for_a_simulated_failure():
    run = Run(machine({"Work": call()}))

    with pytest.raises(ZeroDivisionError):
        run.service.run_with(lambda *_: 1 / 0)


def test_a_handler_is_called_for_executions_too():
    run = Run(machine({"Roll out": roll_out()}), {"name": "api-1", "input": {}})
    seen = []

    def handler(called, payload):
        seen.append((called, payload["Name"]))
        raise Failed("States.TaskFailed", "as it is")

    run.service.run_with(handler)

    assert seen == [("Rollout", "api-1")]
    assert (run.execution.error, run.execution.cause) == ("States.TaskFailed", "as it is")


def test_only_what_was_started_is_submitted():
    run = Run(machine({"Work": call()}))

    with pytest.raises(ValueError, match="Work is no machine"):
        run.service.submitted(run.called(), {})


def test_a_start_is_submitted_once():
    run = Run(machine({"Roll out": roll_out()}), {"name": "api-1", "input": {}})
    called = run.called()

    assert run.service.submitted(called, {}) is True
    assert run.service.submitted(called, {}) is False
    assert run.service.complete(called, "done") is True
    assert run.service.submitted(called, {}) is False


def test_a_call_that_waits_for_its_token_is_not_awaited_any_more():
    run = Run(machine({"Ask": ask()}))
    called = run.called()
    assert run.service.is_awaited(called) is True

    run.service.complete(called, None)

    assert run.service.is_awaited(called) is False


def test_a_functions_error_is_told_as_lambda_tells_it():
    assert json.loads(error_cause("KeyError", "'a'")) == {
        "errorMessage": "'a'",
        "errorType": "KeyError",
        "requestId": "00000000-0000-0000-0000-000000000000",
        "stackTrace": [],
    }
