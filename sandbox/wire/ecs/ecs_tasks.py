"""Tasks, as ECS's API shows them."""

from itertools import pairwise
from typing import Any

from handlers.domain.model.image_reference import digest_of
from sandbox.wire.aws.paging import page
from sandbox.wire.ecs.ecs_requests import Answer, Request, cluster_of, missing_failure, texts
from sandbox.world.world import World
from sandbox.world.world_records import Task

_MOST_DESCRIBED = 100


def list_tasks(world: World, request: Request) -> Answer:
    """Answer ListTasks. `desiredStatus` is RUNNING when it is not said."""
    cluster = cluster_of(world, request)
    name = request.get("serviceName")
    service = world.service(cluster, name) if name else None
    desired = request.get("desiredStatus") or "RUNNING"
    arns = [
        task.arn
        for task in world.tasks().values()
        if task.service.cluster is cluster
        and task.desired_status == desired
        and (service is None or task.service is service)
        and request.get("startedBy", task.deployment.id) == task.deployment.id
        and request.get("family", task.deployment.task_definition.family)
        == task.deployment.task_definition.family
        and _is_on(task, request.get("containerInstance"))
    ]
    found, more = page(arns, request)
    return {"taskArns": found, **more}


def describe_tasks(world: World, request: Request) -> Answer:
    """Answer DescribeTasks, for running tasks and those that stopped within the hour."""
    cluster = cluster_of(world, request)
    known = world.tasks()
    tasks, failures = [], []
    for reference in texts(request, "tasks", _MOST_DESCRIBED):
        task = known.get(reference.rpartition("/")[2])
        if task is None or task.service.cluster is not cluster:
            failures.append(missing_failure(reference))
        else:
            tasks.append(_task(task))
    return {"tasks": tasks, "failures": failures}


def _is_on(task: Task, instance: str | None) -> bool:
    if instance is None:
        return True
    ident = instance.rpartition("/")[2]
    return task.instance is not None and task.instance.arn.rpartition("/")[2] == ident


def _task(task: Task) -> dict[str, Any]:
    definition = task.deployment.task_definition
    shown: dict[str, Any] = {
        "attachments": [_attachment(task)] if task.ip else [],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": task.zone,
        "clusterArn": task.service.cluster.arn,
        "connectivity": "CONNECTED",
        "containers": [_container(task, item) for item in definition.containers],
        "cpu": str(definition.content.get("cpu", "0")),
        "createdAt": task.created_at,
        "desiredStatus": task.desired_status,
        "enableExecuteCommand": False,
        "group": f"service:{task.service.name}",
        "healthStatus": "UNKNOWN",
        "lastStatus": task.last_status,
        "launchType": "EC2",
        "memory": str(definition.content.get("memory", "0")),
        "overrides": {"containerOverrides": [{"name": task.service.container}]},
        "startedBy": task.deployment.id,
        "taskArn": task.arn,
        "taskDefinitionArn": definition.arn,
        "tags": [],
        "version": 1,
    }
    if task.instance is not None:
        shown["containerInstanceArn"] = task.instance.arn
    later = {
        "startedAt": task.started_at,
        "stoppingAt": task.stopping_at,
        "stoppedAt": task.stopped_at,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
    }
    return shown | {name: value for name, value in later.items() if value not in (None, "")}


def _attachment(task: Task) -> dict[str, Any]:
    details = {
        "networkInterfaceId": task.network_interface,
        "privateDnsName": f"ip-{task.ip.replace('.', '-')}.{task.zone[:-1]}.compute.internal",
        "privateIPv4Address": task.ip,
    }
    return {
        "id": _uuid(task.id[::-1]),
        "type": "ElasticNetworkInterface",
        "status": "DELETED" if task.last_status == "STOPPED" else "ATTACHED",
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }


def _container(task: Task, definition: dict[str, Any]) -> dict[str, Any]:
    cluster = task.service.cluster
    prefix = cluster.arn.partition(":cluster/")[0]
    shown: dict[str, Any] = {
        "containerArn": f"{prefix}:container/{cluster.name}/{task.id}/{_uuid(task.id)}",
        "taskArn": task.arn,
        "name": definition["name"],
        "image": definition["image"],
        "lastStatus": _container_status(task),
        "networkBindings": _bindings(task) if task.started_at is not None else [],
        "networkInterfaces": (
            [{"attachmentId": _uuid(task.id[::-1]), "privateIpv4Address": task.ip}]
            if task.ip
            else []
        ),
        "healthStatus": "UNKNOWN",
        "cpu": str(definition.get("cpu", 0)),
    }
    digest = digest_of(definition["image"])
    optional = {
        "imageDigest": digest or None,
        "exitCode": task.exit_code,
        "reason": task.container_reason or None,
    }
    return shown | {name: value for name, value in optional.items() if value is not None}


def _container_status(task: Task) -> str:
    if task.last_status in {"DEPROVISIONING", "STOPPED"}:
        return "STOPPED"
    return "RUNNING" if task.started_at is not None else "PENDING"


def _bindings(task: Task) -> list[dict[str, Any]]:
    if task.ip:
        return []
    return [
        {
            "bindIP": "0.0.0.0",  # noqa: S104 - what ECS reports, nothing is bound here
            "containerPort": task.service.container_port,
            "hostPort": task.port,
            "protocol": "tcp",
        }
    ]


def _uuid(hexadecimal: str) -> str:
    cuts = (0, 8, 12, 16, 20, 32)
    return "-".join(hexadecimal[start:end] for start, end in pairwise(cuts))
