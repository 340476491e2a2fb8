"""Metrics as CloudWatch keeps them, and expressions over them."""

import pytest

from sandbox.world.metric_math import ExpressionError
from sandbox.world.metric_store import APPLICATION_NAMESPACE, Metric, is_statistic
from sandbox.world.telemetry import MetricQuery, PeriodRange
from tests.support.busy_world import Busy


def test_the_minute_that_still_fills_is_there_in_part():
    busy = Busy()
    busy.later(seconds=40)

    values = busy.own("Requests", "Sum", minutes=5)

    # 45 s behind, 55 s of the minute before are known, and nothing of this one.
    assert len(values) == 4
    assert values[-1] == pytest.approx(values[-2] * 55 / 60, rel=0.2)


def test_a_minute_is_complete_once_it_has_arrived_and_stays_so():
    busy = Busy()
    busy.later(seconds=50)
    first = busy.own("Requests", "Sum", minutes=5)[-2]

    busy.later(minutes=1)

    assert busy.own("Requests", "Sum", minutes=5)[-3] == first


def test_utilization_has_a_sample_of_every_task():
    busy = Busy()

    count = busy.ecs("MemoryUtilization", "SampleCount", name="web-green")
    average = busy.ecs("MemoryUtilization", "Average", name="web-green")
    highest = busy.ecs("CPUUtilization", "Maximum", name="web-green")

    assert set(count[:-1]) == {4}
    assert all(40 < value < 50 for value in average)
    assert all(20 < value < 45 for value in highest)


def test_a_leak_adds_three_points_a_minute():
    busy = Busy()
    busy.release("web-red", "v1.43.0-leak")
    busy.later(minutes=14)

    values = busy.ecs("MemoryUtilization", "Average", minutes=11)[:-1]

    assert values[-1] - values[0] == pytest.approx(3 * (len(values) - 1), abs=3)


def test_errors_are_0_where_there_were_requests_and_nothing_where_there_were_none():
    busy = Busy()
    busy.later(minutes=20)
    ordinary = busy.own("Errors", "Sum", minutes=60)

    busy.world.traffic.rates["web"] = 0
    busy.later(minutes=10)

    assert 0 in ordinary
    assert busy.own("Errors", "Sum", minutes=5) == []
    assert busy.own("Latency", "p99", minutes=5) == []
    assert set(busy.own("Requests", "Sum", minutes=5)) == {0}


def test_percentiles_rise_between_minimum_and_maximum():
    busy = Busy()
    stats = ("Minimum", "p50", "Average", "p90", "p99", "p99.9", "Maximum")

    values = [busy.own("Latency", stat, minutes=3)[0] for stat in stats]

    assert values == sorted(values)
    assert values[4] / values[1] == pytest.approx(3.2, rel=0.2)


def test_the_slowest_of_few_requests_stands_for_their_p99():
    busy = Busy()
    busy.world.traffic.rates["web"] = 12
    busy.later(minutes=30)

    values = busy.own("Latency", "p99", minutes=25)

    assert sorted(values)[len(values) // 2] < 150


def test_a_longer_period_adds_up_its_minutes():
    busy = Busy()

    minutes = busy.own("Requests", "Sum", minutes=10)
    halves = busy.own("Requests", "Sum", minutes=10, period=300)

    assert halves == [sum(minutes[:5]), sum(minutes[5:])]


@pytest.mark.parametrize(
    "metric",
    [
        Metric(APPLICATION_NAMESPACE, "Requests", {"Service": "nobody"}),
        Metric(APPLICATION_NAMESPACE, "Requests", {}),
        Metric(APPLICATION_NAMESPACE, "requests", {"Service": "web-red"}),
        Metric("AWS/ECS", "CPUUtilization", {"ServiceName": "web-red"}),
        Metric("Others", "Requests", {"Service": "web-red"}),
    ],
)
def test_a_metric_that_is_not_published_has_no_values(metric):
    busy = Busy()
    span = PeriodRange(busy.world.seconds - 600, busy.world.seconds, 60)

    found = busy.world.telemetry.series([MetricQuery(id="m", metric=metric)], lambda _: span)

    assert found == {"m": {}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * e / r", lambda e, r: 100 * e / r),
        ("(r - e) / r", lambda e, r: (r - e) / r),
        ("-e + r ^ 2", lambda e, r: -e + r**2),
        ("FILL(e, 0) + 1", lambda e, _r: e + 1),
    ],
)
def test_expressions_are_worked_out_period_by_period(expression, expected):
    found = asked(Busy(), expression)

    for moment, value in found["x"].items():
        assert value == pytest.approx(expected(found["e"][moment], found["r"][moment]))
    assert found["x"].keys() == found["r"].keys()


def asked(busy, expression):
    def own(ident, metric):
        about = Metric(APPLICATION_NAMESPACE, metric, {"Service": "web-red"})
        return MetricQuery(id=ident, metric=about, statistic="Sum")

    queries = [
        MetricQuery(id="x", expression=expression),
        own("e", "Errors"),
        own("r", "Requests"),
    ]
    span = PeriodRange(busy.world.seconds - 600, busy.world.seconds, 60)
    return busy.world.telemetry.series(queries, lambda _: span)


def test_nothing_is_divided_by_zero_and_missing_stays_missing():
    busy = Busy()
    busy.world.traffic.rates["web"] = 0
    busy.later(minutes=15)

    assert asked(busy, "e / r")["x"] == {}
    assert set(asked(busy, "FILL(e, 7)")["x"].values()) == {7}


@pytest.mark.parametrize("expression", ["e +", "x * 2", "other / r", "SEARCH(e)", "e if r else 0"])
def test_an_expression_that_cannot_be_worked_out_is_refused(expression):
    with pytest.raises(ExpressionError):
        asked(Busy(), expression)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Sum", True),
        ("p99", True),
        ("p99.9", True),
        ("p100", True),
        ("p101", False),
        ("Max", False),
    ],
)
def test_statistics_are_known_by_cloudwatchs_names(name, known):
    assert is_statistic(name) is known
