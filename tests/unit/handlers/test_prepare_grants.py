"""Preparing looks whether the deployment allows what will be registered, before anybody is asked."""

import pytest

from handlers.domain.config.default_checks import LOG_EFFECT
from handlers.domain.config.grants import Grants
from handlers.domain.deployments.revision import NOT_READ
from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.verification_settings import LogCheck
from tests.support.builders import (
    NEW,
    OLD,
    OTHER,
    a_deployment,
    a_task_definition,
    a_verification,
    an_application,
    revision,
)
from tests.support.own_definitions import have_own_definitions, own_container, own_definition
from tests.support.preparing import TAG, have_service, prepared

IAM = "arn:aws:iam::123456789012:role/"
NAMED = {"application": "api", "taskDefinition": "api:42", "requestedBy": "U0CAROL"}


@pytest.fixture(autouse=True)
def granted(preparing):
    preparing.grants = Grants(task_roles=frozenset({f"{IAM}api"}), log_groups=frozenset())
    preparing.ecs.revisions[OLD] = a_task_definition(41, taskRoleArn=f"{IAM}api")


def refused(preparing, document=TAG):
    answer = prepared(document)
    assert answer["outcome"] == RolloutOutcome.NOT_DEPLOYABLE
    assert preparing.ecs.registered == []
    assert preparing.ecs.updates == []
    return answer["cause"]


def test_a_role_that_is_passed_is_no_obstacle(preparing):
    assert prepared()["outcome"] == "ready"


def test_a_role_that_changed_since_the_deployment_is_named_with_what_mends_it(preparing):
    preparing.ecs.revisions[OLD] = a_task_definition(41, taskRoleArn=f"{IAM}api-v2")

    assert refused(preparing) == (
        f"api:41 has the task role {IAM}api-v2, which Shingo may not pass. "
        "`make deploy` allows what the services name now, and the newest revision of each family."
    )


def test_the_role_of_a_revision_that_somebody_names_is_looked_at(preparing):
    preparing.ecs.revisions[NEW] = a_task_definition(42, executionRoleArn=f"{IAM}pull")

    assert f"api:42 has the execution role {IAM}pull" in refused(preparing, NAMED)


def test_the_way_back_of_every_color_must_be_allowed(preparing):
    preparing.ecs.revisions[revision(40)] = a_task_definition(40, taskRoleArn=f"{IAM}old")
    have_service(preparing, a_deployment(task_definition=revision(40)), color="red")

    assert f"api:40 has the task role {IAM}old" in refused(preparing)


def test_every_revision_that_somebody_names_for_a_color_is_looked_at(preparing):
    preparing.ecs.revisions[NEW] = a_task_definition(42, taskRoleArn=f"{IAM}api")
    preparing.ecs.revisions[OTHER] = a_task_definition(99, taskRoleArn=f"{IAM}green")
    each = {"red": "api:42", "yellow": "api:42", "green": "api:99"}
    document = {"application": "api", "taskDefinitions": each, "requestedBy": "U0CAROL"}

    assert f"api:99 has the task role {IAM}green" in refused(preparing, document)


def test_the_log_group_of_a_container_named_after_its_service_is_looked_at(preparing):
    logs = {"errors": LogCheck(name="errors", pattern="?ERROR", effect=LOG_EFFECT)}
    preparing.apps["api"] = an_application(verification=a_verification(logs=logs))
    each = {
        color: own_definition(
            color, containerDefinitions=[own_container(color, name=f"api-{color}")]
        )
        for color in COLORS
    }
    have_own_definitions(preparing, **each)
    preparing.grants = Grants(
        task_roles=frozenset(f"{IAM}api-{color}" for color in COLORS),
        log_groups=frozenset({"/ecs/api-red", "/ecs/api-green"}),
    )

    said = refused(preparing)

    assert "api-yellow:5" in said
    assert "/ecs/api-yellow" in said
    assert "api-red" not in said


def test_a_field_that_one_color_alone_would_lose_is_named(preparing):
    preparing.ecs.revisions[revision(40)] = preparing.ecs.revisions[OLD] | {
        "taskDefinitionArn": revision(40),
        NOT_READ: ["futureField"],
    }
    have_service(preparing, a_deployment(task_definition=revision(40)), color="red")

    assert "would be without them: futureField" in refused(preparing)


def test_no_reason_lets_it_start_all_the_same(preparing):
    preparing.ecs.revisions[OLD] = a_task_definition(41, taskRoleArn=f"{IAM}api-v2")

    assert "api-v2" in refused(preparing, TAG | {"despite": "it burns"})


def test_where_nobody_wrote_what_is_allowed_nothing_is_refused_for_it(preparing):
    preparing.grants = None
    preparing.ecs.revisions[OLD] = a_task_definition(41, taskRoleArn=f"{IAM}api-v2")

    assert prepared()["outcome"] == "ready"


def test_fields_that_would_be_lost_are_named_before_anybody_is_asked(preparing):
    lost = ["volumes[data].s3filesVolumeConfiguration"]
    preparing.ecs.revisions[OLD] |= {NOT_READ: lost}

    assert "without them: volumes[data].s3filesVolumeConfiguration" in refused(preparing)


def test_an_existing_revision_is_released_whatever_could_not_be_read_of_it(preparing):
    preparing.ecs.revisions[NEW] = a_task_definition(42, **{NOT_READ: ["futureField"]})

    assert prepared(NAMED)["outcome"] == "ready"
