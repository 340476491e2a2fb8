"""Whether there is room for a color's new tasks: refused is only what cannot be."""

import pytest

from handlers.domain.capacity.headroom import (
    RollingLimits,
    placement_obstacle,
    rolling_limits,
)
from tests.support.builders import a_service
from tests.support.sized import a_need, a_room, an_instance

FULL = a_room(0, 7308)


@pytest.mark.parametrize(
    ("desired", "most", "least", "start", "stop"),
    [
        (1, 200, 100, 1, 0),
        (4, 200, 100, 4, 0),
        (4, 100, 50, 0, 2),
        (4, 150, 75, 2, 1),
        (3, 150, 50, 1, 1),  # 4.5 down to 4, 1.5 up to 2
        (1, 100, 0, 0, 1),
        (1, 150, 100, 0, 0),  # 1.5 down to 1
    ],
)
def test_bounds_say_how_many_tasks_may_be_started_and_stopped(desired, most, least, start, stop):
    service = a_service(
        desired=desired, running=desired, maximum_percent=most, minimum_healthy_percent=least
    )

    assert rolling_limits(service) == RollingLimits(start=start, stop=stop)


def said(*instances, need=None, freed=(), **service):
    asked = a_service(**({"launch_type": "EC2"} | service))
    return placement_obstacle(asked, rolling_limits(asked), need or a_need(), instances, freed)


def test_one_instance_with_room_is_enough():
    assert said(an_instance(remaining=FULL), an_instance("b", remaining=a_room(256, 512))) == ""


def test_what_is_missing_and_the_best_that_is_left_are_named():
    why = said(an_instance(remaining=a_room(0, 100)), an_instance("b", remaining=a_room(192, 7308)))

    assert why == (
        "one more task needs 256 CPU units and 512 MiB, and no instance of recipes has that left. "
        "The best, i-b (m6i.xlarge), has 192 CPU units and 7,308 MiB. "
        "maximumPercent 200 and minimumHealthyPercent 100 let ECS stop nothing first."
    )


def test_a_port_that_is_taken_everywhere_is_named():
    why = said(
        an_instance(remaining=a_room(4096, 9000, "22/tcp", "80/tcp")), need=a_need(1, 1, "80/tcp")
    )

    assert "has 4,096 CPU units and 9,000 MiB, and port 80/tcp taken." in why


def test_a_cluster_without_instances_is_said():
    assert "It has no instance that takes tasks." in said()


def test_what_ecs_stops_first_makes_room():
    bounds = {"maximum_percent": 100, "minimum_healthy_percent": 50}

    assert said(an_instance(remaining=FULL), freed=[a_room(256, 7820)], **bounds) == ""
    assert "Nor would it have" in said(
        an_instance(remaining=FULL), freed=[a_room(128, 9000)], **bounds
    )


def test_bounds_that_allow_nothing_are_said_however_much_room_there_is():
    why = said(an_instance(), maximum_percent=100, desired=1, running=1)

    assert why == (
        "maximumPercent 100 and minimumHealthyPercent 100 let ECS neither start nor stop a task, "
        "with 1 desired."
    )
