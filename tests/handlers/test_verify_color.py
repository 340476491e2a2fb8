"""Verifying: one look, its verdict, and what is recorded and told of it."""

import pytest

from handlers.domain.rollout import Stage
from handlers.verify_color import lambda_handler
from tests.builders import (
    GROUP,
    NOW,
    OTHER,
    a_color,
    a_deployment,
    a_rollout,
    a_service,
    a_target,
    a_task,
    after,
)
from tests.fake_ecs import FakeEcs
from tests.fakes import FakeBalancers


def verify():
    return lambda_handler({"rollout": "api-v1.42.0-1", "color": "red"}, None)


def red(outside):
    return outside.rollout.colors["red"]


@pytest.fixture
def outside(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    verifying = a_color(
        "red",
        stage=Stage.VERIFYING,
        changed=True,
        deployment="ecs-svc/ours",
        outcome="completed",
        times={Stage.VERIFYING: NOW},
    )
    outside.rollouts.create(a_rollout(verifying))
    outside.ecs = FakeEcs(a_service(a_deployment()))
    outside.ecs.running["api-red"] = [
        a_task("task-1", endpoints=("i-0a:32768",)),
        a_task("task-2", endpoints=("i-0b:32768",)),
    ]
    healthy = [a_target("i-0a:32768"), a_target("i-0b:32768")]
    outside.balancers = FakeBalancers(**{GROUP: healthy})
    return outside


def one_target_is(outside, state, reason=""):
    outside.balancers.groups[GROUP] = [
        a_target("i-0a:32768"),
        a_target("i-0b:32768", state, reason),
    ]


def test_a_healthy_color_is_released(outside):
    assert verify() == {"verdict": "healthy"}
    assert red(outside).stage is Stage.RELEASED
    assert outside.slack.said(in_thread=True) == [
        "red is healthy: 2 of 2 tasks run, 2 targets healthy."
    ]


def test_one_look_asks_ecs_twice(outside):
    verify()

    assert outside.ecs.calls == ["DescribeServices", "ListTasks"]


def test_a_target_that_is_still_starting_is_watched(outside):
    one_target_is(outside, "initial")

    assert verify() == {"verdict": "watching"}
    assert red(outside).stage is Stage.VERIFYING
    assert "1 of 2 targets are not healthy: initial." in str(outside.slack.boards())
    assert outside.slack.said(in_thread=True) == []


def test_a_target_that_stays_unhealthy_fails_the_color(outside):
    one_target_is(outside, "unhealthy", "Health checks failed with these codes: [502]")
    outside.time = after(minutes=5)

    assert verify() == {"verdict": "unhealthy"}
    assert (red(outside).stage, red(outside).outcome) == (Stage.FAILED, "unhealthy")
    assert "[502]" in red(outside).failure
    assert "[502]" in outside.slack.said(in_thread=True)[0]


def test_what_could_not_be_measured_does_not_pass(outside):
    outside.balancers.groups.clear()
    outside.time = after(minutes=5)

    assert verify() == {"verdict": "no_data"}
    assert (red(outside).stage, red(outside).outcome) == (Stage.FAILED, "unverified")


def test_what_was_watched_may_still_become_healthy(outside):
    one_target_is(outside, "initial")
    verify()
    one_target_is(outside, "healthy")
    outside.time = after(minutes=1)

    assert verify() == {"verdict": "healthy"}
    assert red(outside).stage is Stage.RELEASED


def test_a_color_that_someone_deployed_since_fails_at_once(outside):
    outside.ecs.overtake("api-red", OTHER)

    assert verify() == {"verdict": "unhealthy"}
    assert red(outside).failure == "Someone changed it: it runs api:99."


@pytest.mark.parametrize("how", ["gone", "being deleted"])
def test_a_service_that_is_gone_is_unhealthy_and_no_fault(outside, how):
    def refuse(*_, **__):
        raise AssertionError("ListTasks refuses a service that is not active")

    outside.ecs.known.clear()
    if how == "being deleted":
        outside.ecs.known["api-red"] = a_service(active=False)
    outside.ecs.tasks = refuse

    assert verify() == {"verdict": "unhealthy"}
    assert red(outside).failure == "The service does not exist any more."


def test_verifying_twice_is_verifying_once(outside):
    verify()
    once = outside.rollout
    outside.time = after(seconds=2)

    assert verify() == {"verdict": "healthy"}
    assert outside.rollout == once


def test_verdicts_are_counted(outside, metrics):
    verify()

    (counted,) = metrics("Verdicts")
    assert (counted["verdict"], counted["color"], counted["application"]) == (
        "healthy",
        "red",
        "api",
    )
