"""What is read before a rollout starts, to see whether there is room for its new tasks."""

from dataclasses import replace

import pytest

from handlers.domain.capacity.headroom import why_unknown
from handlers.services.start_checks import headroom_problems
from tests.support.builders import (
    NEW,
    OLD,
    a_color,
    a_release,
    a_rollout,
    a_service,
    a_task,
    a_task_definition,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeInstances
from tests.support.handler_gateways import Outside
from tests.support.sized import a_room, an_instance

FULL = a_room(0, 7308)


def without_headroom(colors, services, revision, ecs, *instances):
    outside = Outside(ecs=ecs, instances=FakeInstances(*instances))
    rollout = a_rollout(release=a_release(revision=revision), colors=colors)
    return headroom_problems(outside.context(), rollout, services)


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

    assert why_unknown(service)
    assert without_headroom({"red": a_color()}, {"api-red": service}, OLD, FakeEcs(service)) == []


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

    together, apart = without_headroom(
        colors, services, OLD, ecs, an_instance(remaining=a_room(255, 512))
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
        return without_headroom(colors, changed, revision, ecs, here, there)

    # One of the two may stop: its room is enough for one that is as large.
    assert problems(one_each, OLD) == []
    # The new revision is twice as large.
    assert len(problems(one_each, NEW)) == 1
    assert len(problems(both_here, NEW)) == 1
    # Both may stop, on the same instance.
    assert problems(both_here, NEW, minimum_healthy_percent=0) == []
    assert len(problems(one_each, NEW, minimum_healthy_percent=0)) == 1
