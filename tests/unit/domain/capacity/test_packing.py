"""What is suggested that tasks reserve, and where they would fit."""

import pytest

from handlers.domain.capacity.packing import (
    SUGGESTION_MARGIN,
    InstanceTypeFit,
    instance_type_fits,
    suggested_reservation,
)
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
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
