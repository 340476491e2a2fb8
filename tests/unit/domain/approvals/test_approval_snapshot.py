"""What people were shown, and whether it still holds when they answer."""

import pytest

from handlers.domain.approvals.approval_snapshot import ColorSnapshot, snapshot_differences
from handlers.services.snapshot import take_snapshot
from tests.support.builders import (
    GROUP,
    NEW,
    OLD,
    OTHER,
    a_deployment,
    a_released_color,
    a_rollout,
    a_service,
    a_target,
    a_task,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers


@pytest.fixture
def ecs():
    """Have red on the release and healthy, yellow and green at rest on the old revision."""
    red = a_service(a_deployment(id="ecs-svc/red", task_definition=NEW))
    before = a_deployment(id="ecs-svc/before", task_definition=OLD)
    ecs = FakeEcs(red, a_service(before, color="yellow"), a_service(before, color="green"))
    ecs.running["api-red"] = [
        a_task("task-1", endpoints=("i-0a:32768",)),
        a_task("task-2", endpoints=("i-0b:32768",)),
    ]
    return ecs


@pytest.fixture
def balancers():
    return FakeBalancers(**{GROUP: [a_target("i-0a:32768"), a_target("i-0b:32768")]})


ROLLOUT = a_rollout(a_released_color("red"))


def test_every_color_is_shown_and_the_released_ones_with_their_health(ecs, balancers):
    shown = take_snapshot(ROLLOUT, ecs, balancers)

    assert shown["red"] == ColorSnapshot(
        deployment="ecs-svc/red",
        runs=NEW,
        verdict="healthy",
        detail="2 of 2 tasks run, 2 targets healthy.",
    )
    assert shown["yellow"] == shown["green"] == ColorSnapshot(deployment="ecs-svc/before", runs=OLD)


def test_what_still_holds_is_no_difference(ecs, balancers):
    shown = take_snapshot(ROLLOUT, ecs, balancers)

    assert snapshot_differences(shown, take_snapshot(ROLLOUT, ecs, balancers)) == []


def test_a_color_that_someone_deployed_since_is_a_difference(ecs, balancers):
    shown = take_snapshot(ROLLOUT, ecs, balancers)
    ecs.overtake("api-green", OTHER)

    assert snapshot_differences(shown, take_snapshot(ROLLOUT, ecs, balancers)) == [
        "Someone changed green: it runs api:99 now."
    ]


def test_a_released_color_that_is_healthy_no_more_is_a_difference(ecs, balancers):
    shown = take_snapshot(ROLLOUT, ecs, balancers)
    balancers.groups[GROUP][1] = a_target("i-0b:32768", "unhealthy", "502s")

    assert snapshot_differences(shown, take_snapshot(ROLLOUT, ecs, balancers)) == [
        "red was healthy and is unhealthy now: 1 of 2 targets are not healthy: unhealthy (502s)."
    ]


def test_a_color_whose_service_is_gone_is_a_difference(ecs, balancers):
    shown = take_snapshot(ROLLOUT, ecs, balancers)
    del ecs.known["api-yellow"]

    assert snapshot_differences(shown, take_snapshot(ROLLOUT, ecs, balancers)) == [
        "yellow's service does not exist any more."
    ]


def test_a_service_that_is_being_deleted_can_be_looked_at(ecs, balancers):
    def refuse(*_, **__):
        raise AssertionError("ListTasks refuses a service that is not active")

    ecs.known["api-red"] = a_service(active=False)
    ecs.tasks = refuse

    assert take_snapshot(ROLLOUT, ecs, balancers)["red"].verdict == "unhealthy"


def test_a_color_that_was_unhealthy_when_it_was_shown_is_no_difference_while_it_stays(
    ecs, balancers
):
    balancers.groups[GROUP][1] = a_target("i-0b:32768", "unhealthy", "502s")
    shown = take_snapshot(ROLLOUT, ecs, balancers)

    assert snapshot_differences(shown, take_snapshot(ROLLOUT, ecs, balancers)) == []
