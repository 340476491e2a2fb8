"""Timeouts, heartbeats and waits. Sources: see `sources.py`."""

from datetime import timedelta

import pytest

from tests.support.stepfunctions.walks import (
    END,
    NOW,
    Run,
    ask,
    call,
    catch,
    fork,
    machine,
    retry,
    wait,
)


def test_a_call_that_takes_too_long_fails():
    """[recorded: timeouts] TaskTimedOut, then ExecutionFailed with States.Timeout and no cause."""
    run = Run(machine({"Work": call(TimeoutSeconds=5)}))
    run.later(seconds=5)

    assert (run.status, run.execution.error) == ("FAILED", "States.Timeout")
    assert run.execution.cause is None
    assert run.types()[-2:] == ["TaskTimedOut", "ExecutionFailed"]


def test_what_returns_after_the_timeout_counts_for_nothing():
    """[task] TimeoutSeconds: the task fails with States.Timeout if it runs longer."""
    states = {"Work": call(TimeoutSeconds=5, Catch=[catch("States.ALL")]), "Caught": wait(60)}
    run = Run(machine(states))
    called = run.called()
    run.later(seconds=6)

    assert run.service.complete(called, "late") is False
    assert run.visited == ["Work", "Caught"]


def test_an_unanswered_token_times_out():
    """[recorded: callbacks] TaskSubmitted, TaskTimedOut, ExecutionFailed with States.Timeout."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=5)}))
    run.returns()
    run.later(seconds=5)

    assert run.types()[-3:] == ["TaskSubmitted", "TaskTimedOut", "ExecutionFailed"]
    assert run.execution.error == "States.Timeout"


def test_a_timeout_is_caught_with_an_empty_cause():
    """[recorded: lambda errors] The output of the catch: Error States.Timeout, Cause ''."""
    states = {"Ask": ask(TimeoutSeconds=5, Catch=[catch("States.Timeout")]), "Caught": END}
    run = Run(machine(states))
    run.later(seconds=5)

    assert run.output == {"Error": "States.Timeout", "Cause": ""}


def test_the_timeout_counts_from_each_attempts_start():
    """[task] TimeoutSeconds is of one attempt; a retry has all of it again."""
    again = retry("States.Timeout", IntervalSeconds=10, MaxAttempts=1)
    run = Run(machine({"Ask": ask(TimeoutSeconds=60, Retry=[again])}))
    run.later(seconds=60 + 10 + 59)
    assert run.status == "RUNNING"

    run.later(seconds=1)

    assert (run.status, run.service.now) == ("FAILED", NOW + timedelta(seconds=130))


def test_without_a_timeout_a_callback_waits_for_ever():
    """[task] The default is 99,999,999 seconds; the double has no end at all."""
    run = Run(machine({"Ask": ask()}))

    assert run.service.next_event_at() is None


def test_a_missing_heartbeat_is_a_timeout():
    """[recorded: heartbeats] heartbeatInSeconds 5: TaskTimedOut with States.Timeout."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=600, HeartbeatSeconds=5)}))
    run.later(seconds=5)

    assert (run.status, run.execution.error) == ("FAILED", "States.Timeout")
    assert run.types()[-2:] == ["TaskTimedOut", "ExecutionFailed"]


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_a_missing_heartbeat_is_caught_under_either_name(name):
    """[measured: machine timeout] Either name in ErrorEquals; Error is States.Timeout."""
    asking = ask(TimeoutSeconds=600, HeartbeatSeconds=5, Catch=[catch(name)])
    run = Run(machine({"Ask": asking, "Caught": END}))
    run.later(seconds=5)

    assert run.output["Error"] == "States.Timeout"


def test_a_timeout_is_no_missing_heartbeat():
    """[errors] States.HeartbeatTimeout: no heartbeat for longer than HeartbeatSeconds."""
    asking = ask(TimeoutSeconds=5, Catch=[catch("States.HeartbeatTimeout")])
    run = Run(machine({"Ask": asking, "Caught": END}))
    run.later(seconds=5)

    assert run.status == "FAILED"


def test_heartbeats_keep_a_task_alive_until_its_timeout():
    """[send heartbeat] It resets the heartbeat clock; the timeout is the most, regardless."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=10, HeartbeatSeconds=4)}))
    token = run.token()
    for _ in range(3):
        run.later(seconds=3)
        run.service.send_task_heartbeat(token=token)
    assert run.status == "RUNNING"

    run.later(seconds=1)

    assert (run.status, run.execution.error) == ("FAILED", "States.Timeout")


def test_a_heartbeat_leaves_no_event():
    """[send heartbeat] This action does not in itself create an event in the history."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=10, HeartbeatSeconds=4)}))
    token, before = run.token(), run.types()

    run.service.send_task_heartbeat(token=token)

    assert run.types() == before


def test_a_wait_ends_after_its_seconds():
    """[wait] Seconds: a time to wait before going on."""
    run = Run(machine({"Rest": wait(30)}))
    run.later(seconds=29)
    assert run.status == "RUNNING"

    run.later(seconds=1)

    assert run.status == "SUCCEEDED"


def test_the_machines_timeout_ends_all_and_names_no_error():
    """[measured: machine timeout] TIMED_OUT; no error and no cause in DescribeExecution."""
    run = Run(machine({"Rest": wait(30)}, TimeoutSeconds=10))
    run.later(seconds=10)

    assert run.status == "TIMED_OUT"
    assert {"error", "cause", "output"} & run.described().keys() == set()
    assert run.described()["stopDate"] == NOW + timedelta(seconds=10)


def test_the_machines_timeout_is_caught_by_nothing():
    """[errors] Catchers are not available for top-level execution failures."""
    asking = ask(TimeoutSeconds=600, Catch=[catch("States.ALL")])
    run = Run(machine({"Ask": asking, "Caught": END}, TimeoutSeconds=10))
    run.later(seconds=10)

    assert (run.status, run.visited) == ("TIMED_OUT", ["Ask"])


def test_the_machines_timeout_cuts_a_pause_before_a_retry():
    """[measured: machine timeout] AWS ends the execution when the time is up, mid-backoff."""
    again = retry("States.ALL", IntervalSeconds=60, MaxAttempts=1)
    run = Run(machine({"Work": call(Retry=[again])}, TimeoutSeconds=10))
    run.raises("KeyError")
    run.later(seconds=100)

    assert (run.status, run.service.take_invocations()) == ("TIMED_OUT", [])


def test_the_machines_timeout_leaves_no_events_of_what_it_cut():
    """[measured: cut branches] When the time cuts a Parallel, no *StateAborted is recorded."""
    forked = fork(machine({"One": wait(60)}), machine({"Two": ask()}))
    run = Run(machine({"Fork": forked}, TimeoutSeconds=10))
    run.later(seconds=10)

    assert run.types()[-1] == "ExecutionTimedOut"
    assert not any(kind.endswith("Aborted") for kind in run.types())
