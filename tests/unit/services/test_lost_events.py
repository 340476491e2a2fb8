"""The events that no function took: the sweep follows the pushes among them, and takes the rest."""

from datetime import datetime, timedelta

import pytest

from handlers import follow_push, sweep_rollouts
from handlers.domain.config.image_rules import ImageRules
from handlers.domain.model.errors import Transient
from handlers.domain.model.rollout import Release
from handlers.services.lost_events import OLD
from simulator.example_release import image
from simulator.recorded_events import recorded
from tests.support.builders import a_released_color, a_rollout, an_application, an_ended_rollout

PUSHED = recorded("ecr_image_pushed")
AT = datetime.fromisoformat(PUSHED["time"])


@pytest.fixture
def pushed(preparing):
    """Have an application that a push starts, two hours after one that nobody heard of."""
    preparing.apps = {"api": an_application(images=ImageRules(starts_on_push=("v*",)))}
    preparing.time = AT + timedelta(hours=2)
    return preparing


def sweep():
    sweep_rollouts.lambda_handler({"source": "aws.events"}, None)


def test_a_push_that_no_function_took_starts_its_rollout_all_the_same(pushed):
    pushed.lost_events.put(PUSHED, "RetriesExhausted")

    sweep()

    (started,) = pushed.executions.started.values()
    assert (started["application"], started["tag"]) == ("api", "v1.42.0")
    assert pushed.lost_events.kept == {}


def test_a_push_that_was_followed_after_all_starts_no_second_rollout(pushed):
    follow_push.lambda_handler(PUSHED, None)
    pushed.lost_events.put(PUSHED, "RetriesExhausted")

    sweep()

    assert len(pushed.executions.started) == 1


@pytest.mark.parametrize("goes_on", [True, False])
def test_what_was_released_since_stands(pushed, log, goes_on):
    a_newer = a_rollout if goes_on else an_ended_rollout
    newer = Release(name="v1.43.0", images={"app": image("sha256:" + "7" * 64)})
    since = AT + timedelta(minutes=5)
    pushed.rollouts.create(a_newer(a_released_color("red"), release=newer, started=since))
    pushed.lost_events.put(PUSHED, "RetriesExhausted")

    sweep()

    assert (pushed.executions.started, pushed.lost_events.kept) == ({}, {})
    assert "a lost push starts nothing" in log.getvalue()


def test_a_start_that_was_refused_since_does_not_stand_for_the_push(pushed):
    since = AT + timedelta(minutes=5)
    pushed.rollouts.create(an_ended_rollout(colors={}, outcome="busy", started=since))
    pushed.lost_events.put(PUSHED, "RetriesExhausted")

    sweep()

    assert len(pushed.executions.started) == 1


def test_what_cannot_be_followed_now_is_found_again_and_keeps_no_other(pushed):
    broken = {**PUSHED, "detail": {"repository-name": None}}
    pushed.lost_events.put(broken, "RetriesExhausted")
    pushed.lost_events.put(PUSHED, "RetriesExhausted")

    sweep()

    assert len(pushed.executions.started) == 1
    assert [lost.event for lost in pushed.lost_events.kept.values()] == [broken]


def test_a_start_that_is_throttled_again_waits_for_the_next_sweep(pushed, monkeypatch):
    def throttled(*_):
        raise Transient("start: throttled")

    pushed.lost_events.put(PUSHED, "RetriesExhausted")
    with monkeypatch.context() as patch:
        patch.setattr(pushed.executions, "start", throttled)
        sweep()
    assert pushed.executions.started == {}

    sweep()
    sweep()

    assert len(pushed.executions.started) == 1
    assert pushed.lost_events.kept == {}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"source": "aws.ecr"},
        {**PUSHED, "time": "yesterday"},
        {**PUSHED, "time": (AT + timedelta(hours=2) - OLD - timedelta(minutes=1)).isoformat()},
        recorded("ecs_deployment_completed"),
        recorded("execution_aborted"),
        recorded("ec2_interruption"),
    ],
    ids=["nothing", "no detail", "no time", "old", "deployment", "execution", "instance"],
)
def test_what_is_found_by_looking_or_old_is_taken_and_said(pushed, event, log):
    pushed.lost_events.put(event, "NO_PERMISSIONS")

    sweep()

    assert (pushed.executions.started, pushed.lost_events.kept) == ({}, {})
    assert "an event was lost" in log.getvalue()
    assert "NO_PERMISSIONS" in log.getvalue()
