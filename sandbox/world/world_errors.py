"""Refusals of the world, each with its name on the wire.

Tested in `tests/sandbox/world/test_world_history.py`.
"""


class WorldError(Exception):
    """A request that AWS would refuse. `code` is AWS's name for the refusal.

    It is the class's name with `Exception` at its end, unless the class names another.
    """

    code = "ServerException"

    def __init_subclass__(cls, code: str = "") -> None:
        """Name the refusal."""
        cls.code = code or f"{cls.__name__.removesuffix('Error')}Exception"


class InvalidParameterError(WorldError):
    """A parameter is missing or has a value that is not allowed."""


class ClientError(WorldError):
    """The request cannot be served, for example because a task definition does not exist."""


class ClusterNotFoundError(WorldError):
    """There is no cluster of that name."""


class ServiceNotFoundError(WorldError):
    """There is no service of that name in the cluster."""


class ServiceNotActiveError(WorldError):
    """The service has been deleted."""


class ServiceDeploymentNotFoundError(WorldError):
    """There is no service deployment with that ARN."""


class ConflictError(WorldError):
    """The service deployment is over and can no longer be stopped."""


class FleetNotFoundError(WorldError, code="InvalidSpotFleetRequestId.NotFound"):
    """There is no such fleet, group or instance."""


class ValidationError(WorldError, code="ValidationError"):
    """A group or fleet cannot be changed like that."""


class TargetGroupNotFoundError(WorldError, code="TargetGroupNotFound"):
    """There is no such target group."""
