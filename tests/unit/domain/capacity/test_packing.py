"""What is suggested that tasks reserve, and where they would fit."""

from datetime import timedelta

import pytest

from handlers.domain.capacity.packing import (
    SUGGESTION_MARGIN,
    CapacityTools,
    InstanceTypeFit,
    instance_type_fits,
    measure_capacity,
    suggested_reservation,
)
from handlers.domain.capacity.utilization import Utilization
from handlers.domain.model.errors import NotThere
from handlers.domain.model.measurements import Points, Unmeasured
from handlers.domain.model.outcomes import Verdict
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
from tests.support.sized import a_need, a_room, a_use, a_used, an_instance

NOT_KNOWN = Unmeasured(verdict=Verdict.ERROR, why="Denied.")


def test_cpu_is_sized_by_what_is_hardly_exceeded_and_memory_by_the_most():
    # 1024 x 40 % x 1.25 = 512, and 2048 x 60 % x 1.25 = 1536.
    assert SUGGESTION_MARGIN == 0.25
    assert suggested_reservation([a_use()], fargate=False) == (a_need(512, 1536), "")


def test_the_color_that_uses_most_sizes_all():
    busy = a_use("green", cpu=a_used(p99=80.0), memory=a_used(peak=30.0))

    assert suggested_reservation([a_use(), busy], fargate=False) == (a_need(1024, 1536), "")


def test_more_may_be_suggested_than_is_reserved():
    tight = a_use(memory=a_used(peak=99.0))

    made, _ = suggested_reservation([tight], fargate=False)

    assert made.memory == 2560


def test_fargate_gets_one_of_its_sizes():
    assert suggested_reservation([a_use()], fargate=True) == (a_need(512, 2048), "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cpu": NOT_KNOWN}, "what green uses is not known"),
        ({"memory": NOT_KNOWN}, "what green uses is not known"),
        ({"reserved": a_need(0, 512)}, "green reserves nothing"),
    ],
)
def test_nothing_is_suggested_by_half_of_what_is_to_be_known(given, why):
    made, said = suggested_reservation([a_use(), a_use("green", **given)], fargate=False)

    assert made is None
    assert said.startswith(why)


def test_a_color_that_wants_no_task_decides_nothing():
    idle = a_use("green", tasks=0, cpu=NOT_KNOWN)
    gone = a_use("yellow", tasks=0, reserved=None, memory=NOT_KNOWN)

    assert suggested_reservation([a_use(), idle, gone], fargate=False)[0] == a_need(512, 1536)
    assert suggested_reservation([idle, gone], fargate=False) == (None, "no task is wanted")


def test_more_than_fargate_has_is_not_suggested():
    huge = a_use(reserved=a_need(16_384, 2048), cpu=a_used(p99=100.0))

    assert suggested_reservation([huge], fargate=True) == (
        None,
        "it would be more than Fargate has",
    )


def test_each_type_of_instance_says_what_it_takes_now_and_then():
    needs, would = [a_need(1024, 2048)] * 6, [a_need(512, 1536)] * 6
    instances = [
        an_instance("a"),
        an_instance("b", registered=a_room(4096, 15_400)),
        an_instance("c", type="t4g.small", registered=a_room(2048, 1800)),
    ]

    assert instance_type_fits(needs, would, instances) == [
        InstanceTypeFit(
            type="m6i.xlarge",
            instances=2,
            tasks_per_instance=4,
            suggested_tasks_per_instance=8,
            instances_needed=2,
            suggested_instances_needed=1,
        ),
        InstanceTypeFit(
            type="t4g.small",
            instances=1,
            tasks_per_instance=0,
            suggested_tasks_per_instance=1,
            instances_needed=None,
            suggested_instances_needed=6,
        ),
    ]


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
