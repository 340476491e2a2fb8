import copy
import json
from pathlib import Path

import pytest

from handlers.domain.model.group import GROUP_ERRORS
from handlers.domain.model.outcomes import ERRORS
from workflows.validation.machine_rules import RULES
from workflows.validation.machine_template import placeholders_of
from workflows.validation.machine_validation import BrokenRulesError, broken_rules, validate

TEMPLATE = Path(__file__).parents[3] / "definitions/template.yaml"
FILLED = {
    "PrepareRollout",
    "AwaitImage",
    "AwaitTurn",
    "RequestApproval",
    "DeployColor",
    "VerifyColor",
    "RollBackColor",
    "FinishRollout",
}


def without(key):
    return lambda state: state.pop(key)


def put(**fields):
    return lambda state: state.update(fields)


def renamed_longer(states):
    states["x" * 81] = states.pop("Expired")
    states["How did it end?"]["Choices"][5]["Next"] = "x" * 81


def compared_unasked(state):
    state["Choices"][0] = {"Variable": "$.x", "StringEquals": "y", "Next": "Deploy red"}


def timing_out_to(target):
    def change(state):
        state["Catch"][0]["Next"] = target

    return change


def trapped(states):
    states["Finish rollout"] = {"Type": "Pass", "Next": "Finish rollout"}


# The state that is changed, how, and the rule that it then breaks.
BREACHES = [
    ("", renamed_longer, "its name has at most 80 characters"),
    (
        "Roll back",
        lambda s: s["Branches"][0]["States"].update({"Approve red": {"Type": "Succeed"}}),
        "its name is its own in the whole machine",
    ),
    ("Red healthy?", lambda s: s["Choices"].pop(1), "it can be reached"),
    ("Watch red", put(Next="Nowhere"), "it leads to states that exist"),
    ("Watch red", without("Next"), "it leads on, or ends"),
    ("", trapped, "an end can be reached from it"),
    (
        "Deploy red",
        lambda s: s["Parameters"].update(FunctionName="arn:aws:lambda:x"),
        "it names its function by a placeholder",
    ),
    (
        "Approve red",
        lambda s: s["Parameters"]["Payload"].pop("token.$"),
        "a callback has a token in its payload",
    ),
    ("Approve red", without("TimeoutSeconds"), "a callback has a fixed TimeoutSeconds"),
    (
        "Deploy red",
        lambda s: s["Catch"].pop(0),
        "a callback looks again on States.Timeout, by a state between",
    ),
    (
        "Deploy red",
        timing_out_to("Deploy red"),
        "a callback looks again on States.Timeout, by a state between",
    ),
    (
        "Deploy red",
        timing_out_to("Roll back"),
        "a callback looks again on States.Timeout, by a state between",
    ),
    ("Deploy red", put(HeartbeatSeconds=600), "a heartbeat is shorter than the timeout"),
    (
        "Verify red",
        lambda s: s["Retry"][0]["ErrorEquals"].pop(0),
        "it retries Lambda's transient errors",
    ),
    (
        "Verify red",
        lambda s: s["Retry"].append({"ErrorEquals": ["States.ALL"]}),
        "it retries neither States.Timeout nor States.ALL",
    ),
    ("Verify red", without("Catch"), "it catches States.ALL, last and alone"),
    ("Approve red", lambda s: s["Catch"].reverse(), "it catches States.ALL, last and alone"),
    ("Roll back", without("Catch"), "it catches States.ALL, last and alone"),
    (
        "Verify red",
        lambda s: s["Catch"][0]["ErrorEquals"].append("KeyError"),
        "it catches States.ALL, last and alone",
    ),
    ("Red approved?", without("Default"), "it has a Default"),
    (
        "Red approved?",
        compared_unasked,
        "it asks whether a field is there before it compares",
    ),
    ("Expired", put(Error="OutOfDate"), "its error is one of the outcomes' errors"),
    ("Expired", put(Error="States.Expired"), "its error does not begin with States. or Lambda."),
    ("Expired", put(ErrorPath="$.error"), "its error and timeouts are fixed, not read"),
    (
        "Approve red",
        put(TimeoutSecondsPath="$.timeout"),
        "its error and timeouts are fixed, not read",
    ),
    (
        "Approve red",
        put(HeartbeatSecondsPath="$.beat"),
        "its error and timeouts are fixed, not read",
    ),
]


def test_the_committed_definition_keeps_every_rule(definition):
    validate(definition, placeholders_of(TEMPLATE))


@pytest.mark.parametrize(("name", "change", "rule"), BREACHES)
def test_a_broken_rule_is_told_with_the_state_and_the_rule(definition, name, change, rule):
    broken = copy.deepcopy(definition)
    change(broken["States"][name] if name else broken["States"])

    told = broken_rules(broken, FILLED)

    assert any(line.endswith(f": {rule}") for line in told)


def test_the_state_named_is_the_one_that_breaks_it(definition):
    broken = copy.deepcopy(definition)
    del broken["States"]["Red approved?"]["Default"]

    assert broken_rules(broken, FILLED) == ["Red approved?: it has a Default"]


def test_a_state_inside_a_branch_is_held_to_them_too(definition):
    broken = copy.deepcopy(definition)
    del broken["States"]["Roll back"]["Branches"][2]["States"]["Put green back"]["Retry"]

    told = broken_rules(broken, FILLED)

    assert told == ["Put green back: it retries Lambda's transient errors"]


def test_every_rule_has_a_definition_that_breaks_it():
    broken = {rule for _, _, rule in BREACHES}
    broken |= {rule.partition(": ")[2] for _, rule in GROUP_BREACHES}
    assert {rule.text for rule in RULES} == broken


def test_all_broken_rules_are_told_at_once(definition):
    broken = copy.deepcopy(definition)
    del broken["States"]["Red approved?"]["Default"]
    del broken["States"]["Deploy green"]["TimeoutSeconds"]

    with pytest.raises(BrokenRulesError) as told:
        validate(broken, FILLED)

    assert "Red approved?: it has a Default" in str(told.value)
    assert "Deploy green: a callback has a fixed TimeoutSeconds" in str(told.value)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (without("TimeoutSeconds"), "has a TimeoutSeconds"),
        (put(TimeoutSeconds=900), "has a TimeoutSeconds longer than that of any state"),
        (
            lambda m: m["States"]["Unverified"].update(Error="Unhealthy"),
            "every error of the outcomes is an end; not so: Unverified",
        ),
        (lambda m: m["States"]["Rollout completed"].update(Type="Fail"), "can succeed"),
    ],
)
def test_the_whole_machine_has_rules_of_its_own(definition, change, rule):
    broken = copy.deepcopy(definition)
    change(broken)

    assert f"the machine: {rule}" in broken_rules(broken, FILLED)


def test_a_placeholder_that_nobody_fills_is_told(definition):
    told = broken_rules(definition, FILLED - {"DeployColor"})

    assert told == ["the machine: every placeholder is filled by the template; not so: DeployColor"]


def test_a_function_that_the_machine_does_not_use_is_told(definition):
    told = broken_rules(definition, FILLED | {"DrainColor"})

    assert told == [
        "the machine: every placeholder that the template fills is used; not so: DrainColor"
    ]


def test_a_field_is_asked_for_before_it_is_compared_in_an_or_as_well(definition):
    absent, empty = {"Variable": "$.x", "IsPresent": False}, {"Variable": "$.x", "StringEquals": ""}
    good, bad = copy.deepcopy(definition), copy.deepcopy(definition)
    good["States"]["Red approved?"]["Choices"][0] = {"Or": [absent, empty], "Next": "Deploy red"}
    bad["States"]["Red approved?"]["Choices"][0] = {"Or": [empty, absent], "Next": "Deploy red"}

    assert broken_rules(good, FILLED) == []
    assert broken_rules(bad, FILLED) == [
        "Red approved?: it asks whether a field is there before it compares"
    ]


def test_each_failure_is_named_as_its_error(definition):
    failures = {n: s["Error"] for n, s in definition["States"].items() if s["Type"] == "Fail"}

    assert failures == {error: error for error in ERRORS.values()}


GROUP = json.loads((TEMPLATE.parent / "group.asl.json").read_text())
GROUP_FILLED = placeholders_of(TEMPLATE, "group.asl.json")


def broken_of_the_group(change):
    machine = copy.deepcopy(GROUP)
    change(machine["States"])
    return broken_rules(machine, GROUP_FILLED, GROUP_ERRORS.values())


def inside(states, how="in order"):
    return states[f"Each application {how}"]["Iterator"]["States"]


GROUP_BREACHES = [
    (
        lambda s: inside(s)["Roll out in order"].pop("TimeoutSeconds"),
        "Roll out in order: it waits for what it starts, with a fixed TimeoutSeconds",
    ),
    (
        lambda s: inside(s)["Roll out in order"].update(
            Resource="arn:aws:states:::states:startExecution"
        ),
        "Roll out in order: it waits for what it starts, with a fixed TimeoutSeconds",
    ),
    (
        lambda s: inside(s)["Roll out in order"]["Parameters"].pop("Name.$"),
        "Roll out in order: it starts by a name that is given, so that two starts are one",
    ),
    (
        lambda s: s["Each application side by side"].update(MaxConcurrency=0),
        "Each application side by side: it has a MaxConcurrency, of at most 40",
    ),
    (
        lambda s: s["Each application in order"].update(ItemsPath="$.colors"),
        "Each application in order: it is no Map over colors",
    ),
    (
        lambda s: inside(s)["Settle in order"].pop("Catch"),
        "Each application in order: no error leaves what it runs, for that would end the others",
    ),
]


def test_the_groups_machine_keeps_every_rule():
    assert broken_of_the_group(lambda _: None) == []
    assert {"RolloutMachine", "PrepareGroup"} <= GROUP_FILLED


@pytest.mark.parametrize(("change", "rule"), GROUP_BREACHES)
def test_a_group_that_could_hang_start_twice_or_end_others_is_refused(change, rule):
    assert rule in broken_of_the_group(change)
