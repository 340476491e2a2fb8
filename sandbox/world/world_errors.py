"""Refusals of the world, each with its name on the wire.

Tested in `tests/sandbox/world/test_world_history.py`.
"""


class WorldError(Exception):
    """A request that AWS would refuse. `code` is AWS's name for the refusal."""

    code = "ServerException"


class InvalidParameterError(WorldError):
    """A parameter is missing or has a value that is not allowed."""

    code = "InvalidParameterException"


class ClientError(WorldError):
    """The request cannot be served, for example because a task definition does not exist."""

    code = "ClientException"


class ClusterNotFoundError(WorldError):
    """There is no cluster of that name."""

    code = "ClusterNotFoundException"


class ServiceNotFoundError(WorldError):
    """There is no service of that name in the cluster."""

    code = "ServiceNotFoundException"


class ServiceNotActiveError(WorldError):
    """The service has been deleted."""

    code = "ServiceNotActiveException"


class ServiceDeploymentNotFoundError(WorldError):
    """There is no service deployment with that ARN."""

    code = "ServiceDeploymentNotFoundException"


class ConflictError(WorldError):
    """The service deployment is over and can no longer be stopped."""

    code = "ConflictException"


class FleetNotFoundError(WorldError):
    """There is no such fleet, group or instance."""

    code = "InvalidSpotFleetRequestId.NotFound"


class ValidationError(WorldError):
    """A group or fleet cannot be changed like that."""

    code = "ValidationError"


class TargetGroupNotFoundError(WorldError):
    """There is no such target group."""

    code = "TargetGroupNotFound"
