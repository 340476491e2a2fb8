"""What follows for a color's deployment from the record and from what ECS says."""

from datetime import timedelta

import pytest

from handlers.domain.deployments.color_deployment import (
    ColorDeployment,
    end_changes,
    has_ended,
    start_obstacle,
)
from handlers.domain.deployments.deployment_outcome import DeploymentEnd
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import Stage
from tests.support.builders import (
    NEW,
    OLD,
    OTHER,
    a_color,
    a_deploying_color,
    a_deployment,
    a_returning_color,
    a_rollout,
    a_service,
    after,
)


def deployment(red, *, returning=False, **rollout):
    return ColorDeployment(
        rollout=a_rollout(red, **rollout),
        color="red",
        returning=returning,
        allowed=timedelta(minutes=30),
    )


def test_a_color_goes_to_the_release_or_back_to_what_it_ran():
    assert deployment(a_color()).revision == NEW
    assert deployment(a_color(), returning=True).revision == OLD


def test_it_must_have_completed_within_what_is_allowed_since_it_was_started():
    assert deployment(a_deploying_color()).deadline == after(minutes=30)


def test_an_intention_is_no_start():
    intended = deployment(a_deploying_color(deployment=""))

    assert (intended.is_intended, intended.is_started) == (True, False)
    assert deployment(a_deploying_color()).is_started


def test_only_a_deployment_that_was_replaced_needs_ecs_history():
    ours = deployment(a_deploying_color())

    assert ours.history_since(a_service()) is None
    assert ours.history_since(None) is None
    assert ours.history_since(a_service(a_deployment(id="ecs-svc/theirs"))) == after(seconds=-1)


@pytest.mark.parametrize(
    ("service", "outcome"),
    [
        (None, "failed"),
        (a_service(active=False), "failed"),
        (a_service(a_deployment(task_definition=OTHER)), "superseded"),
        (a_service(a_deployment(task_definition=OLD), desired=0), "scaled_to_zero"),
    ],
)
def test_what_stands_in_the_way_of_a_release_is_named(service, outcome):
    assert start_obstacle(deployment(a_color()), service).outcome == outcome


def test_nothing_but_a_missing_service_or_a_bad_revision_stands_in_the_way_back():
    changed = a_service(a_deployment(task_definition=OTHER), desired=0)

    assert start_obstacle(deployment(a_returning_color(), returning=True), changed) is None
    bad = start_obstacle(deployment(a_returning_color(), returning=True, known_bad=(OLD,)), changed)
    assert (bad.outcome, bad.detail) == (
        DeploymentOutcome.UNHEALTHY,
        "api:41 was found unhealthy by an earlier rollout.",
    )


@pytest.mark.parametrize(
    ("outcome", "returning", "stage"),
    [
        (DeploymentOutcome.COMPLETED, False, Stage.VERIFYING),
        (DeploymentOutcome.ROLLED_BACK, False, Stage.FAILED),
        (DeploymentOutcome.COMPLETED, True, Stage.PUT_BACK),
        (DeploymentOutcome.FAILED, True, Stage.STRANDED),
    ],
)
def test_an_end_says_where_the_color_is(outcome, returning, stage):
    end = DeploymentEnd(outcome=outcome, detail="Why.")

    changes = end_changes(deployment(a_color(), returning=returning), end)

    assert changes["stage"] is stage
    assert ("outcome" in changes) is not returning


def test_the_end_of_the_release_is_not_the_end_of_the_way_back():
    going_back = a_returning_color()

    assert has_ended(going_back, returning=False)
    assert not has_ended(going_back, returning=True)
