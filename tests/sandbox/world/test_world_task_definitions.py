"""Families of task definitions, and what ECS makes of what is registered."""

import pytest

from sandbox.world.registration import registered
from sandbox.world.world_errors import ClientError
from tests.support.world_stage import Stage

GOOD = {
    "family": "shop",
    "networkMode": "awsvpc",
    "memory": "512",
    "containerDefinitions": [
        {"name": "app", "image": "shop:v1", "portMappings": [{"containerPort": 80}]}
    ],
}


def changed(**container):
    return {**GOOD, "containerDefinitions": [GOOD["containerDefinitions"][0] | container]}


def test_registering_the_same_again_makes_a_new_revision():
    world = Stage().world

    first = world.register_task_definition(GOOD)
    second = world.register_task_definition(GOOD)

    assert second.revision == first.revision + 1
    assert second.content == first.content


def test_a_family_stands_for_its_latest_active_revision():
    world = Stage().world
    first, second = (world.register_task_definition(GOOD) for _ in range(2))

    world.task_definitions.deregister(second.arn, world.seconds)

    find = world.task_definitions.find
    assert find("shop") is first
    assert find(second.name) is find(second.arn) is second
    assert second.status == "INACTIVE"


@pytest.mark.parametrize(
    "reference", ["nobody", "shop:99", "arn:aws:ecs:x:y:task-definition/a:1", ""]
)
def test_what_was_never_registered_cannot_be_described(reference):
    with pytest.raises(ClientError, match="Unable to describe task definition"):
        Stage().world.task_definitions.find(reference)


def test_a_service_goes_on_with_a_revision_that_was_deregistered():
    stage = Stage()
    running = stage.service.primary.task_definition

    stage.world.task_definitions.deregister(running.arn, stage.world.seconds)
    stage.change(desired_count=3)
    stage.until(lambda: len(stage.tasks()) == 3)

    assert running.status == "INACTIVE"


def test_what_was_left_out_is_filled_up_as_ecs_does():
    container = registered(GOOD)["containerDefinitions"][0]

    assert container["cpu"] == 0
    assert container["essential"] is True
    assert container["environment"] == []
    assert container["portMappings"] == [{"hostPort": 80, "protocol": "tcp", "containerPort": 80}]


def test_what_ecs_described_can_be_registered_again_and_is_the_same():
    once = registered(GOOD)

    assert registered(once) == once


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({**GOOD, "family": "no spaces"}, "Family"),
        ({**GOOD, "family": ""}, "Family"),
        ({**GOOD, "containerDefinitions": []}, "Container list"),
        ({**GOOD, "containerDefinitions": GOOD["containerDefinitions"] * 2}, "unique"),
        (changed(name=""), "Container.name"),
        (changed(image=""), "Container.image"),
        (changed(essential=False), "essential"),
        (changed(portMappings=[{"containerPort": 80, "hostPort": 81}]), "must match"),
        ({key: GOOD[key] for key in GOOD if key != "memory"}, "'memory'"),
    ],
)
def test_what_ecs_would_not_accept_is_refused(content, told):
    with pytest.raises(ClientError, match=told):
        registered(content)
