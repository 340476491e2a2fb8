"""Choices: where they lead, and when they fail. Sources: see `sources.py`."""

import pytest

from tests.support.stepfunctions.walks import END, Run, machine, pick


def chosen(rules, given, **more):
    states = {"Choose": {"Type": "Choice", "Choices": rules, **more}, "A": END, "B": END}
    return Run(machine(states), given)


def test_a_choice_goes_where_the_first_true_rule_leads():
    """[choice] In the order listed; Default if none matches."""
    rules = [pick(equals="a"), pick(equals="b", to="B")]

    assert chosen(rules, {"x": "a"}, Default="B").visited == ["Choose", "A"]
    assert chosen(rules, {"x": "b"}, Default="A").visited == ["Choose", "B"]
    assert chosen(rules, {"x": "c"}, Default="A").visited == ["Choose", "A"]


def test_rules_in_and_and_or_hold_together():
    """[choice] And: all are true; Or: at least one is."""
    text = {"Variable": "$.x", "IsString": True}
    missing = {"Variable": "$.y", "IsPresent": False}
    both = [{"And": [text, missing], "Next": "A"}]
    either = [{"Or": [missing, text], "Next": "A"}]

    assert chosen(both, {"x": "a"}, Default="B").visited[-1] == "A"
    assert chosen(both, {"x": 1}, Default="B").visited[-1] == "B"
    assert chosen(either, {"x": 1, "y": 1}, Default="B").visited[-1] == "B"
    assert chosen(either, {"x": "a", "y": 1}, Default="B").visited[-1] == "A"


def test_is_present_guards_what_follows_it():
    """[choice] IsPresent and another test of the same variable in one And."""
    guarded = {"And": [{"Variable": "$.x", "IsPresent": True}, pick()], "Next": "A"}
    guarded["And"][1] = {"Variable": "$.x", "StringEquals": "a"}

    assert chosen([guarded], {}, Default="B").visited[-1] == "B"


@pytest.mark.parametrize("value", [None, 1, True, ["a"], {"a": 1}, "A"])
def test_what_is_not_the_text_does_not_equal_it(value):
    """[choice] A value of another type does not match; it is no error."""
    assert chosen([pick()], {"x": value}, Default="B").visited[-1] == "B"


def test_a_missing_variable_is_a_runtime_error():
    """[choice] Invalid path '$.x': the condition path references an invalid value."""
    run = chosen([pick()], {}, Default="B")

    assert run.execution.error == "States.Runtime"
    assert "Invalid path '$.x': The choice state's condition path" in run.execution.cause


def test_a_choice_with_no_way_on_is_a_runtime_error():
    """[errors] States.NoChoiceMatched is reserved; it is reported as States.Runtime.

    [measured: branches] And in these words.
    """
    run = chosen([pick()], {"x": "z"})

    assert run.execution.error == "States.Runtime"
    assert run.execution.cause == (
        "An error occurred while executing the state 'Choose' (entered at the event id #2). "
        "Failed to transition out of the state. The state does not point to a next state."
    )
    assert run.types() == ["ExecutionStarted", "ChoiceStateEntered", "ExecutionFailed"]
