"""Two stacks side by side in one account and region: nothing that both make has one name."""

from samtranslator.yaml_helper import yaml_parse

from operations.artifacts import TEMPLATE
from operations.slack_secrets import secret_names

NAMES_WITHIN = {"AttributeName", "FunctionName", "IndexName", "MetricName", "StageName"}
"""Names that are unique within their own resource, or that refer to one of the stack."""


def resolved(value, stack):
    if isinstance(value, dict):
        if set(value) == {"Ref"} and value["Ref"] == "AWS::StackName":
            return stack
        if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
            return value["Fn::Sub"].replace("${AWS::StackName}", stack)
        return {key: resolved(each, stack) for key, each in value.items()}
    return [resolved(each, stack) for each in value] if isinstance(value, list) else value


def names(value):
    """Yield every name that a resource is given, wherever it stands."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "Dimensions":
                continue
            if key.endswith("Name") and isinstance(each, str) and key not in NAMES_WITHIN:
                yield each
            yield from names(each)
    elif isinstance(value, list):
        for each in value:
            yield from names(each)


def of(stack):
    template = resolved(yaml_parse(TEMPLATE.read_text()), stack)
    return set(names(template["Resources"])), template


def test_no_name_of_one_stack_is_a_name_of_the_other():
    (ours, _), (theirs, _) = of("shingo"), of("staging")

    assert len(ours) == len(theirs) >= 6
    assert not ours & theirs


def test_nothing_is_exported_which_must_be_unique_in_a_region():
    _, template = of("shingo")

    assert not [name for name, output in template["Outputs"].items() if "Export" in output]


def test_their_metrics_and_secrets_are_told_apart():
    variables = [of(stack)[1]["Globals"]["Function"]["Environment"]["Variables"] for stack in "ab"]

    assert [each["POWERTOOLS_SERVICE_NAME"] for each in variables] == ["a", "b"]
    assert not set(secret_names("a").values()) & set(secret_names("b").values())


def test_an_alarm_watches_the_metrics_of_its_own_stack():
    resources = of("staging")[1]["Resources"].values()
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]

    assert alarms
    for alarm in alarms:
        assert {"Name": "service", "Value": "staging"} in alarm["Dimensions"]


def test_the_templates_own_secrets_are_those_of_the_stack_that_is_named_by_default():
    parameters = yaml_parse(TEMPLATE.read_text())["Parameters"]

    assert {name: parameters[name]["Default"] for name in secret_names("")} == secret_names(
        "shingo"
    )
