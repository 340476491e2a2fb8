"""Data on its way through states: paths, templates, sizes. Sources: see `sources.py`."""

import pytest

from tests.support.stepfunctions.walks import END, NOW, Run, ask, call, catch, fork, machine, wait

BIG = "x" * 200_000


def passed(template, given):
    """What a Pass state with parameters gives."""
    return Run(machine({"P": {"Type": "Pass", "Parameters": template, "End": True}}), given)


def test_a_template_looks_up_what_ends_in_a_dollar():
    """[context] A key that ends in .$ is looked up by its path; others stay as they are."""
    run = passed({"a.$": "$.deep.x", "b": {"c": "$.deep.x", "d.$": "$"}}, {"deep": {"x": 1}})

    assert run.output == {"a": 1, "b": {"c": "$.deep.x", "d": {"deep": {"x": 1}}}}


def test_the_context_object_is_known():
    """[context] Execution.Id, Execution.Name, and StartTime in ISO 8601."""
    source = {
        "id.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "at.$": "$$.Execution.StartTime",
    }
    run = passed(source, {})

    assert run.output == {"id": run.arn, "name": "run", "at": "2026-11-24T09:00:00.000Z"}


def test_the_executions_input_is_known_wherever_the_data_has_gone():
    """[context] Execution.Input is what the execution was started with."""
    replaced = {"Type": "Pass", "Parameters": {"b": 2}, "Next": "Q"}
    asked = {"Type": "Pass", "Parameters": {"given.$": "$$.Execution.Input"}, "End": True}

    run = Run(machine({"P": replaced, "Q": asked}), {"a": 1})

    assert run.output == {"given": {"a": 1}}


def test_the_executions_input_counts_with_the_data():
    """[quotas] 256 KiB of input or output, wherever it came from."""
    asked = {"one.$": "$$.Execution.Input", "two.$": "$"}

    run = passed(asked, {"a": BIG})

    assert run.execution.error == "States.DataLimitExceeded"


def test_a_path_that_finds_nothing_is_a_runtime_error():
    """[measured: paths] The JSONPath … specified for the field … could not be found."""
    run = passed({"missing.$": "$.nope.deep"}, {"other": 1})

    assert run.execution.error == "States.Runtime"
    assert run.execution.cause.endswith(
        "The JSONPath '$.nope.deep' specified for the field 'missing.$' could not be found in "
        "the input '{\"other\":1}'"
    )


def test_a_null_is_something_found():
    """[measured: intrinsics] Only absence fails; a value that is null is found."""
    assert passed({"a.$": "$.nul"}, {"nul": None}).output == {"a": None}
    assert passed({"a.$": "States.Format('{}', $.nul)"}, {"nul": None}).output == {"a": "null"}


def test_intrinsic_functions_write_texts():
    """[intrinsics] States.Format fills in each {}; States.JsonToString writes compact JSON."""
    source = {"a.$": "States.Format('{} is {}!', $.x, States.JsonToString($.y))"}

    assert passed(source, {"x": "it", "y": {"é": [1, 2]}}).output == {"a": 'it is {"é":[1,2]}!'}


def test_an_intrinsic_functions_missing_argument_is_a_runtime_error():
    """[measured: intrinsics] The function '…' had the following error: …, with all of the call."""
    run = passed({"v.$": "States.Format('{} {}', $.other, $.a.b)"}, {"other": 1})

    assert run.execution.error == "States.Runtime"
    assert run.execution.cause.endswith(
        "The function 'States.Format('{} {}', $.other, $.a.b)' had the following error: The "
        "JsonPath argument for the field '$.a.b' could not be found in the input '{\"other\":1}'"
    )


def test_the_wrong_number_of_arguments_is_a_runtime_error():
    """[intrinsics] As many arguments as there are {}."""
    assert passed({"v.$": "States.Format('{}', $, $)"}, 1).execution.error == "States.Runtime"


def test_a_result_replaces_the_input_or_stands_at_its_path():
    """[result path] ResultPath $ by default; a path adds to the input; null throws it away."""

    def with_path(**path):
        run = Run(machine({"Ask": ask(**path)}), {"a": 1})
        run.answers(run.token(), "r")
        return run.output

    assert with_path() == "r"
    assert with_path(ResultPath="$.b.c") == {"a": 1, "b": {"c": "r"}}
    assert with_path(ResultPath="$.a") == {"a": "r"}
    assert with_path(ResultPath=None) == {"a": 1}


def test_a_result_path_into_what_has_no_names_can_be_caught():
    """[errors] States.ResultPathMatchFailure: it cannot be applied to the state's input."""
    run = Run(
        machine({"Ask": ask(ResultPath="$.b", Catch=[catch("States.ALL")]), "Caught": END}), 7
    )
    run.answers(run.token(), "r")

    assert run.output["Error"] == "States.ResultPathMatchFailure"


def test_an_invocations_result_is_in_its_payload():
    """[invoke] ExecutedVersion, Payload, SdkHttpMetadata, SdkResponseMetadata, StatusCode."""
    run = Run(machine({"Work": call(OutputPath="$")}))
    run.returns({"a": 1})

    assert (run.output["Payload"], run.output["StatusCode"]) == ({"a": 1}, 200)
    assert set(run.output) == {
        "ExecutedVersion",
        "Payload",
        "SdkHttpMetadata",
        "SdkResponseMetadata",
        "StatusCode",
    }


def test_a_selector_makes_the_result_before_it_is_put():
    """[result path] ResultSelector, then ResultPath, then OutputPath."""
    run = Run(
        machine(
            {
                "Work": call(
                    ResultSelector={"verdict.$": "$.Payload.verdict"},
                    ResultPath="$.verification",
                    OutputPath="$",
                )
            }
        ),
        {"a": 1},
    )
    run.returns({"verdict": "healthy", "more": 1})

    assert run.output == {"a": 1, "verification": {"verdict": "healthy"}}


def test_a_selector_that_finds_nothing_ends_the_execution():
    """[measured: paths] ResultSelector fails in the same way, and nothing catches it."""
    working = call(
        ResultSelector={"v.$": "$.Payload.v"}, OutputPath="$", Catch=[catch("States.ALL")]
    )
    run = Run(machine({"Work": working, "Caught": END}))
    run.returns({})

    assert (run.execution.error, run.visited) == ("States.Runtime", ["Work"])


def test_a_result_over_256_kib_fails_the_task():
    """[recorded: too much data] TaskFailed with States.DataLimitExceeded, in these words."""
    run = Run(machine({"Work": call()}))
    run.returns("é" * 140_000)

    assert run.types()[-2:] == ["TaskFailed", "ExecutionFailed"]
    assert run.execution.error == "States.DataLimitExceeded"
    assert run.execution.cause == (
        "The state/task 'lambda' returned a result with a size exceeding the maximum number of "
        "bytes service limit."
    )


def test_too_much_data_is_caught_by_its_own_name():
    """[recorded: too much data] A catcher of States.DataLimitExceeded is taken."""
    catches = [catch("States.DataLimitExceeded"), catch("States.ALL", to="Other")]
    run = Run(machine({"Work": call(Catch=catches), "Caught": END, "Other": END}))
    run.returns("x" * 262_145)

    assert run.visited == ["Work", "Caught"]


@pytest.mark.parametrize(("caught", "status"), [(False, "FAILED"), (True, "SUCCEEDED")])
def test_whether_all_catches_too_much_data_can_be_chosen(caught, status):
    """[errors] States.ALL can't catch States.DataLimitExceeded.

    [recorded: too much data] It did, for the result of a task. So both can be had.
    """
    states = {"Work": call(Catch=[catch("States.ALL")]), "Caught": END}
    run = Run(machine(states), catches_data_limit=caught)
    run.returns("x" * 262_145)

    assert run.status == status


def test_a_states_output_has_the_same_limit():
    """[quotas] 256 KiB for a task's or a state's input or result."""
    run = Run(machine({"Ask": ask(ResultPath="$.answer")}), {"a": BIG})
    run.answers(run.token(), BIG)

    assert run.execution.error == "States.DataLimitExceeded"
    assert run.types()[-2:] == ["TaskSucceeded", "ExecutionFailed"]


def test_parameters_have_the_same_limit():
    """[errors] When, after Parameters processing, the input is larger than the quota."""
    payload = {"one.$": "$", "two.$": "$"}
    working = call(Parameters={"FunctionName": "${Work}", "Payload": payload})
    run = Run(machine({"Work": working}), BIG)

    assert run.execution.error == "States.DataLimitExceeded"
    assert run.service.take_invocations() == []


def test_joined_branches_have_the_same_limit():
    """[quotas] The output of a Parallel is a state's output."""
    branches = [machine({name: END}) for name in ("One", "Two")]
    run = Run(machine({"Fork": fork(*branches)}), BIG)

    assert run.execution.error == "States.DataLimitExceeded"
    assert run.types()[-2:] == ["ParallelStateSucceeded", "ExecutionFailed"]


def test_data_that_is_replaced_again_and_again_does_not_add_up():
    """[quotas] The size is that of the data, not of its past."""
    states = {"Ask": ask(ResultPath="$.answer", Next="Again"), "Again": wait(0, Next="Ask")}
    run = Run(machine(states))
    for _ in range(6):
        run.answers(run.token(), BIG)
        run.later(seconds=1)

    assert run.status == "RUNNING"


def test_an_execution_ends_at_its_25000th_event():
    """[measured: event limit] ExecutionFailed is event 25,000; no retry or catch prevents it."""
    loop = {"Type": "Choice", "Choices": [], "Default": "Tick"}
    run = Run(machine({"Loop": loop, "Tick": {"Type": "Pass", "Next": "Loop"}}))

    assert len(run.events()) == 25_000
    assert run.types()[-1] == "ExecutionFailed"
    assert run.execution.error == "States.Runtime"
    assert run.execution.cause == (
        "The execution reached the maximum number of history events (25000)."
    )


def test_the_limit_of_events_holds_in_branches_too():
    """[measured: event limit] Events inside a branch count, and no Catch sees the failure."""
    loop = {"Type": "Choice", "Choices": [], "Default": "Tick"}
    branch = machine({"Loop": loop, "Tick": {"Type": "Pass", "Next": "Loop"}})
    run = Run(machine({"Fork": fork(branch, Catch=[catch("States.ALL")]), "Caught": END}))

    assert (len(run.events()), run.types()[-1]) == (25_000, "ExecutionFailed")


def test_a_functions_payload_is_its_own():
    """[invoke] The payload is sent as JSON: what a function does to it changes nothing else."""
    run = Run(machine({"Work": call(ResultPath="$.r", OutputPath="$")}), {"a": []})
    called = run.called()
    called.payload["input"]["a"].append("changed")
    result = {"b": []}
    run.service.complete(called, result)
    result["b"].append("changed")

    assert run.output["a"] == []
    assert run.output["r"]["Payload"] == {"b": []}
    assert run.service.now == NOW
