"""What an application's tasks reserve and use: which calls that takes, and what comes of them."""

from datetime import timedelta

import pytest

from handlers.domain.capacity.utilization import CPU, HOUR, MEMORY, MINUTE, Utilization
from handlers.domain.model.errors import NotThere
from handlers.domain.model.measurements import Points, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.services.capacity import CapacityTools, measure_capacity, measure_utilization
from tests.support.builders import (
    NOW,
    OLD,
    a_deployment,
    a_service,
    a_task_definition,
    after,
    an_application,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeInstances
from tests.support.sized import a_need, a_room, an_instance

NOTHING = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
REFUSED = Unmeasured(verdict=Verdict.ERROR, why="CloudWatch could not be asked: denied.")


class Percent:
    """CloudWatch, with the same of everything for a day."""

    def series(self, queries, start, end, period):
        return {
            name: Points(values={after(hours=-n): 40.0 for n in range(1, 25)}) for name in queries
        }


def tools(*services, instances=(), revisions=None):
    return CapacityTools(
        ecs=FakeEcs(*services, revisions=revisions or [a_task_definition(cpu="256", memory="512")]),
        instances=FakeInstances(*instances),
        metrics=Percent(),
    )


def running(color, **given):
    return a_service(a_deployment(task_definition=OLD), color=color, launch_type="EC2", **given)


def test_an_application_is_looked_at_color_by_color():
    services = [running("red"), running("yellow"), running("green", desired=4)]
    room = an_instance(remaining=a_room(1024, 9000))

    found = measure_capacity(an_application(), tools(*services, instances=[room]), NOW)

    assert [(c.color, c.tasks, c.reserved) for c in found.colors] == [
        ("red", 2, a_need(256, 512)),
        ("yellow", 2, a_need(256, 512)),
        ("green", 4, a_need(256, 512)),
    ]
    assert found.suggested == a_need(128, 256)
    assert found.needs == [a_need(256, 512)] * 8
    assert found.suggested_needs == [a_need(128, 256)] * 8
    assert found.free_places == 4
    assert (found.measured_for, found.is_provisional) == (timedelta(hours=24), False)


def test_a_color_without_a_service_is_unknown_and_the_others_are_not():
    found = measure_capacity(an_application(), tools(running("red")), NOW)

    red, yellow, _ = found.colors
    assert isinstance(red.cpu, Utilization)
    assert (yellow.tasks, yellow.reserved) == (0, None)
    assert yellow.cpu.why == "There is no such service."


def test_on_fargate_nobody_is_asked_about_instances():
    fargate = a_task_definition(cpu="256", memory="512", requiresCompatibilities=["FARGATE"])
    asked = tools(running("red"), revisions=[fargate])

    found = measure_capacity(
        an_application(), CapacityTools(ecs=asked.ecs, instances=None, metrics=Percent()), NOW
    )

    assert (found.fargate, found.instances, found.free_places) == (True, [], 0)


def test_a_cluster_that_is_not_there_is_an_error():
    with pytest.raises(NotThere):
        measure_capacity(an_application(cluster="news"), tools(), NOW)


def points(*values, period=HOUR):
    return Points(values={NOW - (n + 1) * period: value for n, value in enumerate(values)})


class Hours:
    """CloudWatch, with values of hours, of minutes, or of neither, by service."""

    def __init__(self, **periods):
        self.periods = periods
        self.asked = []

    def series(self, queries, start, end, period):
        self.asked.append((period, len(queries), end - start))
        return {name: self._of(query, period) for name, query in queries.items()}

    def _of(self, query, period):
        assert query.namespace == "AWS/ECS"
        assert query.dimensions["ClusterName"] == "recipes"
        has = self.periods.get(query.dimensions["ServiceName"].replace("-", "_"))
        if isinstance(has, Unmeasured):
            return has
        return points(50.0, 60.0, period=period) if has == period else NOTHING


def test_two_weeks_are_asked_for_at_once_by_the_hour():
    metrics = Hours(api_red=HOUR, api_green=HOUR)

    found = measure_utilization("recipes", ["api-red", "api-green"], metrics, NOW)

    assert metrics.asked == [(HOUR, 8, timedelta(days=14))]
    assert set(found) == {(s, m) for s in ("api-red", "api-green") for m in (CPU, MEMORY)}
    assert found["api-red", CPU].measured == timedelta(hours=2)


def test_what_is_not_an_hour_old_is_measured_by_the_minute():
    metrics = Hours(api_red=HOUR, api_green=MINUTE)

    found = measure_utilization("recipes", ["api-red", "api-green"], metrics, NOW)

    assert metrics.asked[1:] == [(MINUTE, 4, timedelta(hours=3))]
    assert found["api-red", MEMORY].measured == timedelta(hours=2)
    assert found["api-green", MEMORY].measured == timedelta(minutes=2)


def test_a_service_of_which_nothing_is_measured_says_so():
    found = measure_utilization("recipes", ["api-red", "api-green"], Hours(api_red=REFUSED), NOW)

    assert found["api-red", CPU] == REFUSED
    assert found["api-green", CPU] == NOTHING


def test_without_services_nothing_is_asked():
    metrics = Hours()

    assert measure_utilization("recipes", [], metrics, NOW) == {}
    assert metrics.asked == []
