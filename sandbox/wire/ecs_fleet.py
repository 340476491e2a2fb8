"""Clusters and container instances, as ECS's API shows them."""

from typing import Any

from sandbox.wire.ecs_requests import Answer, Request, cluster_of, missing, texts
from sandbox.wire.paging import page
from sandbox.world.records import Cluster, ContainerInstance
from sandbox.world.world import World

_MOST_DESCRIBED = 100


def describe_container_instances(world: World, request: Request) -> Answer:
    """Answer DescribeContainerInstances."""
    cluster = cluster_of(world, request)
    known = {arn.rpartition("/")[2]: item for arn, item in cluster.instances.items()}
    instances, failures = [], []
    for reference in texts(request, "containerInstances", _MOST_DESCRIBED):
        instance = known.get(reference.rpartition("/")[2])
        if instance is None:
            failures.append(missing(reference))
        else:
            instances.append(_instance(instance))
    return {"containerInstances": instances, "failures": failures}


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
            failures.append(missing(reference))
        else:
            clusters.append(_cluster(cluster))
    return {"clusters": clusters, "failures": failures}


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
        "attributes": [{"name": "ecs.availability-zone", "value": instance.zone}],
        "registeredAt": instance.registered_at,
        "attachments": [],
        "tags": [],
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    live = [task for service in cluster.services.values() for task in service.live()]
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
