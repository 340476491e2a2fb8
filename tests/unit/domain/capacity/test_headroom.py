"""Whether there is room for a color's new tasks: refused is only what cannot be."""

from dataclasses import replace

import pytest

from handlers.domain.capacity.headroom import (
    RollingLimits,
    colors_without_headroom,
    placement_obstacle,
    rolling_limits,
    why_unknown,
)
from tests.support.builders import NEW, OLD, a_color, a_service, a_task, a_task_definition
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeInstances
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


UNKNOWN = {
    "Fargate": {"launch_type": "FARGATE"},
    "an external instance": {"launch_type": "EXTERNAL"},
    "nothing said": {"launch_type": ""},
    "a capacity provider": {"launch_type": "", "capacity_providers": ("spot",)},
    "blue/green": {"launch_type": "EC2", "strategy": "BLUE_GREEN"},
    "a daemon": {"launch_type": "EC2", "strategy": "DAEMON"},
}


@pytest.mark.parametrize("given", UNKNOWN.values(), ids=UNKNOWN)
def test_where_nothing_is_known_of_room_nothing_is_refused(given):
    service = a_service(**given)
    ecs = FakeEcs(service)

    assert why_unknown(service)
    assert (
        colors_without_headroom({"red": a_color()}, {"api-red": service}, OLD, ecs, FakeInstances())
        == []
    )


def colors_of(*services):
    colors = {s.name.removeprefix("api-"): a_color(s.name.removeprefix("api-")) for s in services}
    return colors, {service.name: service for service in services}


def on_instances(**bounds):
    return [
        a_service(color=color, launch_type="EC2", **bounds) for color in ("red", "yellow", "green")
    ]


def sized(number, cpu, memory=512):
    return a_task_definition(number, cpu=str(cpu), memory=str(memory))


def test_colors_with_the_same_reason_are_told_together():
    red, yellow, green = on_instances()
    alone = replace(green, maximum_percent=150)
    colors, services = colors_of(red, yellow, alone)
    ecs = FakeEcs(revisions=[sized(41, 256)])

    together, apart = colors_without_headroom(
        colors, services, OLD, ecs, FakeInstances(an_instance(remaining=a_room(255, 512)))
    )

    assert together.startswith("red, yellow: one more task needs 256 CPU units and 512 MiB")
    assert apart.startswith("green: one more task")


def test_the_room_of_an_old_task_counts_where_it_is():
    colors, services = colors_of(*on_instances(maximum_percent=100, minimum_healthy_percent=50))
    here, there = an_instance("a", remaining=FULL), an_instance("b", remaining=FULL)
    ecs = FakeEcs(revisions=[sized(41, 256), sized(42, 512)])
    one_each = [a_task("1", container_instance=here.arn), a_task("2", container_instance=there.arn)]
    both_here = [replace(task, container_instance=here.arn) for task in one_each]

    def problems(tasks, revision, **more):
        ecs.running = dict.fromkeys(services, tasks)
        changed = {name: replace(service, **more) for name, service in services.items()}
        return colors_without_headroom(colors, changed, revision, ecs, FakeInstances(here, there))

    # One of the two may stop: its room is enough for one that is as large.
    assert problems(one_each, OLD) == []
    # The new revision is twice as large.
    assert len(problems(one_each, NEW)) == 1
    assert len(problems(both_here, NEW)) == 1
    # Both may stop, on the same instance.
    assert problems(both_here, NEW, minimum_healthy_percent=0) == []
    assert len(problems(one_each, NEW, minimum_healthy_percent=0)) == 1
