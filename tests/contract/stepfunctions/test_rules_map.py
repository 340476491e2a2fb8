"""Inline Maps: the same states for each item of a list. Sources: see `sources.py`."""

import pytest

from simulator.stepfunctions.asl_errors import TaskTimedOut
from tests.support.stepfunctions.walks import (
    END,
    Run,
    ask,
    boom,
    call,
    catch,
    for_each,
    machine,
    pick,
    wait,
)

PASSING = machine({"Done": END})
WORKING = machine({"Work": call()})
ITEM = "$$.Map.Item.Value"
CHOOSING = machine(
    {
        "Which?": {
            "Type": "Choice",
            "Choices": [pick("$.kind", "fail", "Pause")],
            "Default": "Rest",
        },
        "Pause": wait(1, Next="Boom"),
        "Boom": boom(),
        "Rest": wait(20),
    }
)
FAILING, RESTING = {"kind": "fail", "why": "sibling failed"}, {"kind": "wait"}


def mapped(items, iterator=WORKING, **more):
    """A Map over the input's items, and a place to be caught."""
    each = for_each(iterator, ItemsPath="$.items", **more)
    return Run(machine({"Each": each, "Caught": wait(60)}), {"items": items, "x": "a"})


def inputs(run):
    """What the functions are given that are to be called now."""
    return [each.payload["input"] for each in run.service.take_invocations()]


def iterations(run, what):
    details = f"mapIteration{what}EventDetails"
    return [each[details]["index"] for each in run.events() if details in each]


def test_each_item_is_the_input_of_an_iteration():
    """[map] By default, the input of each iteration is a single element of the array."""
    assert inputs(mapped([1, {"b": 2}])) == [1, {"b": 2}]


def test_parameters_make_each_iterations_input():
    """[recorded: map] From the Map's own input, and from the item in the context object."""
    run = mapped([1, 2], Parameters={"item.$": ITEM, "x.$": "$.x", "fixed": True})

    assert inputs(run) == [{"item": each, "x": "a", "fixed": True} for each in (1, 2)]


def test_an_iterations_states_may_look_at_its_item():
    """[context] Map.Item.Value: the array item that is being processed in this iteration."""
    looking = machine({"Rest": wait(1, Next="Say"), "Say": END | {"Parameters": {"i.$": ITEM}}})
    run = mapped([1, 2], looking, Parameters={})
    run.later(seconds=1)

    assert run.output == [{"i": 1}, {"i": 2}]


def test_the_output_is_a_list_in_the_items_order():
    """[map] The output is an array with the output of each iteration."""
    run = mapped(["a", "b"])
    one, two = run.service.take_invocations()

    run.service.complete(two, "second")
    assert run.status == "RUNNING"
    run.service.complete(one, "first")

    assert (run.status, run.output) == ("SUCCEEDED", ["first", "second"])


def test_the_result_is_put_at_its_path():
    """[result path] ResultPath adds the result to the input."""
    run = mapped([1], PASSING, ResultPath="$.done")

    assert run.output == {"items": [1], "x": "a", "done": [1]}


def test_no_items_give_an_empty_list():
    """[measured: branches] Succeeded and Exited both point at MapStateStarted."""
    run = mapped([])

    assert run.output == []
    assert run.types()[1:-1] == [
        "MapStateEntered",
        "MapStateStarted",
        "MapStateSucceeded",
        "MapStateExited",
    ]
    assert run.chain() == [0, 0, 2, 3, 3, 5]


@pytest.mark.parametrize("items", [{"0": 1}, "text", None])
def test_items_that_are_no_list_end_the_execution(items):
    """[map] Inline mode accepts only a JSON array; [errors] States.Runtime is never caught."""
    run = mapped(items, Catch=[catch("States.ALL")])

    assert (run.status, run.execution.error) == ("FAILED", "States.Runtime")


def test_a_path_to_no_items_ends_the_execution():
    """[errors] States.Runtime: applying a path to data that does not have it; never caught."""
    each = for_each(PASSING, ItemsPath="$.nope", Catch=[catch("States.ALL")])
    run = Run(machine({"Each": each, "Caught": END}))

    assert (run.status, run.execution.error) == ("FAILED", "States.Runtime")


def test_parameters_that_find_nothing_end_the_execution():
    """[errors] States.Runtime: applying a path to data that does not have it; never caught."""
    run = mapped([1], Parameters={"a.$": "$.nope"}, Catch=[catch("States.ALL")])

    assert (run.status, run.execution.error) == ("FAILED", "States.Runtime")


def test_without_a_number_all_run_at_once():
    """[map] MaxConcurrency: the default is 0, which places no limit."""
    assert inputs(mapped([1, 2, 3], MaxConcurrency=0)) == [1, 2, 3]


@pytest.mark.parametrize("number", [0, 41])
def test_no_more_than_40_run_at_once(number):
    """[map] In Inline mode, up to 40 concurrent iterations."""
    assert inputs(mapped(list(range(50)), MaxConcurrency=number)) == list(range(40))


def test_no_more_run_at_once_than_is_said():
    """[map] MaxConcurrency: an upper bound on how many iterations run in parallel."""
    run = mapped([1, 2, 3, 4], MaxConcurrency=2)
    _, two = run.service.take_invocations()
    assert run.service.take_invocations() == []

    run.service.complete(two, None)

    assert inputs(run) == [3]
    assert iterations(run, "Started") == [0, 1, 2]


def test_one_at_a_time_runs_them_in_order():
    """[map] MaxConcurrency 1 invokes the iterator once for each item, in order of appearance."""
    run = mapped(["a", "b", "c"], MaxConcurrency=1)
    for item in ("a", "b", "c"):
        called = run.called()
        assert called.payload == {"input": item}
        run.service.complete(called, item.upper())

    assert run.output == ["A", "B", "C"]


def test_iterations_one_after_the_other_leave_these_events():
    """[recorded: map] MapIterationSucceeded is nobody's previous event but the last one's.

    With MaxConcurrency 1 the next MapIterationStarted points at the last state's exit.
    """
    run = mapped([1, 2], PASSING, MaxConcurrency=1)

    assert run.types() == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        *("MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"),
        *("MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"),
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert run.chain() == [0, 0, 2, 3, 4, 5, 6, 6, 8, 9, 10, 11, 11, 13]


def test_iterations_at_once_leave_chains_of_their_own():
    """[measured: branches] Each MapIterationStarted points at MapStateStarted."""
    run = mapped([1, 2], PASSING)

    assert run.chain() == [0, 0, 2, 3, 4, 5, 6, 3, 8, 9, 10, 11, 11, 13]
    events = run.events()
    assert events[2]["mapStateStartedEventDetails"] == {"length": 2}
    for number, what in ((7, "Started"), (10, "Succeeded")):
        details = events[number][f"mapIteration{what}EventDetails"]
        assert details == {"name": "Each", "index": 1}


def test_one_iterations_failure_fails_the_whole():
    """[map] Any failing iteration causes the Map to fail, and all iterations stop."""
    run = mapped([1, 2])
    one, two = run.service.take_invocations()

    run.service.fail(two, "KeyError", "why")

    assert (run.status, run.execution.error, run.execution.cause) == ("FAILED", "KeyError", "why")
    assert run.service.complete(one, "late") is False


def test_a_failure_lets_no_further_iteration_begin():
    """[map] When a Map state fails, all iterations stop."""
    run = mapped([1, 2, 3], MaxConcurrency=1, Catch=[catch("States.ALL")])
    run.raises("E")

    assert run.service.take_invocations() == []
    assert iterations(run, "Started") == [0]


def test_a_failure_is_caught_with_its_own_error():
    """[errors] Catchers are available for Task, Parallel and Map states."""
    run = mapped([1], Catch=[catch("E", ResultPath="$.fault")])
    run.raises("E")

    assert run.visited == ["Each", "Work", "Caught"]
    assert run.execution.root.data.value["items"] == [1]
    assert run.execution.root.data.value["fault"]["Error"] == "E"


def test_a_catch_inside_an_iteration_saves_the_others():
    """[errors] A catcher's state follows; the Map sees no failure."""
    saved = machine({"Work": call(Catch=[catch("E", to="Saved")]), "Saved": END})
    run = mapped([1, 2], saved)
    one, two = run.service.take_invocations()
    run.service.fail(one, "E", "why")
    run.service.complete(two, "well")

    assert run.output == [{"Error": "E", "Cause": "why"}, "well"]


def test_tokens_of_iterations_that_were_cut_are_dead():
    """[map] When a Map state fails, all iterations stop."""
    run = mapped([1, 2], machine({"Ask": ask()}), Catch=[catch("States.ALL")])
    one, two = (each.payload["token"] for each in run.service.take_invocations())
    run.service.send_task_failure(token=one, error="No")

    with pytest.raises(TaskTimedOut):
        run.answers(two)
    assert run.visited[-1] == "Caught"


def test_a_failure_leaves_these_events():
    """[measured: cut branches] MapIterationAborted and the cut state's own, MapIterationFailed.

    They and MapStateFailed point at the failing iteration's last event.
    """
    run = mapped([RESTING, FAILING], CHOOSING)
    run.later(seconds=1)

    failure = run.types().index("FailStateEntered") + 1
    tail = run.events()[failure:]
    assert [(each["type"], each["previousEventId"]) for each in tail] == [
        ("MapIterationAborted", failure),
        ("WaitStateAborted", failure),
        ("MapIterationFailed", failure),
        ("MapStateFailed", failure),
        ("ExecutionFailed", failure + 4),
    ]
    assert tail[0]["mapIterationAbortedEventDetails"] == {"name": "Each", "index": 0}
    assert tail[2]["mapIterationFailedEventDetails"] == {"name": "Each", "index": 1}


def test_an_iteration_that_ended_before_the_failure_is_not_aborted():
    """[measured: cut branches] One MapIterationSucceeded, and nothing aborted."""
    run = mapped([1, 2])
    one, two = run.service.take_invocations()
    run.service.complete(one, None)
    run.service.fail(two, "E", "")

    assert (iterations(run, "Succeeded"), iterations(run, "Failed")) == ([0], [1])
    assert iterations(run, "Aborted") == []


def test_a_runtime_error_in_an_iteration_ends_the_execution():
    """[measured: branches] PassStateEntered, ExecutionFailed: neither is the iteration failed."""
    broken = machine({"Fast": END | {"Parameters": {"m.$": "$.nope"}}})
    run = mapped([1, 2], broken, MaxConcurrency=1, Catch=[catch("States.ALL")])

    assert run.types()[3:] == ["MapIterationStarted", "PassStateEntered", "ExecutionFailed"]
    assert run.chain() == [0, 0, 2, 3, 4, 5]
    assert run.execution.cause == (
        "An error occurred while executing the state 'Fast' (entered at the event id #5). The "
        "JSONPath '$.nope' specified for the field 'm.$' could not be found in the input '1'"
    )


def test_a_runtime_error_records_nothing_for_the_iterations_that_it_cuts():
    """[measured: cut branches] Nothing aborted, and nothing failed but the execution."""
    broken = machine({"Work": call(Next="Fast"), "Fast": END | {"Parameters": {"m.$": "$.no"}}})
    run = mapped([1, 2], broken)
    run.service.complete(run.service.take_invocations()[0], {})

    assert [kind for kind in run.types() if "Aborted" in kind or "Failed" in kind] == [
        "ExecutionFailed"
    ]


def test_only_the_unsuccessful_iterations_run_again():
    """[redrive call] Inline Map: redrives only the iterations that failed or aborted."""
    run = mapped(["good", "bad", "cut", "next"], MaxConcurrency=3)
    good, bad, _ = run.service.take_invocations()
    run.service.complete(good, "well")
    run.called()
    run.service.fail(bad, "E", "why")

    run.service.redrive_execution(arn=run.arn)
    again = run.service.take_invocations()

    assert [each.payload["input"] for each in again] == ["bad", "cut", "next"]
    for each in again:
        run.service.complete(each, "better")
    assert (run.status, run.output) == ("SUCCEEDED", ["well", "better", "better", "better"])


def test_iterations_that_had_not_begun_begin_after_a_redrive():
    """[redrive] The execution goes on from the unsuccessful step, as it would have."""
    run = mapped([1, 2], MaxConcurrency=1)
    run.raises("E")

    run.service.redrive_execution(arn=run.arn)
    assert iterations(run, "Started") == [0]
    run.returns("a")
    run.returns("b")

    assert (run.output, iterations(run, "Started")) == (["a", "b"], [0, 1])


def test_an_iteration_that_fails_again_fails_the_whole_again():
    """[redrive] A Fail state in an iteration is entered again; still no further one begins."""
    either = machine(
        {
            "Which?": {"Type": "Choice", "Choices": [pick("$.x", "a", "Boom")], "Default": "Work"},
            "Boom": boom(),
            "Work": call(),
        }
    )
    run = mapped([{"x": "b"}, {"x": "a", "why": "at once"}, {"x": "c"}], either, MaxConcurrency=2)
    assert run.status == "FAILED"

    run.service.redrive_execution(arn=run.arn)

    assert run.visited.count("Boom") == 2
    assert (run.status, iterations(run, "Started")) == ("FAILED", [0, 1])


def test_parameters_that_found_nothing_find_nothing_again():
    """[redrive] It uses the same input."""
    run = mapped([1], Parameters={"a.$": "$.nope"})

    run.service.redrive_execution(arn=run.arn)

    assert (run.status, run.execution.error) == ("FAILED", "States.Runtime")
    assert run.types()[-2:] == ["ExecutionRedriven", "ExecutionFailed"]


def test_a_map_over_no_list_is_entered_again():
    """[redrive] Its unsuccessful step is run again, with the same input."""
    run = mapped("text")

    run.service.redrive_execution(arn=run.arn)

    assert (run.status, run.visited) == ("FAILED", ["Each", "Each"])


def test_a_stopped_maps_iterations_go_on_after_a_redrive():
    """[redrive] The results of the successful steps are preserved, and these are not rerun."""
    run = mapped([1, 2, 3], MaxConcurrency=2)
    one, _ = run.service.take_invocations()
    run.service.complete(one, "a")
    assert inputs(run) == [3]
    run.service.stop_execution(arn=run.arn)

    run.service.redrive_execution(arn=run.arn)

    assert inputs(run) == [2, 3]
