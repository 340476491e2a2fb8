"""CloudWatch's JSON protocol over HTTP, answered by the world.

Times are real on the wire and the world's behind it: a period of one second is a world minute
where the world runs 60 times as fast. The simulation calls `perform` without HTTP; its times are
the world's.

Tested in `tests/contract/wire/test_cloudwatch_wire.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.routing import Route

from sandbox.host.accelerated_clock import Translation
from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.aws.aws_routes import Access, aws_routes
from sandbox.wire.aws.cloudwatch_alarms import describe_alarms
from sandbox.wire.aws.cloudwatch_data import get_metric_data
from sandbox.wire.fault_injection import WireError
from sandbox.world.world import World

Operation = Callable[[World, Mapping[str, Any], Translation], dict[str, Any]]

OPERATIONS: Final[Mapping[str, Operation]] = {
    "DescribeAlarms": describe_alarms,
    "GetMetricData": get_metric_data,
}
"""The operations of the sandbox's CloudWatch, by their names in X-Amz-Target."""

SAME_TIME: Final = Translation()

_INTERNAL_ERROR = 500
_FORBIDDEN = 403


def perform(
    world: World, operation: str, parameters: Mapping[str, Any], times: Translation = SAME_TIME
) -> dict[str, Any]:
    """Carry out one operation, or fail by `world.telemetry.availability`.

    Args:
        world: Answers.
        operation: Its name.
        parameters: In CloudWatch's own names; times are seconds since the epoch.
        times: Translates between the caller's time and the world's.

    Raises:
        WireError: AWS would refuse it, or the sandbox does not know it.
    """
    if operation not in OPERATIONS:
        raise WireError("InvalidAction", f"The sandbox's CloudWatch does not know {operation}.")
    availability = world.telemetry.availability
    if availability == "down":
        raise WireError("InternalServiceError", "Internal service error.", _INTERNAL_ERROR)
    if availability == "forbidden" and operation != "GetMetricData":
        message = f"User is not authorized to perform: cloudwatch:{operation}"
        raise WireError("AccessDenied", message, _FORBIDDEN)
    return OPERATIONS[operation](world, parameters, times)


def cloudwatch_routes(world: World, access: Access, times: Translation = SAME_TIME) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_CLOUDWATCH` points to, below `/cloudwatch`."""
    return aws_routes(
        "/cloudwatch",
        JsonProtocol("1.0"),
        lambda operation, parameters: perform(world, operation, parameters, times),
        access,
    )
