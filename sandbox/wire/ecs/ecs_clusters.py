"""Clusters and container instances, as ECS's API shows them.

Tested in `tests/contract/wire/test_ecs_wire.py`.
"""

import re
from typing import Any

from sandbox.wire.aws.paging import page
from sandbox.wire.ecs.ecs_requests import Answer, Request, cluster_of, missing_failure, text, texts
from sandbox.world.world import World
from sandbox.world.world_errors import InvalidParameterError
from sandbox.world.world_records import Cluster, ContainerInstance

_MOST_DESCRIBED = 100
_AGENTS_PORTS = [22, 2375, 2376, 51678, 51679]
"""Of SSH, Docker and the agent: never given to tasks."""
_MOST_CHANGED = 10
_BY_EC2_ID = re.compile(r"ec2InstanceId == (i-[0-9a-f]+)")
"""The one filter that is asked for (ECS developer guide, "Cluster query language")."""


def describe_container_instances(world: World, request: Request) -> Answer:
    """Answer DescribeContainerInstances."""
    cluster = cluster_of(world, request)
    known = {arn.rpartition("/")[2]: item for arn, item in cluster.instances.items()}
    instances, failures = [], []
    for reference in texts(request, "containerInstances", _MOST_DESCRIBED):
        instance = known.get(reference.rpartition("/")[2])
        if instance is None:
            failures.append(missing_failure(reference))
        else:
            instances.append(_instance(instance))
    return {"containerInstances": instances, "failures": failures}


def update_container_instances_state(world: World, request: Request) -> Answer:
    """Answer UpdateContainerInstancesState."""
    cluster = cluster_of(world, request)
    known = {arn.rpartition("/")[2]: item for arn, item in cluster.instances.items()}
    status = text(request, "status")
    if status not in {"ACTIVE", "DRAINING"}:
        raise InvalidParameterError("Container instances can only be set to ACTIVE or DRAINING.")
    instances, failures = [], []
    for reference in texts(request, "containerInstances", _MOST_CHANGED):
        instance = known.get(reference.rpartition("/")[2])
        if instance is None:
            failures.append(missing_failure(reference))
        else:
            world.set_instance_status(instance, status)
            instances.append(_instance(instance))
    return {"containerInstances": instances, "failures": failures}


def list_container_instances(world: World, request: Request) -> Answer:
    """Answer ListContainerInstances; of whatever status when none is named."""
    status, asked = request.get("status"), request.get("filter")
    named = _BY_EC2_ID.fullmatch(asked) if asked else None
    if asked and named is None:
        raise InvalidParameterError(f"The sandbox's ECS does not know the filter {asked}.")
    arns = [
        item.arn
        for item in cluster_of(world, request).instances.values()
        if status in {None, item.status} and _is_named(item, named)
    ]
    found, more = page(arns, request)
    return {"containerInstanceArns": found, **more}


def list_clusters(world: World, request: Request) -> Answer:
    """Answer ListClusters."""
    found, more = page([item.arn for item in world.clusters.values()], request)
    return {"clusterArns": found, **more}


def describe_clusters(world: World, request: Request) -> Answer:
    """Answer DescribeClusters; `default` when none is named."""
    clusters, failures = [], []
    for reference in request.get("clusters") or ["default"]:
        cluster = world.clusters.get(reference.rpartition("/")[2])
        if cluster is None:
            failures.append(missing_failure(reference))
        else:
            clusters.append(_cluster(cluster))
    return {"clusters": clusters, "failures": failures}


def _is_named(instance: ContainerInstance, named: re.Match[str] | None) -> bool:
    return named is None or named[1] == instance.ec2_id


def _instance(instance: ContainerInstance) -> dict[str, Any]:
    running = sum(task.last_status == "RUNNING" for task in instance.tasks.values())
    return {
        "containerInstanceArn": instance.arn,
        "ec2InstanceId": instance.ec2_id,
        "version": 1,
        "status": instance.status,
        "agentConnected": True,
        "runningTasksCount": running,
        "pendingTasksCount": sum(task.last_status == "PENDING" for task in instance.tasks.values()),
        "attributes": [
            {"name": "ecs.availability-zone", "value": instance.zone},
            {"name": "ecs.instance-type", "value": instance.type},
        ],
        "registeredResources": _resources(instance.cpu, instance.memory, _AGENTS_PORTS),
        "remainingResources": _resources(
            instance.remaining_cpu,
            instance.remaining_memory,
            [*_AGENTS_PORTS, *sorted(instance.host_ports)],
        ),
        "registeredAt": instance.registered_at,
        "attachments": [],
        "tags": [],
    }


def _resources(cpu: int, memory: int, ports: list[int]) -> list[dict[str, Any]]:
    """Write what there is of each; of ports, what is taken (API_ContainerInstance)."""
    whole = {"doubleValue": 0.0, "longValue": 0}
    taken = [str(port) for port in ports]
    return [
        {"name": "CPU", "type": "INTEGER", **whole, "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", **whole, "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", **whole, "integerValue": 0, "stringSetValue": taken},
        {
            "name": "PORTS_UDP",
            "type": "STRINGSET",
            **whole,
            "integerValue": 0,
            "stringSetValue": [],
        },
    ]


def _cluster(cluster: Cluster) -> dict[str, Any]:
    live = [task for service in cluster.services.values() for task in service.active_tasks()]
    return {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": len(cluster.instances),
        "runningTasksCount": sum(task.running for task in live),
        "pendingTasksCount": sum(not task.running for task in live),
        "activeServicesCount": sum(
            service.status == "ACTIVE" for service in cluster.services.values()
        ),
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }
