"""Errors: what is tried again, what is caught, what is neither. Sources: see `sources.py`."""

from datetime import timedelta

import pytest

from tests.support.stepfunctions.walks import (
    END,
    NOW,
    Run,
    ask,
    boom,
    call,
    catch,
    machine,
    retry,
    wait,
)


def tried(run):
    """When a task's attempts are made, in seconds, each one failing at once with an error."""

    def with_errors(*errors):
        moments = []
        for error in errors:
            moments.append((run.service.now - NOW).total_seconds())
            run.raises(error)
            at = run.service.next_event_at()
            if at is None:
                break
            run.service.advance(at)
        return moments

    return with_errors


def working(*retries, **more):
    return Run(machine({"Work": call(Retry=list(retries), **more), "Caught": END}))


def test_an_exceptions_class_is_the_errors_name():
    """[recorded: lambda errors] error 'Exception'; the cause is the function's error as JSON."""
    run = Run(machine({"Work": call()}))
    run.raises("Exception", "Some exception was raised.")

    assert run.execution.error == "Exception"
    assert (
        '{"errorMessage":"Some exception was raised.","errorType":"Exception",'
        in run.execution.cause
    )


def test_what_cannot_be_json_is_an_error_of_the_function():
    """[invoke] An error of the function's runtime, Runtime.MarshalError in Python."""
    run = Run(machine({"Work": call()}))
    run.returns({1, 2})

    assert run.execution.error == "Runtime.MarshalError"


def test_retries_wait_longer_each_time():
    """[errors] IntervalSeconds 3, BackoffRate 1.5, MaxAttempts 2: after 3 and after 4.5 s."""
    run = working(retry("E", IntervalSeconds=3, BackoffRate=1.5, MaxAttempts=2))

    assert tried(run)(*"EEE") == [0, 3, 7.5]
    assert run.status == "FAILED"


def test_a_retrier_that_says_nothing_more_tries_three_times_from_one_second_on():
    """[errors] IntervalSeconds is 1, BackoffRate 2.0 and MaxAttempts 3 by default."""
    assert tried(working(retry("E")))(*"EEEE") == [0, 1, 3, 7]


def test_the_first_retrier_that_matches_is_the_one():
    """[errors] Step Functions scans through the retriers in order."""
    run = working(retry("E", IntervalSeconds=5, MaxAttempts=1), retry("States.ALL"))

    assert tried(run)("E", "E") == [0, 5]
    assert run.status == "FAILED"


def test_each_retrier_counts_for_itself_over_the_whole_visit():
    """[errors] ErrorA, ErrorB, ErrorC, ErrorB: after 1, 2 and 5 s, and then it is caught."""
    run = working(
        retry("ErrorA", "ErrorB", IntervalSeconds=1, BackoffRate=2.0, MaxAttempts=2),
        retry("ErrorC", IntervalSeconds=5),
        Catch=[catch("States.ALL")],
    )

    moments = tried(run)("ErrorA", "ErrorB", "ErrorC", "ErrorB")

    assert moments == [0, 1, 3, 8]
    assert run.visited == ["Work", "Caught"]


def test_one_retriers_attempts_take_none_from_another():
    """[errors] A retrier's parameters apply across all visits to that retrier."""
    run = working(
        retry("ErrorA", IntervalSeconds=1, BackoffRate=1.0, MaxAttempts=2),
        retry("ErrorC", IntervalSeconds=5, BackoffRate=1.0, MaxAttempts=2),
    )

    assert tried(run)(*[f"Error{letter}" for letter in "CCAAA"]) == [0, 5, 10, 11, 12]


def test_retries_begin_anew_when_a_state_is_entered_again():
    """[errors] A retrier's parameters apply in the context of a single-state execution."""
    asking = call(Retry=[retry("E", MaxAttempts=1)], Catch=[catch("E", to="Again")])
    run = Run(machine({"Work": asking, "Again": wait(0, Next="Work")}))

    assert tried(run)(*"EE") == [0, 1]
    assert tried(run)(*"EE") == [1, 2]
    assert run.visited == ["Work", "Again", "Work", "Again", "Work"]


def test_no_attempts_means_never():
    """[errors] MaxAttempts 0: the error is never retried."""
    run = working(retry("States.Timeout", MaxAttempts=0), retry("States.ALL"), TimeoutSeconds=5)
    run.later(seconds=5)

    assert run.status == "FAILED"


def test_retries_come_before_catches():
    """[errors] Retriers first; the catcher only if they fail to resolve the error."""
    run = working(retry("E", MaxAttempts=1), Catch=[catch("E")])

    assert tried(run)(*"EE") == [0, 1]
    assert run.visited == ["Work", "Caught"]


def test_the_first_catcher_that_matches_is_the_one():
    """[errors] Step Functions scans through the catchers in the order listed."""
    catches = [catch("Other"), catch("E", to="First"), catch("States.ALL", to="Second")]
    run = Run(machine({"Work": call(Catch=catches), "First": END, "Second": END, "Caught": END}))
    run.raises("E")

    assert run.visited == ["Work", "First"]


def test_a_catcher_hands_on_the_error():
    """[recorded: lambda errors] The output of the state is {"Error": …, "Cause": …}."""
    run = Run(machine({"Work": call(Catch=[catch("E")]), "Caught": END}), {"kept": 1})
    run.raises("E", "why")

    assert run.output["Error"] == "E"
    assert set(run.output) == {"Error", "Cause"}


def test_a_catchers_path_keeps_the_input_beside_the_error():
    """[result path] ResultPath in a catcher adds the error to the state's input."""
    caught = catch("E", ResultPath="$.deep.fault")
    run = Run(machine({"Work": call(Catch=[caught]), "Caught": END}), {"kept": 1})
    run.raises("E", "why")

    assert run.output["kept"] == 1
    assert run.output["deep"]["fault"]["Error"] == "E"


def test_a_catcher_may_throw_the_error_away():
    """[result path] ResultPath null: the input goes on as it was."""
    run = Run(machine({"Work": call(Catch=[catch("E", ResultPath=None)]), "Caught": END}), {"a": 1})
    run.raises("E")

    assert run.output == {"a": 1}


@pytest.mark.parametrize("error", ["KeyError", "Lambda.Unknown", "Sandbox.Timedout"])
def test_task_failed_is_any_error_of_a_task(error):
    """[errors] States.TaskFailed: matches any known error name except for States.Timeout."""
    run = Run(machine({"Work": call(Catch=[catch("States.TaskFailed")]), "Caught": END}))
    run.raises(error)

    assert run.status == "SUCCEEDED"


def test_task_failed_is_no_timeout():
    """[errors] States.TaskFailed: matches any known error name except for States.Timeout."""
    asking = call(TimeoutSeconds=5, Catch=[catch("States.TaskFailed")])
    run = Run(machine({"Work": asking, "Caught": END}))
    run.later(seconds=5)

    assert run.status == "FAILED"


def test_a_failure_without_a_name_is_caught_by_all_alone():
    """[seen] It arrives as null, and only States.ALL matches it."""
    named = Run(machine({"Ask": ask(Catch=[catch("States.TaskFailed")]), "Caught": END}))
    named.service.send_task_failure(token=named.token())
    everything = Run(machine({"Ask": ask(Catch=[catch("States.ALL")]), "Caught": END}))
    everything.service.send_task_failure(token=everything.token())

    assert named.status == "FAILED"
    assert everything.output == {"Error": None, "Cause": None}


def test_names_are_held_against_each_other_letter_by_letter():
    """[errors] Error names are case-sensitive strings."""
    run = Run(machine({"Work": call(Catch=[catch("keyerror")]), "Caught": END}))
    run.raises("KeyError")

    assert run.status == "FAILED"


@pytest.mark.parametrize("name", ["States.ALL", "States.Runtime", "States.TaskFailed"])
def test_a_runtime_error_is_caught_by_nothing(name):
    """[errors] States.Runtime isn't retriable, and will always cause the execution to fail."""
    asking = call(
        OutputPath="$.Payload.nothing", Retry=[retry(name)], Catch=[catch(name)], Next="Caught"
    )
    run = Run(machine({"Work": asking, "Caught": END}))
    run.returns({})

    assert (run.status, run.execution.error) == ("FAILED", "States.Runtime")
    assert run.visited == ["Work"]


def test_a_fail_state_ends_with_its_error_and_the_cause_at_its_path():
    """[fail] CausePath: a reference path to a string, the cause of the failure."""
    run = Run(machine({"Boom": boom()}), {"why": "because"})

    assert (run.execution.error, run.execution.cause) == ("Boom", "because")
    assert run.types() == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]


@pytest.mark.parametrize("given", [{}, {"why": 7}])
def test_a_cause_that_is_no_text_is_a_runtime_error(given):
    """[fail] CausePath must resolve to a string."""
    run = Run(machine({"Boom": boom()}), given)

    assert run.execution.error == "States.Runtime"


def test_a_catch_may_lead_back_to_its_own_state():
    """[seen] Catch whose Next is the state itself: it is entered again."""
    run = Run(machine({"Work": call(Catch=[catch("E", to="Work")])}))
    run.raises("E")

    assert run.visited == ["Work", "Work"]
    assert run.called().at == NOW


def test_a_pause_before_a_retry_calls_nothing():
    """[errors] IntervalSeconds: the seconds before the first retry attempt."""
    run = working(retry("E", IntervalSeconds=10))
    run.raises("E")
    run.later(seconds=9)

    assert run.service.take_invocations() == []
    assert run.service.next_event_at() == NOW + timedelta(seconds=10)
