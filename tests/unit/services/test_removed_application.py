"""An application that is removed or renamed while its rollout is open: it goes back, and ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import (
    await_image,
    deploy_color,
    finish_rollout,
    follow_deployment,
    request_approval,
    roll_back_color,
    sweep_rollouts,
    verify_color,
)
from handlers.domain.config.applications import load_applications
from handlers.domain.config.removed_application import as_recorded
from handlers.domain.history.audit import EventKind
from handlers.domain.model.rollout import Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.services.deployment import USUAL_DEADLINE
from simulator.recorded_events import recorded
from tests.support.builders import (
    NEW,
    OLD,
    a_color,
    a_deployment,
    a_released_color,
    a_rollout,
    after,
    an_application,
)
from tests.support.fake_ecs import FakeEcs, settled_services
from tests.support.preparing import prepared
from tests.support.steps import FIRST

ID = "api-v1.42.0-1"
WEB = an_application(name="web", services={c: f"web-{c}" for c in ("red", "yellow", "green")})
REMOVED = {"web": WEB}
RENAMED = (
    {"api": an_application(services={c: f"api2-{c}" for c in ("red", "yellow", "green")})},
    {"api": an_application(cluster="news")},
)


@pytest.fixture
def half_way(outside):
    """Have red on the release, yellow asked about, and the application locked."""
    yellow = a_color("yellow", stage=Stage.ASKING)
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    outside.hold(a_rollout(a_released_color("red"), yellow, deadline_seconds=600))
    released = a_deployment(id="ecs-svc/1", task_definition=NEW)
    outside.ecs = FakeEcs(*settled_services(released))
    outside.executions.running.add(outside.rollout.execution)
    return outside


def step(handler, color, token=FIRST):
    return handler.lambda_handler({"rollout": ID, "color": color, "token": token}, None)


def finish(outside, **state):
    rollout = outside.rollout
    run = {
        "name": rollout.id,
        "arn": rollout.execution,
        "startedAt": rollout.started.isoformat(),
    }
    return finish_rollout.lambda_handler({"state": state, "execution": run}, None)


@pytest.mark.parametrize("verb", [request_approval, deploy_color])
def test_a_step_that_waits_lets_the_machine_go_on_to_roll_back(half_way, verb):
    half_way.apps = REMOVED

    step(verb, "yellow")

    assert half_way.executions.answers[FIRST] == {"outcome": "roll_back"}
    assert half_way.rollout.roll_back_asked.outcome == "not_configured"
    (noted,) = half_way.audit.details(EventKind.ROLL_BACK_ASKED)
    assert noted.startswith("not_configured: api")


def test_a_color_that_is_verified_goes_back(half_way):
    half_way.apps = REMOVED

    assert step(verify_color, "red")["reaction"] == Reaction.ROLL_BACK


def test_its_colors_go_back_it_ends_by_name_and_the_application_is_free(half_way):
    half_way.apps = REMOVED
    step(request_approval, "yellow")

    for color in ("red", "yellow", "green"):
        step(roll_back_color, color, f"token-{color}")
    half_way.ecs.complete("api-red")
    step(roll_back_color, "red", "token-red")
    ended = finish(half_way, outcome="ready", rollback=[])

    assert half_way.executions.answers["token-red"] == {"outcome": "put_back"}
    assert half_way.ecs.updates == [("api-red", OLD)]
    assert (ended["outcome"], half_way.rollout.outcome) == ("not_deployable", "not_deployable")
    assert half_way.rollout.cause.startswith("api")
    assert "Put back: red to api:41." in half_way.rollout.cause
    assert half_way.locks.held == {}


def test_the_way_back_has_the_time_that_was_configured_when_it_began(half_way):
    half_way.apps = REMOVED
    step(roll_back_color, "red")
    half_way.time += timedelta(seconds=601)

    step(roll_back_color, "red")

    assert half_way.rollout.colors["red"].stage is Stage.STRANDED


def test_a_record_of_an_older_version_has_the_usual_time(half_way):
    half_way.rollouts.overwrite(replace(half_way.rollout, deadline_seconds=0))
    half_way.apps = REMOVED
    step(roll_back_color, "red")
    half_way.time += USUAL_DEADLINE - timedelta(seconds=1)

    step(roll_back_color, "red")

    assert half_way.rollout.colors["red"].stage is Stage.GOING_BACK
    assert load_applications({"a": {"cluster": "c"}})["a"].deadline == USUAL_DEADLINE


def test_an_event_of_its_deployment_is_followed(half_way):
    step(roll_back_color, "red")
    half_way.apps = REMOVED
    half_way.ecs.complete("api-red")
    told = recorded("ecs_deployment_completed")
    told["resources"] = [next(iter(half_way.waits.records))]

    follow_deployment.lambda_handler(told, None)

    assert half_way.rollout.colors["red"].stage is Stage.PUT_BACK


def test_what_waits_for_its_image_ends(preparing):
    preparing.images.digests.clear()
    assert prepared()["outcome"] == "await_image"
    preparing.apps = REMOVED

    await_image.lambda_handler({"rollout": "api-1", "token": FIRST}, None)

    assert preparing.executions.answers[FIRST]["outcome"] == "not_configured"
    ended = finish(preparing, **preparing.executions.answers[FIRST])
    assert ended["outcome"] == "not_deployable"
    assert preparing.locks.held == {}


def test_what_is_prepared_again_after_its_image_came_ends_by_its_last_step(preparing):
    preparing.images.digests.clear()
    prepared()
    preparing.apps = REMOVED

    again = prepared()

    assert again["outcome"] == "not_deployable"
    assert (again["rollout"], again["application"]) == ("api-1", "api")
    assert finish(preparing, **again)["outcome"] == "not_deployable"
    assert preparing.locks.held == {}


@pytest.mark.parametrize("apps", RENAMED, ids=["services", "cluster"])
def test_where_names_have_changed_it_goes_on_with_those_that_are_recorded(half_way, apps):
    half_way.apps = apps

    step(deploy_color, "yellow")

    assert half_way.rollout.roll_back_asked is None
    assert half_way.rollout.colors["yellow"].deployment == "ecs-svc/1"
    recorded_there = as_recorded(apps["api"], half_way.rollout)
    assert recorded_there.names("red")["service"] == "api-red"
    assert recorded_there.cluster == "recipes"


def test_a_rollout_that_only_puts_back_does_so(half_way):
    half_way.rollouts.overwrite(replace(half_way.rollout, rolls_back="api-0"))
    half_way.apps = REMOVED

    step(roll_back_color, "red")

    assert half_way.rollout.roll_back_asked is None
    assert half_way.rollout.colors["red"].stage is Stage.GOING_BACK


def test_the_sweep_finds_the_end_of_one_that_nobody_was_told_of(half_way, monkeypatch):
    half_way.apps = REMOVED
    half_way.time = after(hours=1)
    monkeypatch.setattr(half_way.executions, "status", lambda _: "ABORTED")

    sweep_rollouts.lambda_handler({}, None)

    assert (half_way.rollout.outcome, half_way.locks.held) == ("aborted", {})
