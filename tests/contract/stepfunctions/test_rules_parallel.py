"""Branches that run at once. Sources: see `sources.py`."""

from tests.support.stepfunctions.walks import END, Run, ask, boom, call, catch, fork, machine, wait

PASSING = machine({"Done": END})


def named(name):
    return machine({name: call(name)})


def two(**more):
    """Two branches that each call a function, and a place to be caught."""
    return Run(machine({"Fork": fork(named("One"), named("Two"), **more), "Caught": wait(60)}))


def test_all_branches_begin_at_once_each_with_all_of_the_input():
    """[parallel] Each branch is given a copy of the Parallel's input."""
    forked = fork(named("One"), named("Two"))
    run = Run(machine({"Fork": forked}), {"a": 1})

    called = run.service.take_invocations()

    assert [(each.function, each.payload) for each in called] == [
        ("One", {"input": {"a": 1}}),
        ("Two", {"input": {"a": 1}}),
    ]


def test_the_output_is_a_list_in_the_branches_order():
    """[measured: cut branches] In declaration order, whichever branch finished first."""
    run = two()
    one, other = run.service.take_invocations()

    run.service.complete(other, "two")
    run.service.complete(one, "one")

    assert (run.status, run.output) == ("SUCCEEDED", ["one", "two"])


def test_it_waits_for_the_last_branch():
    """[parallel] It waits until all branches have reached a terminal state."""
    run = two()
    one, _ = run.service.take_invocations()

    run.service.complete(one, "one")

    assert run.status == "RUNNING"


def test_the_result_is_put_at_its_path():
    """[result path] ResultPath adds the result to the input."""
    run = Run(machine({"Fork": fork(PASSING, ResultPath="$.rollback")}), {"a": 1})

    assert run.output == {"a": 1, "rollback": [{"a": 1}]}


def test_branches_that_wait_for_nothing_are_joined_at_once():
    """[measured: branches] ParallelStateSucceeded and ParallelStateExited follow the last one."""
    run = Run(machine({"Fork": fork(PASSING, PASSING_TOO, Next="After"), "After": END}), {"x": "a"})

    assert run.types()[:3] == ["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted"]
    assert run.types()[7:] == [
        "ParallelStateSucceeded",
        "ParallelStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    # Both point at the last event of a branch, and what follows at ParallelStateExited.
    assert run.chain() == [0, 0, 2, 3, 4, 3, 6, 7, 7, 9, 10, 11]


PASSING_TOO = machine({"Done too": END})


def test_one_branchs_failure_fails_the_whole():
    """[parallel] If any branch fails, because of an unhandled error, the entire state fails."""
    run = two()
    one, other = run.service.take_invocations()

    run.service.fail(other, "KeyError", "why")

    assert (run.status, run.execution.error) == ("FAILED", "KeyError")
    assert run.service.complete(one, "late") is False


def test_a_failed_task_ends_its_branch_with_these_events():
    """[measured: branches] TaskFailed, TaskStateAborted, ParallelStateFailed, ParallelStateExited.

    The first is the previous event of the second and third.
    """
    forked = fork(machine({"Send": call()}), Catch=[catch("States.ALL")])
    run = Run(machine({"Fork": forked, "Caught": END}), {"x": "a"})
    run.raises("E")

    assert run.types() == [
        "ExecutionStarted",
        "ParallelStateEntered",
        "ParallelStateStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskStateAborted",
        "ParallelStateFailed",
        "ParallelStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert run.chain() == [0, 0, 2, 3, 4, 5, 6, 7, 7, 9, 10, 11, 12]
    assert run.output["Error"] == "E"


def test_a_fail_state_in_a_branch_leaves_no_aborted_state():
    """[measured: branches] FailStateEntered, ParallelStateFailed, ExecutionFailed."""
    run = Run(machine({"Fork": fork(machine({"Boom": boom("MyError")}))}), {"why": "my cause"})

    assert run.types()[3:] == ["FailStateEntered", "ParallelStateFailed", "ExecutionFailed"]
    assert run.chain() == [0, 0, 2, 3, 4, 5]
    assert (run.execution.error, run.execution.cause) == ("MyError", "my cause")


def test_a_branch_that_fails_at_once_lets_no_other_begin():
    """[parallel] If any branch fails, all its branches are stopped."""
    forked = fork(machine({"Boom": boom()}), named("Two"), Catch=[catch("States.ALL")])
    run = Run(machine({"Fork": forked, "Caught": wait(60)}), {"why": "at once"})

    assert (run.visited, run.service.take_invocations()) == (["Fork", "Boom", "Caught"], [])


def test_each_cut_branch_leaves_the_state_that_it_was_in():
    """[measured: cut branches] One *StateAborted each, chained to the failure's last event."""
    failing = machine({"Pause": wait(1, Next="Boom"), "Boom": boom()})
    ended = machine({"Short": wait(0)})
    forked = fork(failing, machine({"Ask": ask()}), machine({"Rest": wait(20)}), ended)
    run = Run(machine({"Fork": forked}), {"why": "sibling failed"})
    run.later(seconds=1)

    events = run.events()
    failure = next(each["id"] for each in events if each["type"] == "FailStateEntered")
    tail = [(each["type"], each["previousEventId"]) for each in events[failure:]]
    assert tail == [
        ("TaskStateAborted", failure),
        ("WaitStateAborted", failure),
        ("ParallelStateFailed", failure),
        ("ExecutionFailed", failure + 3),
    ]


def test_what_a_cut_branch_waited_for_never_comes():
    """[measured: cut branches] The failing branch's own Wait exits; the cut one never does."""
    failing = machine({"Pause": wait(1, Next="Boom"), "Boom": boom()})
    forked = fork(machine({"Rest": wait(20)}), failing, Catch=[catch("States.ALL")])
    run = Run(machine({"Fork": forked, "Caught": wait(60)}), {"why": "sibling failed"})
    run.later(seconds=59)

    left = [each for each in run.events() if each["type"] == "WaitStateExited"]
    assert [each["stateExitedEventDetails"]["name"] for each in left] == ["Pause"]


def test_a_catch_inside_a_branch_saves_the_others():
    """[measured: branches] A catch inside a branch takes its Next; nothing is aborted."""
    saved = machine({"Send": call(Catch=[catch("States.ALL", to="Saved")]), "Saved": END})
    run = Run(machine({"Fork": fork(saved, PASSING)}), {"a": 1})
    run.raises("E")

    assert run.status == "SUCCEEDED"
    assert run.output[0]["Error"] == "E"
    assert not any(kind.endswith("Aborted") for kind in run.types())


def test_a_runtime_error_in_a_branch_ends_the_execution():
    """[measured: branches] PassStateEntered, ExecutionFailed: no catch, no aborted state."""
    forked = fork(
        machine({"Fast": {"Type": "Pass", "Parameters": {"m.$": "$.nope"}, "End": True}}),
        Catch=[catch("States.ALL")],
    )
    run = Run(machine({"Fork": forked, "Caught": END}), {"x": "a"})

    assert run.types()[3:] == ["PassStateEntered", "ExecutionFailed"]
    assert run.chain() == [0, 0, 2, 3, 4]
    assert run.execution.cause == (
        "An error occurred while executing the state 'Fast' (entered at the event id #4). The "
        "JSONPath '$.nope' specified for the field 'm.$' could not be found in the input "
        '\'{"x":"a"}\''
    )


def test_a_succeed_state_ends_only_its_branch():
    """[parallel] A branch's Succeed ends the branch, and the others go on."""
    run = Run(machine({"Fork": fork(machine({"Good": {"Type": "Succeed"}}), named("Two"))}))

    assert run.status == "RUNNING"
    run.returns("two")
    assert run.output == [{}, "two"]
