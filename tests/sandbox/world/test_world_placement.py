"""Where tasks go: by CPU, memory and host port, spread over zones, and what ECS says otherwise."""

import pytest

from sandbox.world.deployment_configuration import DeploymentConfiguration
from sandbox.world.instance_capacity import InstanceType
from sandbox.world.service_requests import ServiceRequest
from tests.support.world_stage import Stage

SMALL = InstanceType("t4g.nano", 1024, 1000)
TINY = DeploymentConfiguration(maximum_percent=100, minimum_healthy_percent=0)


def a_cluster(*zones, capacity=SMALL):
    """Make a stage with a cluster of its own; its service is in another."""
    stage = Stage()
    cluster = stage.world.add_cluster("small")
    for zone in zones:
        stage.world.add_container_instance(cluster, zone, capacity)
    return stage, cluster


def definition(stage, mode="bridge", port=0, family="job", **sized):
    container = {"name": "app", "image": "registry/shop:good"}
    container |= {"portMappings": [{"containerPort": 8080, "hostPort": port}]}
    sized = sized or {"cpu": 512, "memory": 256}
    content = {"family": family, "networkMode": mode, "containerDefinitions": [container | sized]}
    return stage.world.register_task_definition(content).arn


def run(stage, cluster, revision, desired=1, **request):
    asked = ServiceRequest(
        name=request.pop("name", "jobs"),
        task_definition=revision,
        desired_count=desired,
        **request,
    )
    service = stage.world.create_service(cluster, asked)
    stage.later(minutes=3)
    return service


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
@pytest.mark.parametrize(
    ("sized", "fits", "lacks"),
    [
        ({"cpu": 512, "memory": 256}, 2, "has insufficient CPU units available"),
        ({"cpu": 10, "memory": 300}, 3, "has insufficient memory available"),
        ({"memory": 900, "memoryReservation": 300}, 3, "has insufficient memory available"),
    ],
)
def test_no_more_tasks_are_placed_than_there_is_cpu_and_memory_for(mode, sized, fits, lacks):
    stage, cluster = a_cluster("a")
    port = 8080 if mode == "awsvpc" else 0

    service = run(stage, cluster, definition(stage, mode, port, **sized), desired=5)

    assert len(service.active_tasks()) == fits
    (instance,) = cluster.instances.values()
    ident = instance.arn.rpartition("/")[2]
    assert service.events[0].message == (
        "(service jobs) was unable to place a task because no container instance met all of its "
        f"requirements. The closest matching (container-instance {ident}) {lacks}."
    )


def test_a_host_port_of_its_own_is_had_by_one_task_of_an_instance():
    stage, cluster = a_cluster("a", "c")

    service = run(stage, cluster, definition(stage, port=9000, cpu=10, memory=10), desired=3)

    assert [task.port for task in service.active_tasks()] == [9000, 9000]
    assert "is already using a port required by your task" in service.events[0].message


def test_a_dynamic_host_port_is_never_one_that_is_taken():
    stage, cluster = a_cluster("a")
    run(stage, cluster, definition(stage, port=32768, cpu=10, memory=10))

    service = run(stage, cluster, definition(stage, cpu=10, memory=10), name="others")

    assert [task.port for task in service.active_tasks()] == [32769]


def test_a_cluster_without_an_instance_says_so():
    stage, cluster = a_cluster()

    service = run(stage, cluster, definition(stage))

    assert service.events[0].message.endswith(
        "Reason: No Container Instances were found in your cluster."
    )


def test_tasks_are_spread_over_zones_before_instances():
    stage, cluster = a_cluster("a", "a", "c")

    service = run(stage, cluster, definition(stage, cpu=10, memory=10), desired=4)

    assert sorted(task.zone for task in service.active_tasks()) == ["a", "a", "c", "c"]
    assert sorted(len(item.tasks) for item in cluster.instances.values()) == [1, 1, 2]


def test_room_is_free_again_only_when_a_task_is_gone():
    stage, cluster = a_cluster("a")
    service = run(stage, cluster, definition(stage, cpu=1024, memory=10), configuration=TINY)
    (instance,) = cluster.instances.values()
    (old,) = service.active_tasks()

    stage.world._scheduler.tasks.stop(old, "enough")
    assert (old.desired_status, instance.remaining_cpu) == ("STOPPED", 0)
    stage.until(lambda: old.last_status == "STOPPED")

    assert old.id not in instance.tasks


def test_a_task_reserves_its_own_or_the_sum_of_its_containers():
    stage, _ = a_cluster()
    world = stage.world
    two = [
        {"name": "app", "image": "a", "cpu": 100, "memory": 300, "memoryReservation": 200},
        {"name": "proxy", "image": "b", "cpu": 20, "memory": 64},
    ]

    of_containers = world.register_task_definition({"family": "two", "containerDefinitions": two})
    of_its_own = world.register_task_definition(
        {"family": "two", "cpu": "512", "memory": "1024", "containerDefinitions": two}
    )

    assert (of_containers.cpu, of_containers.memory) == (120, 264)
    assert (of_its_own.cpu, of_its_own.memory) == (512, 1024)
