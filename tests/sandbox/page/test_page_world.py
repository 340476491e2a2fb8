"""What the page is told of ECS and of the colors' traffic."""

import pytest

from handlers.domain.config.applications import load_applications
from sandbox.page.ecs_overview import MINUTES, world_view
from sandbox.world.snapshot import ServiceSnapshot as Seen
from sandbox.world.traffic import ServiceMinute

APPLICATIONS = load_applications({"api": {"cluster": "recipes"}})


def minute(requests=1200, errors=0, latency_ms=212.0):
    return ServiceMinute(requests=requests, errors=errors, latency_ms=latency_ms)


def seen(name, task_definition="api:1"):
    return Seen(
        cluster="recipes",
        name=name,
        status="ACTIVE",
        task_definition=task_definition,
        deployment="ecs-svc/1",
        rollout="COMPLETED",
        reason="",
        desired=2,
        running={task_definition: 1, "api:0": 1},
        pending=0,
        targets={},
        last_event="",
    )


def colors(traffic, *names):
    names = names or ("api-red", "api-yellow", "api-green")
    shown = world_view(map(seen, names), APPLICATIONS, {"api:1": "v1.42.0"}, traffic)
    return {one["color"]: one for one in shown["services"]}


def test_a_color_says_what_it_runs():
    red = colors({})["red"]

    assert (red["taskDefinition"], red["image"]) == ("api:1", "v1.42.0")
    assert (red["running"], red["desired"], red["rolloutState"]) == (2, 2, "COMPLETED")


def test_a_service_of_nobodys_is_not_shown():
    assert list(colors({}, "api-red", "somebody-elses")) == ["red"]


def test_each_color_has_its_own_minutes_oldest_first():
    calm = [minute(requests=100 + n) for n in range(MINUTES)]
    failing = [minute(errors=n, latency_ms=200.0 + n) for n in range(MINUTES)]

    shown = colors({"api-yellow": calm, "api-red": failing})

    assert shown["yellow"]["requests"] == [100 + n for n in range(MINUTES)]
    assert shown["yellow"]["errors"] == [0] * MINUTES
    assert shown["red"]["errors"] == list(range(MINUTES))
    assert shown["red"]["latency"] == [200.0 + n for n in range(MINUTES)]


def test_minutes_before_the_first_are_not_measured_rather_than_zero():
    red = colors({"api-red": [minute(requests=0, latency_ms=None), minute(errors=3)]})["red"]

    before = [None] * (MINUTES - 2)
    assert red["requests"] == [*before, 0, 1200]
    assert red["errors"] == [*before, 0, 3]
    assert red["latency"] == [*before, None, 212.0]


def test_only_the_newest_minutes_are_shown():
    red = colors({"api-red": [minute(requests=n) for n in range(MINUTES + 5)]})["red"]

    assert red["requests"] == list(range(5, MINUTES + 5))


@pytest.mark.parametrize("values", ["requests", "errors", "latency"])
def test_a_color_whose_traffic_nobody_measures_has_no_minutes(values):
    assert colors({"api-red": [minute()]})["green"][values] == []


def test_latency_is_told_to_a_tenth_of_a_millisecond():
    red = colors({"api-red": [minute(latency_ms=212.04999)]})["red"]

    assert red["latency"][-1] == 212.0
