import pytest

from handlers.domain.admission.grant_check import iam_of, roles_of, ungranted
from handlers.domain.config.default_checks import LOG_EFFECT
from handlers.domain.config.grants import Grants
from handlers.domain.model.verification_settings import LogCheck
from tests.support.builders import (
    a_task_definition,
    a_verification,
    an_application,
    execution,
)

IAM = "arn:aws:iam::123456789012:role/"
GRANTS = Grants(
    task_roles=frozenset({f"{IAM}shop", f"{IAM}pull"}), log_groups=frozenset({"/ecs/shop"})
)
ERRORS = {"errors": LogCheck(name="errors", pattern="ERROR", effect=LOG_EFFECT)}


def definition(number=41, group="/ecs/shop", **given):
    log = {"logDriver": "awslogs", "options": {"awslogs-group": group}}
    containers = [{"name": "app", "image": "api:v1", "logConfiguration": log}]
    return a_task_definition(number, containerDefinitions=containers, **given)


def problems(*definitions, logs=None):
    application = an_application(verification=a_verification(logs=logs or {}))
    return ungranted(definitions, application, GRANTS, IAM)


def test_what_the_deployment_allows_is_no_problem():
    allowed = definition(taskRoleArn=f"{IAM}shop", executionRoleArn=f"{IAM}pull")

    assert problems(allowed, definition(), logs=ERRORS) == []


def test_a_role_may_be_given_by_its_name():
    assert problems(definition(taskRoleArn="shop")) == []
    assert roles_of(definition(taskRoleArn="shop"), IAM) == {"task role": f"{IAM}shop"}


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"taskRoleArn": f"{IAM}shop-v2"}, f"task role {IAM}shop-v2"),
        ({"taskRoleArn": f"{IAM}team/shop"}, f"task role {IAM}team/shop"),
        ({"executionRoleArn": "pull2"}, f"execution role {IAM}pull2"),
    ],
)
def test_a_role_that_may_not_be_passed_is_named_with_its_revision(given, what):
    assert problems(definition(**given)) == [f"api:41 has the {what}, which Shingo may not pass"]


def test_a_log_group_that_may_not_be_read_is_named_where_lines_are_looked_for_in_it():
    moved = definition(group="/ecs/shop/v2")

    assert problems(moved, logs=ERRORS) == [
        "api:41 logs to /ecs/shop/v2, which Shingo may not read"
    ]
    assert problems(moved) == []


def test_every_revision_is_looked_at_and_each_problem_named_once():
    other = definition(42, taskRoleArn=f"{IAM}other")

    assert problems(definition(), other, other) == [
        f"api:42 has the task role {IAM}other, which Shingo may not pass"
    ]


def test_the_account_is_that_of_the_execution():
    assert iam_of(execution("api-1")) == IAM
    assert iam_of("arn:aws-cn:states:cn-north-1:1:execution:a:b") == "arn:aws-cn:iam::1:role/"
