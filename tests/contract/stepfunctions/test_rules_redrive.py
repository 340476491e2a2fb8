"""Executions that ended badly and go on. Sources: see `sources.py`."""

from datetime import timedelta

import pytest

from simulator.stepfunctions.asl_errors import (
    ExecutionDoesNotExist,
    ExecutionNotRedrivable,
    TaskTimedOut,
)
from tests.support.stepfunctions.walks import (
    END,
    NOW,
    Run,
    ask,
    boom,
    call,
    catch,
    fork,
    machine,
    retry,
    wait,
)


def redriven(run):
    run.service.redrive_execution(arn=run.arn)
    return run


def failed(states, given=None, **top):
    run = Run(machine(states, **top), given)
    run.raises("E")
    return run


def test_it_goes_on_from_the_state_that_failed_with_the_same_input():
    """[redrive] From the unsuccessful step, with the same input; what succeeded is not rerun."""
    run = Run(machine({"Begin": {"Type": "Pass", "Next": "Work"}, "Work": call()}), {"a": 1})
    run.raises("E")

    redriven(run).returns("well")

    assert (run.status, run.output) == ("SUCCEEDED", "well")
    assert run.visited == ["Begin", "Work"]


def test_its_events_are_added_to_those_that_were():
    """[redrive] Redriven executions append their event history to the existing one.

    The task is rescheduled: a state that has a …StateEntered and no …StateExited is
    what is unsuccessful ([redrive of states]), so it is not entered again.
    """
    run = redriven(failed({"Work": call()}))

    assert run.types()[-4:] == [
        "ExecutionFailed",
        "ExecutionRedriven",
        "TaskScheduled",
        "TaskStarted",
    ]
    assert run.events()[-3]["executionRedrivenEventDetails"] == {"redriveCount": 1}


def test_a_waiting_task_has_a_new_token():
    """[seen] A redriven callback state is scheduled anew."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=60)}))
    old = run.token()
    run.service.stop_execution(arn=run.arn)

    new = redriven(run).token()

    with pytest.raises(TaskTimedOut):
        run.answers(old)
    run.answers(new, "well")
    assert (run.status, run.output) == ("SUCCEEDED", "well")


def test_the_states_timeout_begins_anew():
    """[redrive] When you redrive, the task's TimeoutSeconds is reset to 0."""
    run = Run(machine({"Ask": ask(TimeoutSeconds=60)}))
    run.later(seconds=59)
    run.service.stop_execution(arn=run.arn)

    redriven(run).later(seconds=59)

    assert run.status == "RUNNING"


def test_the_machines_timeout_begins_anew():
    """[redrive] The state machine level timeout, if defined, is reset to 0."""
    run = Run(machine({"Rest": wait(100)}, TimeoutSeconds=60))
    run.later(seconds=60)
    assert run.status == "TIMED_OUT"

    redriven(run).later(seconds=59)
    assert run.status == "RUNNING"
    run.later(seconds=1)
    assert run.status == "TIMED_OUT"


def test_retries_begin_anew():
    """[redrive] The retry attempt count is reset to 0."""
    run = failed({"Work": call(Retry=[retry("E", MaxAttempts=1)])})
    run.later(seconds=1)
    run.raises("E")
    assert run.status == "FAILED"

    redriven(run).raises("E")

    assert run.status == "RUNNING"


def test_a_wait_begins_anew():
    """[redrive] A Wait with Seconds waits all of them again."""
    run = Run(machine({"Rest": wait(30)}))
    run.later(seconds=29)
    run.service.stop_execution(arn=run.arn)

    redriven(run).later(seconds=29)

    assert (run.status, run.visited) == ("RUNNING", ["Rest"])


def test_a_fail_state_fails_again():
    """[redrive] Fail: reenters the Fail state and fails again."""
    run = Run(machine({"Boom": boom()}), {"why": "because"})

    redriven(run)

    assert (run.status, run.execution.error) == ("FAILED", "Boom")
    assert run.visited == ["Boom", "Boom"]


def test_a_choice_is_made_again():
    """[redrive] Choice: reevaluates the Choice state rules."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsString": True, "Next": "A"}]}
    run = Run(machine({"Choose": choice, "A": END}), {})

    redriven(run)

    assert run.visited == ["Choose", "Choose"]
    assert run.execution.error == "States.Runtime"


def test_only_the_unsuccessful_branches_run_again():
    """[redrive call] Parallel: reschedules and redrives only branches that failed or aborted."""
    branches = [machine({name: call(name)}) for name in ("Good", "Bad", "Cut")]
    run = Run(machine({"Fork": fork(*branches)}))
    good, bad, _ = run.service.take_invocations()
    run.service.complete(good, "good")
    run.service.fail(bad, "E", "why")

    again = redriven(run).service.take_invocations()

    assert [each.function for each in again] == ["Bad", "Cut"]
    for each in again:
        run.service.complete(each, "better")
    assert (run.status, run.output) == ("SUCCEEDED", ["good", "better", "better"])


def test_a_branch_that_fails_again_fails_the_whole_again():
    """[redrive] A Fail state in a branch is entered again, and cuts the others again."""
    branches = [machine({"Boom": boom()}), machine({"Work": call()})]
    run = Run(machine({"Fork": fork(*branches)}), {"why": "at once"})
    assert run.status == "FAILED"

    redriven(run)

    assert run.visited.count("Boom") == 2
    assert (run.status, run.service.take_invocations()) == ("FAILED", [])


def test_a_branch_goes_on_where_it_was_within_itself():
    """[redrive] From the unsuccessful step of the branch."""
    branch = machine({"First": call("First", Next="Second"), "Second": call("Second")})
    run = Run(machine({"Fork": fork(branch, machine({"Rest": wait(60)}))}))
    run.returns("one")
    assert run.called().function == "Second"
    run.service.stop_execution(arn=run.arn)

    assert redriven(run).called().function == "Second"


def test_a_caught_failure_is_not_gone_back_to():
    """[redrive of states] Only states without a …StateExited event are unsuccessful."""
    states = {"Work": call(Catch=[catch("E")]), "Caught": call("Clean")}
    run = failed(states)
    run.raises("Worse")

    assert redriven(run).called().function == "Clean"


def test_a_paused_retry_is_made_at_once():
    """[redrive] The state is rescheduled; its pause is not kept."""
    run = failed({"Work": call(Retry=[retry("E", IntervalSeconds=600)])})
    run.service.stop_execution(arn=run.arn)

    assert redriven(run).called().function == "Work"


def test_how_often_and_when_is_told():
    """[describe] redriveCount and redriveDate; neither stopDate nor error while it runs again."""
    run = failed({"Work": call()})
    assert run.described()["redriveStatus"] == "REDRIVABLE"
    run.later(hours=1)

    described = redriven(run).described()

    assert (described["redriveCount"], described["redriveDate"]) == (1, NOW + timedelta(hours=1))
    assert {"stopDate", "error", "cause"} & described.keys() == set()


def test_a_running_execution_is_not_redrivable():
    """[describe] Execution is RUNNING and cannot be redriven."""
    run = Run(machine({"Work": call()}))

    with pytest.raises(ExecutionNotRedrivable, match=r"Execution is RUNNING and cannot be redriv"):
        redriven(run)


def test_a_succeeded_execution_is_not_redrivable():
    """[recorded: execution] NOT_REDRIVABLE: Execution is SUCCEEDED and cannot be redriven."""
    run = Run(machine({"Done": END}))

    assert run.described()["redriveStatus"] == "NOT_REDRIVABLE"
    with pytest.raises(ExecutionNotRedrivable, match=r"is SUCCEEDED and cannot be redriven\."):
        redriven(run)


def test_after_14_days_it_is_too_late():
    """[redrive call] The redrivable period is 14 days from its end."""
    run = failed({"Work": call()})
    run.later(days=14)
    assert run.described()["redriveStatus"] == "REDRIVABLE"

    run.later(seconds=1)

    with pytest.raises(ExecutionNotRedrivable, match=r"Execution redrivable period exceeded\."):
        redriven(run)


def test_an_unknown_execution_cannot_be_redriven():
    """[redrive call] ExecutionDoesNotExist."""
    run = Run(machine({"Done": END}))

    with pytest.raises(ExecutionDoesNotExist):
        run.service.redrive_execution(arn=f"{run.arn}-not")


def test_a_full_history_is_not_redrivable():
    """[redrive call] The history must have less than 24,999 events."""
    loop = {"Type": "Choice", "Choices": [], "Default": "Tick"}
    run = Run(machine({"Loop": loop, "Tick": {"Type": "Pass", "Next": "Loop"}}))

    with pytest.raises(ExecutionNotRedrivable, match=r"event limit exceeded"):
        redriven(run)
