from fnmatch import fnmatchcase

import pytest

from handlers.domain.config.applications import load_applications
from operations.artifacts import (
    MAX_PARAMETER,
    PASSING,
    TEMPLATE,
    DeploymentTarget,
    arn_parameters,
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
