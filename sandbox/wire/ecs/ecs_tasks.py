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
        "healthStatus": task.health,
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
        **({} if ":" in task.ip else {"privateIPv4Address": task.ip}),
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
        "networkBindings": _bindings(task, definition) if task.started_at is not None else [],
        "networkInterfaces": _interfaces(task),
        "healthStatus": task.health,
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


def _interfaces(task: Task) -> list[dict[str, Any]]:
    """Show the task's own addresses (API_NetworkInterface); IPv6-only networks give no other."""
    if not task.ip:
        return []
    is_ipv4 = ":" not in task.ip
    ipv4 = {"privateIpv4Address": task.ip} if is_ipv4 else {}
    ipv6 = task.ipv6 if is_ipv4 else task.ip
    shown = {"attachmentId": _uuid(task.id[::-1]), **ipv4}
    return [shown | ({"ipv6Address": ipv6} if ipv6 else {})]


def _bindings(task: Task, definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Show the ports of the instance that lead to the task; a range has none by itself.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkBinding.html
    """
    if task.ip:
        return []
    everywhere = {"bindIP": "0.0.0.0"}  # noqa: S104 - what ECS reports, nothing is bound here
    ranges = (m for m in definition["portMappings"] if "containerPortRange" in m)
    return [
        everywhere
        | {"containerPort": task.service.container_port, "hostPort": task.port, "protocol": "tcp"},
        *(
            everywhere
            | {
                "containerPortRange": each["containerPortRange"],
                "hostPortRange": each["containerPortRange"],
                "protocol": each["protocol"],
            }
            for each in ranges
        ),
    ]


def _uuid(hexadecimal: str) -> str:
    cuts = (0, 8, 12, 16, 20, 32)
    return "-".join(hexadecimal[start:end] for start, end in pairwise(cuts))
