"""What the double does not do, it refuses, before anything runs."""

import json

import pytest

from simulator.stepfunctions.asl_errors import Refused
from simulator.stepfunctions.machine import load, load_file
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

PASS = {"Type": "Pass", "End": True}
OTHER = {"Type": "Activity", "End": True}
ITEM = {"a.$": "$$.Map.Item.Value"}
INNER = machine({"A": END})


def choosing(rule):
    return {"Type": "Choice", "Choices": [{**rule, "Next": "Work"}], "Default": "Work"}


def given(template):
    return PASS | {"Parameters": template}


REFUSED = {
    "another type": (OTHER, "type 'Activity'"),
    "another field": (PASS | {"InputPath": "$.a"}, "fields InputPath"),
    "variables": (PASS | {"Assign": {}}, "fields Assign"),
    "a result": (PASS | {"Result": {}}, "fields Result"),
    "JSONata": (PASS | {"QueryLanguage": "JSONata"}, "fields QueryLanguage"),
    "another resource": (call(Resource="arn:aws:states:::sqs:sendMessage"), "sqs:sendMessage"),
    "a function's own ARN": (call(Resource="arn:aws:lambda:x:1:function:f"), "function:f"),
    "another parameter": (
        call(Parameters={"FunctionName": "f", "Qualifier": "1"}),
        "fields Qualifier",
    ),
    "a function looked up": (call(Parameters={"FunctionName.$": "$.f"}), "FunctionName.$"),
    "a timeout looked up": (call(TimeoutSecondsPath="$.t"), "fields TimeoutSecondsPath"),
    "a longest pause": (call(Retry=[retry("E", MaxDelaySeconds=5)]), "fields MaxDelaySeconds"),
    "jitter": (call(Retry=[retry("E", JitterStrategy="FULL")]), "fields JitterStrategy"),
    "a part of a second": (wait(1.5), "1.5 is no number of seconds"),
    "a time to wait for": (PASS | {"Type": "Wait", "Timestamp": "x"}, "fields Timestamp"),
    "a fixed cause": ({"Type": "Fail", "Error": "E", "Cause": "c"}, "fields Cause"),
    "a cause that is made": (boom(path="States.Format('x')"), "States.Format"),
    "another comparison": (choosing({"Variable": "$.x", "NumericEquals": 1}), "NumericEquals"),
    "a negation": (choosing({"Not": {"Variable": "$.x", "IsString": True}}), "'Not'"),
    "a comparison with a path": (
        choosing({"Variable": "$.x", "StringEqualsPath": "$.y"}),
        "StringEqualsPath",
    ),
    "an index": (given({"a.$": "$.b[0]"}), "$.b[0]"),
    "a quoted name": (given({"a.$": "$['b']"}), "$['b']"),
    "a wildcard": (given({"a.$": "$.*"}), "$.*"),
    "any depth": (given({"a.$": "$..b"}), "$..b"),
    "another function": (given({"a.$": "States.UUID()"}), "States.UUID()"),
    "a number as an argument": (given({"a.$": "States.Format('{}', 1)"}), "1)"),
    "an escaped quote": (given({"a.$": r"States.Format('\'')"}), "backslash"),
    "an argument with no end": (given({"a.$": "States.Format('{}', $.a"}), "expected"),
    "something after a call": (given({"a.$": "States.Format('a') + 1"}), "left over"),
    "more of the context": (given({"a.$": "$$.State.Name"}), "$$.State.Name"),
    "a template in a list": (given({"a": [{"b.$": "$"}]}), "within a list"),
    "a name given twice": (given({"a": 1, "a.$": "$"}), "'a' is given twice"),
    "a token without a wait": (
        call(Parameters={"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}),
        "a token where there is none",
    ),
    "no way on": ({"Type": "Pass"}, "either Next or End"),
    "two ways on": (PASS | {"Next": "Work"}, "either Next or End"),
    "a way to nowhere": ({"Type": "Pass", "Next": "Nowhere"}, "leads to 'Nowhere'"),
    "a catch to nowhere": (call(Catch=[catch("E", to="Nowhere")]), "leads to 'Nowhere'"),
    "all beside others": (call(Catch=[catch("E", "States.ALL", to="Work")]), "States.ALL"),
    "all before others": (call(Retry=[retry("States.ALL"), retry("E")]), "alone and last"),
    "no errors": (call(Retry=[retry()]), "ErrorEquals is empty"),
    "heartbeats as rare as timeouts": (
        ask(TimeoutSeconds=5, HeartbeatSeconds=5),
        "must be smaller than TimeoutSeconds",
    ),
    "a retried Parallel": (fork(machine({"A": END}), Retry=[retry("E")]), "fields Retry"),
    "a Parallel in a Parallel": (
        fork(machine({"Inner": fork(machine({"A": END}))})),
        "a Parallel within a Parallel",
    ),
    "a retried Map": (for_each(INNER, Retry=[retry("E")]), "fields Retry"),
    "a Map in a Parallel": (
        fork(machine({"Inner": for_each(INNER)})),
        "a Map within a Parallel",
    ),
    "a Map in a Map": (for_each(machine({"Inner": for_each(INNER)})), "a Map within a Map"),
    "a Parallel in a Map": (
        for_each(machine({"Inner": fork(INNER)})),
        "a Parallel within a Map",
    ),
    "a newer name of the iterator": (
        for_each(INNER, ItemProcessor=INNER),
        "fields ItemProcessor",
    ),
    "a newer name of the parameters": (for_each(INNER, ItemSelector=ITEM), "fields ItemSelector"),
    "failures that are tolerated": (
        for_each(INNER, ToleratedFailureCount=1),
        "fields ToleratedFailureCount",
    ),
    "items from elsewhere": (for_each(INNER, ItemReader={}), "fields ItemReader"),
    "a distributed Map": (
        for_each(INNER | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}),
        "fields ProcessorConfig",
    ),
    "a number of iterations looked up": (
        for_each(INNER, MaxConcurrencyPath="$.n"),
        "fields MaxConcurrencyPath",
    ),
    "less than no iteration at once": (
        for_each(INNER, MaxConcurrency=-1),
        "-1 is no number of iterations",
    ),
    "an item outside of a Map": (given(ITEM), "an item where there is none"),
    "an item selected outside of a Map": (
        call(ResultSelector=ITEM),
        "an item where there is none",
    ),
    "an item's number": (
        for_each(INNER, Parameters={"n.$": "$$.Map.Item.Index"}),
        "$$.Map.Item.Index",
    ),
    "a token of a Map": (
        for_each(INNER, Parameters={"t.$": "$$.Task.Token"}),
        "a token where there is none",
    ),
    "a way out of an iterator": (
        for_each(machine({"A": {"Type": "Pass", "Next": "Work"}})),
        "leads to 'Work', which is not among its states",
    ),
    "an execution without a name": (
        roll_out(Parameters={"StateMachineArn": "${Rollout}", "Input.$": "$"}),
        "it lacks Name.$",
    ),
    "a machine looked up": (
        roll_out(Parameters={"StateMachineArn.$": "$.arn", "Name.$": "$", "Input.$": "$"}),
        "fields StateMachineArn.$",
    ),
    "heartbeats of an execution": (roll_out(HeartbeatSeconds=5), "HeartbeatSeconds of an exec"),
    "an execution whose output is a text": (
        roll_out(Resource="arn:aws:states:::states:startExecution.sync"),
        "states:startExecution.sync'",
    ),
    "a name used in a branch": (fork(machine({"Work": END})), "another state has this name"),
    "a way out of a branch": (
        fork(machine({"A": {"Type": "Pass", "Next": "Work"}})),
        "leads to 'Work', which is not among its states",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_implemented_is_refused(what):
    state, named = REFUSED[what]

    with pytest.raises(Refused) as refused:
        load(machine({"First": state, "Work": END}))

    assert named in str(refused.value)


@pytest.mark.parametrize("field", ["QueryLanguage", "Version", "Else"])
def test_another_field_of_the_machine_is_refused(field):
    with pytest.raises(Refused, match=f"the machine: fields {field}"):
        load(machine({"Done": END}, **{field: "JSONata"}))


def test_all_that_is_refused_is_named_at_once():
    with pytest.raises(Refused) as refused:
        load(machine({"One": OTHER, "Two": PASS | {"Result": 1}, "n" * 81: END}))

    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "state 'One'",
        "state 'Two'",
        f"state '{'n' * 81}'",
    ]


def test_a_definition_without_a_start_is_refused():
    with pytest.raises(Refused, match="StartAt"):
        load({"States": {"Done": END}})


def test_formatting_an_object_is_refused_when_it_happens():
    definition = machine({"P": given({"a.$": "States.Format('{}', $)"})})

    with pytest.raises(Refused, match="formatting an object or a list"):
        Run(definition, {"a": 1})


def test_a_definition_is_read_from_its_file(tmp_path):
    file = tmp_path / "machine.asl.json"
    file.write_text(json.dumps(machine({"Work": call("Work")}, TimeoutSeconds=60, Comment="c")))

    read = load_file(file)

    assert read.scope.states["Work"].function == "Work"
    assert read.timeout.total_seconds() == 60
