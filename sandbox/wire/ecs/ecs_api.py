"""ECS's JSON protocol over HTTP, answered by the world. The simulation calls `perform` alone.

This module and those beside it are tested in `tests/contract/wire/test_ecs_wire.py`.

Tested in `test_ecs_wire.py`.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.routing import Route

from sandbox.host.accelerated_clock import Translation
from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.aws.aws_routes import Access, aws_routes
from sandbox.wire.aws.cloudwatch_api import SAME_TIME
from sandbox.wire.ecs.ecs_clusters import (
    describe_clusters,
    describe_container_instances,
    list_clusters,
    list_container_instances,
    update_container_instances_state,
)
from sandbox.wire.ecs.ecs_requests import Answer, Operation
from sandbox.wire.ecs.ecs_service_deployments import (
    describe_service_deployments,
    describe_service_revisions,
    list_service_deployments,
    stop_service_deployment,
)
from sandbox.wire.ecs.ecs_services import (
    delete_service,
    describe_services,
    list_services,
    update_service,
)
from sandbox.wire.ecs.ecs_task_definitions import (
    deregister_task_definition,
    describe_task_definition,
    list_task_definitions,
    register_task_definition,
)
from sandbox.wire.ecs.ecs_tasks import describe_tasks, list_tasks
from sandbox.wire.fault_injection import WireError
from sandbox.world.world import World
from sandbox.world.world_errors import WorldError

OPERATIONS: Final[Mapping[str, Operation]] = {
    "DeleteService": delete_service,
    "DeregisterTaskDefinition": deregister_task_definition,
    "DescribeClusters": describe_clusters,
    "DescribeContainerInstances": describe_container_instances,
    "DescribeServiceDeployments": describe_service_deployments,
    "DescribeServiceRevisions": describe_service_revisions,
    "DescribeServices": describe_services,
    "DescribeTaskDefinition": describe_task_definition,
    "DescribeTasks": describe_tasks,
    "ListClusters": list_clusters,
    "ListContainerInstances": list_container_instances,
    "ListServiceDeployments": list_service_deployments,
    "ListServices": list_services,
    "ListTaskDefinitions": list_task_definitions,
    "ListTasks": list_tasks,
    "RegisterTaskDefinition": register_task_definition,
    "StopServiceDeployment": stop_service_deployment,
    "UpdateContainerInstancesState": update_container_instances_state,
    "UpdateService": update_service,
}
"""The operations of the sandbox's ECS, by their names in X-Amz-Target."""


def perform(world: World, operation: str, parameters: Mapping[str, Any]) -> Answer:
    """Carry out one operation.

    Raises:
        WireError: AWS would refuse it, or the sandbox does not know it.
    """
    if operation not in OPERATIONS:
        raise WireError(
            "UnknownOperationException",
            f"The sandbox's ECS does not know {operation or 'a request without X-Amz-Target'}.",
        )
    try:
        return OPERATIONS[operation](world, parameters)
    except WorldError as error:
        raise WireError(error.code, str(error)) from error


def ecs_routes(world: World, access: Access, times: Translation = SAME_TIME) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_ECS` points to, below `/ecs`.

    Args:
        world: answers.
        access: to the world.
        times: between the world's clock and the caller's, who compares the end of a task with it.
            All other times are only compared with each other, and stay the world's.
    """
    return aws_routes(
        "/ecs",
        JsonProtocol("1.1"),
        lambda operation, parameters: _as_seen(perform(world, operation, parameters), times),
        access,
    )


def _as_seen(content: dict[str, Any], times: Translation) -> dict[str, Any]:
    for task in content.get("tasks", ()):
        if task.get("stoppedAt") is not None:
            task["stoppedAt"] = times.to_real(task["stoppedAt"])
    return content
