import json
import re
from fnmatch import fnmatchcase

import pytest
from samtranslator.yaml_helper import yaml_parse

from handlers.domain.config.applications import load_applications
from handlers.domain.config.clusters import load_clusters
from operations.artifacts import (
    DEFINITION,
    GROUP_DEFINITION,
    MAX_PARAMETER,
    PASSING,
    TEMPLATE,
    DeploymentTarget,
    arn_parameters,
    cluster_parameters,
    definition_in,
    packaged,
)

PLACE = DeploymentTarget(region="ap-northeast-1", account="123456789012")


def parameters(count):
    names = [f"application-{number:04}" for number in range(count)]
    applications = load_applications({name: {"cluster": "recipes"} for name in names})
    roles = [PLACE.arn("iam", f"role/{name}") for name in names]
    return arn_parameters(applications.values(), PLACE, roles, [f"/ecs/{name}" for name in names])


def test_a_few_are_named_each_for_itself():
    said = parameters(2)

    assert said["RepositoryArns"] == ",".join(
        PLACE.arn("ecr", f"repository/application-000{number}") for number in range(2)
    )
    assert not [name for name, value in said.items() if "application" in value and "0*" in value]


@pytest.mark.parametrize("count", [30, 200, 3000])
def test_however_many_there_are_the_parameters_fit_and_cover_all_of_them(count):
    said, each = parameters(count), (f"application-{number:04}" for number in range(count))

    assert [name for name, value in said.items() if len(value) > MAX_PARAMETER] == []
    for name in each:
        for parameter, arn in (
            ("ServiceArns", PLACE.arn("ecs", f"service/recipes/{name}-yellow")),
            ("RepositoryArns", PLACE.arn("ecr", f"repository/{name}")),
            ("LogGroupArns", PLACE.arn("logs", f"log-group:/ecs/{name}:*")),
        ):
            patterns = said[parameter].split(",")
            assert any(fnmatchcase(arn, pattern) for pattern in patterns), (parameter, arn)


def test_what_stands_for_many_names_no_more_than_their_beginnings():
    said = parameters(200)

    for parameter in ("ServiceArns", "RepositoryArns"):
        assert all("application-0" in each for each in said[parameter].split(","))


@pytest.mark.parametrize("group", ["app-{}", "/ecs/app-{}", "a/b/c-{}"])
def test_log_groups_of_every_name_are_shortened_within_their_account(group):
    groups = [group.format(number) for number in range(1000)]

    said = arn_parameters([], PLACE, [], groups)["LogGroupArns"]

    assert len(said) <= MAX_PARAMETER
    for arn in said.split(","):
        assert arn.startswith(PLACE.arn("logs", "log-group:"))
        assert arn.endswith(":*")
    assert all(
        any(fnmatchcase(PLACE.arn("logs", f"log-group:{name}:*"), arn) for arn in said.split(","))
        for name in groups
    )


@pytest.mark.parametrize("count", [0, 1, 60, 300, 1000])
def test_every_role_is_named_for_itself_and_no_other_is_passed(count):
    roles = [PLACE.arn("iam", f"role/application-{number:04}") for number in range(count)]
    said = arn_parameters([], PLACE, roles, [])["TaskRoleArns"].split(",")
    document = packaged(TEMPLATE, code="s3://", definitions={}, roles=[*roles, *roles])
    added = {
        name: resource["Properties"]["PolicyDocument"]["Statement"]
        for name, resource in document["Resources"].items()
        if name.startswith(PASSING) and name != PASSING
    }

    more = [arn for (statement,) in added.values() for arn in statement["Resource"]]
    assert [*said, *more] == (roles or [PLACE.arn("iam", "role/shingo-passes-no-role")])
    assert all(s["Condition"]["StringEquals"] for (s,) in added.values())
    for name in ("DeployColor", "RollBackColor"):
        policies = document["Resources"][name]["Properties"]["Policies"]
        assert all({"Ref": each} in policies for each in (PASSING, *added))


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
@pytest.mark.parametrize("path", [DEFINITION, GROUP_DEFINITION], ids=["rollout", "group"])
def test_a_machine_calls_nothing_of_another_partition(partition, path):
    text = definition_in(partition, path).decode()

    assert set(re.findall(r"arn:([a-z-]+):", text)) == {partition}
    assert text.replace(f"arn:{partition}:", "arn:aws:") == path.read_text()


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_what_the_policies_name_is_of_the_deployments_partition(partition):
    target = DeploymentTarget(region="cn-north-1", account="123456789012", partition=partition)
    applications = load_applications({"api": {"cluster": "recipes"}})
    clusters = load_clusters(
        {"recipes": {"spot": {"on_demand": "a", "group": "b", "most": 3}}, "news": {}}
    )

    said = arn_parameters(applications.values(), target, [], ["/ecs/api"])
    said |= cluster_parameters(clusters.values(), target)

    arns = [arn for listed in said.values() for arn in listed.split(",")]
    assert {arn.split(":")[1] for arn in arns} == {partition}


def test_the_template_names_no_partition():
    document = yaml_parse(TEMPLATE.read_text())
    parameters = document.pop("Parameters")

    assert "arn:aws" not in json.dumps(document)
    hosts = set(re.findall(r"[\w.-]*amazonaws\.com[\w.]*", json.dumps(document)))
    # The principals of services end so in every partition.
    services = ("apigateway", "ecs-tasks", "events")
    assert hosts == {f"{service}.amazonaws.com" for service in services}
    assert not [name for name, each in parameters.items() if "arn:" in str(each.get("Default"))]
