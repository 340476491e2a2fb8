from fnmatch import fnmatchcase

import pytest

from handlers.domain.config.applications import load_applications
from operations.artifacts import MAX_PARAMETER, DeploymentTarget, arn_parameters

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
            ("TaskRoleArns", PLACE.arn("iam", f"role/{name}")),
            ("LogGroupArns", PLACE.arn("logs", f"log-group:/ecs/{name}:*")),
        ):
            patterns = said[parameter].split(",")
            assert any(fnmatchcase(arn, pattern) for pattern in patterns), (parameter, arn)


def test_what_stands_for_many_names_no_more_than_their_beginnings():
    said = parameters(200)

    for parameter in ("ServiceArns", "RepositoryArns", "TaskRoleArns"):
        assert all("application-0" in each for each in said[parameter].split(","))
