"""ECS's JSON protocol over HTTP, answered by the world, so that the real boto3 works.

`perform` is the protocol without HTTP: a simulation in one process calls it directly.
"""

import json
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Translation
from sandbox.wire.ecs_fleet import (
    describe_clusters,
    describe_container_instances,
    list_clusters,
)
from sandbox.wire.ecs_requests import Answer, Operation
from sandbox.wire.ecs_service_deployments import (
    describe_service_deployments,
    describe_service_revisions,
    list_service_deployments,
    stop_service_deployment,
)
from sandbox.wire.ecs_services import (
    delete_service,
    describe_services,
    list_services,
    update_service,
)
from sandbox.wire.ecs_task_definitions import (
    deregister_task_definition,
    describe_task_definition,
    list_task_definitions,
    register_task_definition,
)
from sandbox.wire.ecs_tasks import describe_tasks, list_tasks
from sandbox.wire.seam import Seam, WireError
from sandbox.world.errors import WorldError
from sandbox.world.world import World

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
    "ListServiceDeployments": list_service_deployments,
    "ListServices": list_services,
    "ListTaskDefinitions": list_task_definitions,
    "ListTasks": list_tasks,
    "RegisterTaskDefinition": register_task_definition,
    "StopServiceDeployment": stop_service_deployment,
    "UpdateService": update_service,
}
"""What the sandbox's ECS can do, by the name that X-Amz-Target has."""

_CONTENT_TYPE = "application/x-amz-json-1.1"


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


_SAME_TIME: Final = Translation()


def ecs_routes(
    world: World,
    lock: RLock,
    tick: Callable[[], None],
    seam: Seam | None = None,
    times: Translation = _SAME_TIME,
    *,
    at: str = "/ecs",
) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_ECS` points to.

    Args:
        world: What answers.
        lock: Held around every use of the world.
        tick: Called under the lock before each request, to bring the world to the present.
        seam: Counts the calls, and lets faults in.
        times: Between the world's clock and that of whoever asks, who holds the end of a task
            against it. Other times are only held against each other, and stay the world's.
        at: The path of the endpoint.
    """
    used = seam or Seam()

    async def answer(request: Request) -> Response:
        body = await request.body()
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            parameters = _parameters(body)
            with lock:
                tick()
                content = used.call(
                    operation, parameters, lambda: perform(world, operation, parameters)
                )
        except WireError as error:
            return _json({"__type": error.code, "message": str(error)}, error.status)
        for task in content.get("tasks", ()):
            if task.get("stoppedAt") is not None:
                task["stoppedAt"] = times.to_real(task["stoppedAt"])
        return _json(content)

    # boto3 asks without the slash at the end, other clients may ask with it.
    return [Route(path, answer, methods=["POST"]) for path in (at, f"{at}/")]


def _parameters(body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise WireError("SerializationException", "The body is not JSON.") from error
    if not isinstance(parameters, dict):
        raise WireError("SerializationException", "The body is not a JSON object.")
    return parameters


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status_code=status, media_type=_CONTENT_TYPE)
