"""The world's own events about instances, handled with the real gateways: no Lambda in between."""

import tomllib
from types import SimpleNamespace

import pytest

from handlers import drain_spot_instance, match_spot_capacity, runtime
from handlers.domain.config.clusters import FleetKind, load_clusters
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.container_instances import ContainerInstances
from handlers.gateways.spot_fleets import SpotFleets
from handlers.services.context import Context
from sandbox.host.running_sandbox import CLUSTERS
from sandbox.world.example_fleets import ON_DEMAND, SPOT, add_fleets
from sandbox.world.instance_fleets import INTERRUPTION_NOTICE, LAUNCH_SECONDS, MODIFY_SECONDS
from sandbox.world.service_requests import ServiceChange
from simulator.in_memory_stores import InMemoryLocks, InMemoryRollouts
from tests.support.builders import an_application

HANDLERS = {
    "aws.ec2": drain_spot_instance.lambda_handler,
    "aws.autoscaling": match_spot_capacity.lambda_handler,
}


@pytest.fixture
def aws(served, monkeypatch):
    """Have the example's world, its tasks on spot instances too, and the handlers at hand."""
    served.renew()
    add_fleets(served.world)
    served.world.take_events()
    clients = {name: served.client(name, name) for name in ("ecs", "ec2", "autoscaling")}
    groups = AutoScalingGroups(clients["autoscaling"])
    fleets = {FleetKind.SPOT_FLEET: SpotFleets(clients["ec2"]), FleetKind.GROUP: groups}
    document = tomllib.loads(CLUSTERS.read_text())
    for name, value in {
        "POWERTOOLS_SERVICE_NAME": "shingo",
        "POWERTOOLS_METRICS_NAMESPACE": "Shingo",
    }.items():
        monkeypatch.setenv(name, value)
    gateways = SimpleNamespace(
        container_instances=ContainerInstances(clients["ecs"]),
        auto_scaling=groups,
        locks=InMemoryLocks(),
        rollouts=InMemoryRollouts(),
        spot_fleets=fleets.__getitem__,
    )
    settings = SimpleNamespace(
        clusters=load_clusters(document), applications={"api": an_application()}
    )
    context = Context(now=lambda: served.now, new_id=None, settings=settings, gateways=gateways)
    monkeypatch.setattr(runtime, "context", lambda: context)
    yield served
    for client in clients.values():
        client.close()


def pass_on(aws, times=1):
    """Bring what has happened to the handlers, each event so many times."""
    aws.tick()
    brought = [event for event in aws.world.take_events() if event["source"] in HANDLERS]
    for event in brought * times:
        HANDLERS[event["source"]](event, None)
    return len(brought)


def redeploy(aws):
    """Have every service start its tasks anew, so that spot instances get their share."""
    for service in list(aws.world.services()):
        aws.world.update_service(service, ServiceChange(force_new_deployment=True))
    aws.later(minutes=20)
    aws.tick()
    aws.world.take_events()


def busiest(aws):
    """Return the spot instance with the most tasks."""
    hosts = [instance.container_instance for instance in aws.world.fleets.pools[SPOT].instances]
    return max(hosts, key=lambda host: len(host.tasks))


def test_what_is_warned_of_is_drained_and_loses_no_task(aws):
    redeploy(aws)
    host = busiest(aws)
    doomed = list(host.tasks.values())

    aws.world.fleets.interrupt(host.ec2_id)
    assert pass_on(aws, times=2) == 1
    aws.later(seconds=INTERRUPTION_NOTICE)
    aws.tick()

    assert doomed
    assert {task.stop_code for task in doomed} == {"ServiceSchedulerInitiated"}
    assert aws.interceptor.calls["UpdateContainerInstancesState"] == 1


def test_without_the_handler_the_same_tasks_are_lost(aws):
    redeploy(aws)
    host = busiest(aws)
    doomed = list(host.tasks.values())

    aws.world.fleets.interrupt(host.ec2_id)
    aws.later(seconds=INTERRUPTION_NOTICE)
    aws.tick()

    assert doomed
    assert {task.stop_code for task in doomed} == {"TerminationNotice"}


def test_spot_follows_out_and_in_again(aws):
    fleet = aws.world.fleets.pools[SPOT]
    assert fleet.target == 2

    aws.world.fleets.resize(ON_DEMAND, 9)
    aws.later(seconds=LAUNCH_SECONDS)
    assert pass_on(aws) == 6
    assert fleet.target == 5

    aws.later(seconds=MODIFY_SECONDS + LAUNCH_SECONDS)
    aws.tick()
    aws.world.fleets.resize(ON_DEMAND, 3)
    aws.later(minutes=1)
    pass_on(aws)
    assert fleet.target == 2


def test_while_the_fleet_is_modified_nothing_is_asked_of_it_and_the_schedule_repairs_it(aws):
    fleet = aws.world.fleets.pools[SPOT]
    aws.world.fleets.resize(ON_DEMAND, 9)
    aws.later(seconds=LAUNCH_SECONDS)
    aws.tick()
    aws.world.fleets.resize(SPOT, 3)

    pass_on(aws)
    assert fleet.target == 3
    assert aws.interceptor.calls["ModifySpotFleetRequest"] == 0

    aws.later(seconds=MODIFY_SECONDS)
    match_spot_capacity.lambda_handler({"source": "aws.events", "detail": {}}, None)
    assert fleet.target == 5
