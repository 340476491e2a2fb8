"""Reading the parameters of ECS requests. Tested in `tests/contract/wire/test_ecs_wire.py`."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.world.world import World
from sandbox.world.world_errors import InvalidParameterError
from sandbox.world.world_records import Cluster, Service

Request = Mapping[str, Any]
Answer = dict[str, Any]
Operation = Callable[[World, Request], Answer]


def text(request: Request, name: str) -> str:
    """Return a parameter that must be there.

    Raises:
        InvalidParameterError: It is missing or empty.
    """
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidParameterError(f"{name} can not be blank.")
    return value


def texts(request: Request, name: str, most: int) -> list[str]:
    """Return a list parameter that must be there.

    Raises:
        InvalidParameterError: It is missing, empty or longer than the API allows.
    """
    value = request.get(name)
    if not isinstance(value, list) or not value:
        raise InvalidParameterError(f"{name} cannot be empty.")
    if len(value) > most:
        raise InvalidParameterError(f"{name} cannot have more than {most} elements.")
    return [str(item) for item in value]


def cluster_of(world: World, request: Request) -> Cluster:
    """Return the cluster that a request is about; `default` when it names none.

    Raises:
        ClusterNotFoundError: There is no such cluster.
    """
    return world.cluster(str(request.get("cluster") or "default"))


def service_of(world: World, request: Request) -> Service:
    """Return the service that a request is about.

    Raises:
        ClusterNotFoundError: There is no such cluster.
        ServiceNotFoundError: The cluster has no such service.
    """
    return world.service(cluster_of(world, request), text(request, "service"))


def missing_failure(arn: str) -> dict[str, str]:
    """Return the failure that ECS reports for something it does not know."""
    return {"arn": arn, "reason": "MISSING"}
