"""Task tokens: who may answer what, and when. Sources: see `sources.py`."""

import json

import pytest

from simulator.stepfunctions.asl_errors import (
    InvalidOutput,
    InvalidToken,
    TaskTimedOut,
    ValidationException,
)
from tests.support.stepfunctions.walks import END, Run, ask, catch, fork, machine, retry, wait

ASKING = machine({"Ask": ask(TimeoutSeconds=60)})


def test_an_answer_is_the_tasks_result():
    """[callback] SendTaskSuccess's output becomes the output of the state."""
    run = Run(ASKING)

    run.answers(run.token(), {"outcome": "approved"})

    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "approved"})


def test_what_the_function_returns_is_no_result():
    """[callback] The state waits for its token, whatever the call returned."""
    run = Run(ASKING)

    run.returns({"outcome": "approved"})

    assert run.status == "RUNNING"
    assert run.types()[-1] == "TaskSubmitted"


def test_an_answer_may_come_before_the_function_returns():
    """[seen] A function may answer its own token from inside; what it returns then is nobody's."""
    run = Run(ASKING)
    called = run.called()

    run.answers(called.payload["token"], 1)

    assert run.status == "SUCCEEDED"
    assert run.service.complete(called, None) is False


def test_a_second_answer_finds_no_task():
    """[send success] TaskTimedOut: expired, or the task has already been closed."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=60, Next="Rest"), "Rest": wait(60)}))
    token = run.token()
    run.answers(token, "first")

    with pytest.raises(TaskTimedOut) as refused:
        run.answers(token, "second")

    assert refused.value.code == "TaskTimedOut"
    assert run.execution.root.data.value == "first"


def test_a_late_answer_finds_no_task():
    """[recorded: late answer] Task Timed Out: 'Provided task does not exist anymore'."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=60, Catch=[catch("States.ALL")]), "Caught": END}))
    token = run.token()
    run.later(seconds=60)

    with pytest.raises(TaskTimedOut) as refused:
        run.answers(token)

    assert str(refused.value) == "Task Timed Out: 'Provided task does not exist anymore'"


@pytest.mark.parametrize("how", ["failure", "heartbeat"])
def test_a_closed_task_takes_neither_failure_nor_heartbeat(how):
    """[send failure] TaskTimedOut, as for SendTaskHeartbeat."""
    run = Run(ASKING)
    token = run.token()
    run.answers(token)

    with pytest.raises(TaskTimedOut):
        getattr(run.service, f"send_task_{how}")(token=token)


def test_a_token_that_nobody_was_given_is_invalid():
    """[send success] InvalidToken: the provided token is not valid."""
    with pytest.raises(InvalidToken):
        Run(ASKING).answers("garbage")


@pytest.mark.parametrize("output", ["", "{", "approved", "NaN"])
def test_an_answer_that_is_not_json_is_refused_and_the_task_waits_on(output):
    """[send success] InvalidOutput: the provided JSON output data is not valid."""
    run = Run(ASKING)
    token = run.token()

    with pytest.raises(InvalidOutput):
        run.service.send_task_success(token=token, output=output)

    run.answers(token, 1)
    assert run.status == "SUCCEEDED"


def test_an_answer_over_256_kib_is_refused():
    """[send success] Output: at most 262,144 bytes in UTF-8."""
    run = Run(ASKING)
    fits = json.dumps("é" * (131_072 - 1), ensure_ascii=False)

    with pytest.raises(ValidationException):
        run.service.send_task_success(token=run.token(), output=fits.replace("é", "éé", 1))

    run = Run(ASKING)
    run.service.send_task_success(token=run.token(), output=fits)
    assert run.status == "SUCCEEDED"


def test_a_failure_is_the_tasks_error():
    """[recorded: callbacks] SendTaskFailure's error and cause end the execution."""
    run = Run(ASKING)

    run.service.send_task_failure(token=run.token(), error="Failure error", cause="Failure cause")

    assert (run.status, run.execution.error) == ("FAILED", "Failure error")
    assert run.execution.cause == "Failure cause"


@pytest.mark.parametrize("known", [{"error": "e" * 257}, {"cause": "c" * 32_769}])
def test_an_error_or_cause_that_is_too_long_is_refused(known):
    """[send failure] error: at most 256 characters; cause: at most 32,768."""
    run = Run(ASKING)

    with pytest.raises(ValidationException):
        run.service.send_task_failure(token=run.token(), **known)


def test_each_retry_has_a_token_of_its_own_and_the_old_one_is_dead():
    """[seen] A callback task that timed out is scheduled anew, with a new token."""
    again = retry("States.Timeout", IntervalSeconds=5, MaxAttempts=1)
    run = Run(machine({"Ask": ask(TimeoutSeconds=60, Retry=[again])}))
    first = run.token()
    run.later(seconds=65)

    second = run.token()

    assert second != first
    with pytest.raises(TaskTimedOut):
        run.answers(first)
    run.answers(second)
    assert run.status == "SUCCEEDED"


def test_a_state_that_is_entered_again_has_a_new_token():
    """[seen] Catch, another state, and back: the token is new."""
    states = {
        "Ask": ask(TimeoutSeconds=60, Catch=[catch("States.Timeout", to="Again", ResultPath=None)]),
        "Again": {"Type": "Pass", "Next": "Ask"},
    }
    run = Run(machine(states))
    first = run.token()
    run.later(seconds=60)

    assert run.token() != first
    assert run.visited == ["Ask", "Again", "Ask"]


def test_a_stopped_executions_tokens_are_dead():
    """[seen] An answer to a stopped execution: TaskTimedOut."""
    run = Run(ASKING)
    token = run.token()
    run.service.stop_execution(arn=run.arn)

    with pytest.raises(TaskTimedOut):
        run.answers(token)


def test_a_timed_out_executions_tokens_are_dead():
    """[structure] TimeoutSeconds of the machine ends all that it waits for."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=600)}, TimeoutSeconds=60))
    token = run.token()
    run.later(seconds=60)

    with pytest.raises(TaskTimedOut):
        run.answers(token)


def test_tokens_of_branches_that_were_cut_are_dead():
    """[parallel] If any branch fails, the Parallel fails and all its branches are stopped."""
    forked = fork(machine({"Ask": ask()}), machine({"Other": ask()}), Catch=[catch("States.ALL")])
    run = Run(machine({"Fork": forked, "Caught": wait(60)}))
    one, other = (each.payload["token"] for each in run.service.take_invocations())
    run.service.send_task_failure(token=one, error="No")

    with pytest.raises(TaskTimedOut):
        run.answers(other)
    assert run.visited[-1] == "Caught"


def test_if_the_function_raises_the_task_fails_at_once():
    """[seen] A callback state does not go on waiting when its function failed."""
    run = Run(ASKING)
    called = run.called()
    token = called.payload["token"]

    run.service.fail(called, "KeyError", "{}")

    assert (run.status, run.execution.error) == ("FAILED", "KeyError")
    with pytest.raises(TaskTimedOut):
        run.answers(token)


def test_tokens_have_the_size_of_real_ones():
    """[send success] At most 2,048 characters; real ones were seen with 556 to 850."""
    assert 556 <= len(Run(ASKING).token()) <= 850
