"""Requests reach healthy tasks, and are answered as the release does it."""

import math
import time
from statistics import mean

import pytest

from sandbox.world.traffic import REQUESTS_PER_MINUTE
from sandbox.world.world_errors import ServiceNotFoundError
from tests.support.busy_world import Busy
from tests.support.world_stage import Stage

A_TASKS = REQUESTS_PER_MINUTE / 6
"""Requests per minute of one of an application's six tasks."""


def share(minutes):
    return sum(minute.errors for minute in minutes) / sum(minute.requests for minute in minutes)


def p99(minutes):
    return mean(minute.latency_ms for minute in minutes)


def test_the_requests_of_an_application_are_spread_evenly_over_its_healthy_tasks():
    busy = Busy()

    red, green = (sum(m.requests for m in busy.recent(f"web-{c}", 60)) for c in ("red", "green"))

    assert red == pytest.approx(60 * A_TASKS, rel=0.1)
    assert green == pytest.approx(4 * red, rel=0.03)


def test_there_is_an_hour_of_history_when_the_world_is_handed_over():
    busy = Busy()

    assert all(minute.requests > A_TASKS / 2 for minute in busy.recent("api-yellow", 90))


def test_a_released_image_is_as_good_as_it_should_be():
    minutes = Busy().recent("web-green", 60)

    assert share(minutes) == pytest.approx(0.004, rel=0.15)
    assert p99(minutes) == pytest.approx(210, rel=0.05)


def test_errors_of_a_release_show_in_the_color_that_runs_it_and_in_no_other():
    busy = Busy()

    busy.release("web-red", "v1.43.0-errors-on-red")
    busy.release("web-yellow", "v1.43.0-errors-on-red")
    busy.later(minutes=14)

    assert busy.errors("web-red") == pytest.approx(0.06, rel=0.2)
    assert busy.errors("web-yellow") < 0.01


def test_a_slower_release_is_slower_where_it_is_declared_to_be():
    busy = Busy()

    for color in ("red", "yellow"):
        busy.release(f"web-{color}", "v1.43.0-slow-on-yellow")
    busy.later(minutes=14)

    assert p99(busy.recent("web-yellow")) == pytest.approx(336, rel=0.1)
    assert p99(busy.recent("web-red")) == pytest.approx(210, rel=0.1)


def test_a_release_may_be_worse_on_green_only():
    busy = Busy()

    for color in ("red", "green"):
        busy.release(f"web-{color}", "v1.43.0-worse-on-green")
    busy.later(minutes=14)

    assert busy.errors("web-green") == pytest.approx(0.12, rel=0.2)
    assert busy.errors("web-red") < 0.01


def test_a_release_may_turn_bad_after_25_minutes():
    busy = Busy()

    busy.release("web-red", "v1.43.0-late")
    busy.later(minutes=24)
    before = busy.errors("web-red", 15)
    busy.later(minutes=15)

    assert before < 0.01
    assert busy.errors("web-red", 10) > 0.1


def test_a_task_that_is_not_healthy_is_sent_nothing():
    busy = Busy()

    busy.release("web-red", "v1.43.0-unhealthy")
    busy.later(minutes=2)
    old = [sample for sample in samples(busy, "web-red") if sample.task.healthy_at is not None]

    assert {sample.requests > 0 for sample in samples(busy, "web-red")} == {True, False}
    assert sum(sample.requests for sample in old) == busy.recent("web-red", 1)[0].requests


def samples(busy, name):
    last = int(busy.world.seconds // 60) - 1
    return busy.world.traffic.samples(busy.service(name), last)


def test_what_a_missing_color_would_have_served_goes_to_the_others():
    busy = Busy()
    before = mean(minute.requests for minute in busy.recent("web-red", 20))

    green = busy.service("web-green")
    busy.world.delete_service(green)
    busy.later(minutes=25)

    after = mean(minute.requests for minute in busy.recent("web-red", 20))
    assert after == pytest.approx(3 * before, rel=0.1)


def test_a_quiet_night_begins_when_it_is_said_and_changes_nothing_before():
    busy = Busy()
    before = busy.recent("web-red", 30)

    busy.world.traffic.rates["web"] = 6
    busy.later(minutes=30)

    assert busy.world.traffic.rates["web"] == 6
    assert busy.world.traffic.rates["api"] == REQUESTS_PER_MINUTE
    assert busy.recent("web-red", 60)[:30] == before
    assert 10 < sum(minute.requests for minute in busy.recent("web-red", 29)) < 60
    assert busy.recent("api-red", 1)[0].requests > A_TASKS / 2


def test_a_minute_without_requests_has_no_latency():
    busy = Busy()
    busy.world.traffic.rates["web"] = 0
    busy.later(minutes=2)

    (minute,) = busy.recent("web-red", 1)

    assert (minute.requests, minute.errors, minute.latency_ms) == (0, 0, None)


def test_equal_worlds_have_equal_traffic_in_whatever_steps_and_order_they_are_asked():
    one, other = Busy(), Busy()

    one.later(minutes=30)
    for _ in range(30):
        other.later(minutes=1)
        other.recent("web-red", 2)

    assert one.recent("web-red", 60) == other.recent("web-red", 60)


def test_worlds_of_different_seeds_have_different_traffic():
    one, other = Busy(seed=1), Busy(seed=2)

    assert one.recent("web-red") != other.recent("web-red")


def test_busy_minutes_are_followed_by_busy_minutes_in_all_colors():
    busy = Busy()
    busy.later(hours=6)

    red, green = ([m.requests for m in busy.recent(f"web-{c}", 400)] for c in ("red", "green"))

    assert correlation(red, green) > 0.4
    assert correlation(green[1:], green[:-1]) > 0.3
    assert abs(correlation(green[12:], green[:-12])) < 0.25


def correlation(left, right):
    one, other = mean(left), mean(right)
    both = sum((a - one) * (b - other) for a, b in zip(left, right, strict=True))
    spreads = sum((a - one) ** 2 for a in left) * sum((b - other) ** 2 for b in right)
    return both / math.sqrt(spreads)


def test_an_hour_of_every_service_is_worked_out_at_once():
    busy = Busy()

    began = time.process_time()
    for service in busy.world.services():
        busy.world.traffic.recent(service, 60)

    assert time.process_time() - began < 0.5


def test_a_world_that_nobody_asks_computes_nothing():
    busy = Busy(alarms=False)
    busy.release("web-red", "v1.42.0")
    busy.later(hours=5)

    assert busy.world.traffic._samples == {}
    assert busy.world.next_event_at() is None


def test_tasks_are_remembered_for_a_day_however_often_they_fail():
    stage = Stage(telemetry_kept=600.0, back_off=1.0, longest_back_off=1.0)
    stage.service.configuration = type(stage.service.configuration)()
    stage.release("crash")
    stage.later(hours=6)

    assert len(stage.service.recent_tasks) <= 150


def test_a_service_that_is_not_there_is_refused():
    with pytest.raises(ServiceNotFoundError):
        Busy().recent("nobody-red")
