"""Verifying: one look, its verdict, and what is recorded and told of it."""

from dataclasses import replace

import pytest

from handlers.domain.model.errors import Transient
from handlers.domain.model.rollout import Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.services import verification
from handlers.verify_color import lambda_handler
from tests.support.builders import (
    GROUP,
    NOW,
    OTHER,
    a_color,
    a_deployment,
    a_released_color,
    a_rollout,
    a_service,
    a_target,
    a_task,
    after,
    an_evidence,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers
from tests.support.records import change

AFTER_THE_BAKE = after(minutes=10)
WATCHED = {"verdict": "watching", "reaction": Reaction.LOOK_AGAIN}
RELEASED = {"verdict": "healthy", "reaction": Reaction.GO_ON}
CONDEMNED = {"verdict": "unhealthy", "reaction": Reaction.ROLL_BACK}


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


def test_a_healthy_color_is_watched_for_its_bake_and_then_released(outside):
    assert verify() == WATCHED
    assert red(outside).stage is Stage.VERIFYING
    outside.time = AFTER_THE_BAKE

    assert verify() == RELEASED
    assert red(outside).stage is Stage.RELEASED
    (said,) = outside.slack.said(in_thread=True)
    assert "2 of 2 tasks run, 2 targets healthy." in said


def test_what_was_seen_is_on_the_record(outside):
    verify()
    outside.time = AFTER_THE_BAKE
    verify()

    evidence = red(outside).evidence
    assert (evidence.looks, evidence.since, evidence.at) == (2, NOW, AFTER_THE_BAKE)
    assert [(each.check, each.verdict) for each in evidence.results] == [
        ("tasks", "healthy"),
        ("restarts", "healthy"),
    ]


def test_one_look_asks_ecs_three_times(outside):
    verify()

    assert outside.ecs.calls == ["DescribeServices", "ListTasks", "ListTasks"]


def test_a_target_that_is_still_starting_is_watched(outside):
    one_target_is(outside, "initial")

    assert verify() == WATCHED
    assert red(outside).stage is Stage.VERIFYING
    assert "2 of 2 tasks run, 1 of them only starting." in str(outside.slack.boards())
    assert outside.slack.said(in_thread=True) == []


def test_a_target_that_stays_unhealthy_fails_the_color(outside):
    one_target_is(outside, "unhealthy", "Health checks failed with these codes: [502]")
    outside.time = after(minutes=5)

    assert verify() == CONDEMNED
    assert (red(outside).stage, red(outside).outcome) == (Stage.FAILED, "unhealthy")
    assert "[502]" in red(outside).failure
    assert "[502]" in outside.slack.said(in_thread=True)[0]


def test_what_could_not_be_measured_is_asked_about_when_the_bake_is_at_its_longest(outside):
    outside.balancers.groups.clear()
    outside.time = AFTER_THE_BAKE
    assert verify() == WATCHED
    outside.time = after(minutes=20)

    assert verify() == {"verdict": "no_data", "reaction": Reaction.ASK}
    assert (red(outside).stage, red(outside).outcome) == (Stage.UNCLEAR, "completed")


def test_ecs_that_does_not_answer_is_asked_about_and_never_passes(outside):
    def fail(*_, **__):
        raise Transient("list tasks: ThrottlingException")

    outside.ecs.tasks = fail
    outside.time = after(minutes=20)

    assert verify() == {"verdict": "error", "reaction": Reaction.ASK}
    assert "ThrottlingException" in red(outside).detail


def test_one_task_that_failed_is_asked_about_and_two_condemn(outside):
    failed = a_task(
        "task-0",
        status="STOPPED",
        stopped_reason="OutOfMemoryError",
        stop_code="EssentialContainerExited",
        stopped_at=after(minutes=2),
    )
    outside.ecs.stopped["api-red"] = [failed]
    outside.time = after(minutes=20)
    assert verify()["reaction"] == Reaction.ASK

    outside.ecs.stopped["api-red"] = [failed, replace(failed, id="task-9")]
    change(outside.rollouts, outside.rollout.id, **{"colors.red.stage": Stage.VERIFYING})

    assert verify() == CONDEMNED
    assert "OutOfMemoryError" in red(outside).failure


def test_what_was_watched_may_still_become_healthy(outside):
    one_target_is(outside, "initial")
    verify()
    one_target_is(outside, "healthy")
    outside.time = AFTER_THE_BAKE

    assert verify() == RELEASED
    assert red(outside).stage is Stage.RELEASED


def test_a_color_that_someone_deployed_since_fails_at_once(outside):
    outside.ecs.overtake("api-red", OTHER)

    assert verify() == CONDEMNED
    assert red(outside).failure == "tasks: Someone changed it: it runs api:99."


@pytest.mark.parametrize("how", ["gone", "being deleted"])
def test_a_service_that_is_gone_is_unhealthy_and_no_fault(outside, how):
    def refuse(*_, **__):
        raise AssertionError("ListTasks refuses a service that is not active")

    outside.ecs.known.clear()
    if how == "being deleted":
        outside.ecs.known["api-red"] = a_service(active=False)
    outside.ecs.tasks = refuse

    assert verify() == CONDEMNED
    assert red(outside).failure == "tasks: The service does not exist any more."


def test_verifying_twice_is_verifying_once(outside):
    outside.time = AFTER_THE_BAKE
    verify()
    once = outside.rollout
    outside.time = after(minutes=11)

    assert verify() == RELEASED
    assert outside.rollout == once


@pytest.fixture
def overtaken(outside, monkeypatch):
    """Have something else happen to red while it is being looked at."""

    def meanwhile(**changes):
        observe = verification.observe

        def slowly(*given):
            evidence = observe(*given)
            outside.rollouts.change_color("api-v1.42.0-1", "red", now=NOW, **changes)
            return evidence

        monkeypatch.setattr(verification, "observe", slowly)
        return outside

    return meanwhile


def test_a_slow_look_takes_nothing_back_that_a_faster_one_has_said(overtaken):
    said = an_evidence(reaction=Reaction.GO_ON)
    outside = overtaken(stage=Stage.RELEASED, evidence=said)

    assert verify() == {"verdict": said.verdict, "reaction": Reaction.GO_ON}
    assert (red(outside).stage, red(outside).evidence) == (Stage.RELEASED, said)
    assert outside.audit.details() == []


def test_a_color_is_not_let_through_once_another_has_turned_bad(outside):
    bad = a_released_color("green", stage=Stage.FAILED, outcome="unhealthy")
    change(outside.rollouts, "api-v1.42.0-1", colors=outside.rollout.colors | {"green": bad})
    outside.time = AFTER_THE_BAKE

    assert verify()["reaction"] == Reaction.ROLL_BACK


def test_a_slow_look_leaves_a_color_that_goes_back_by_now(overtaken):
    outside = overtaken(stage=Stage.GOING_BACK)
    outside.time = AFTER_THE_BAKE

    assert verify()["reaction"] == Reaction.LOOK_AGAIN
    assert red(outside).stage is Stage.GOING_BACK


def test_verdicts_are_counted(outside, metrics):
    outside.time = AFTER_THE_BAKE
    verify()

    (counted,) = metrics("Verdicts")
    assert (counted["verdict"], counted["color"], counted["application"]) == (
        "healthy",
        "red",
        "api",
    )
