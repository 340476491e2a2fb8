"""CloudWatch Logs' JSON protocol over HTTP, answered by the world's log lines.

Times are real on the wire and the world's behind it, as in `cloudwatch_api`.

Tested in `tests/contract/wire/test_logs_wire.py`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from starlette.routing import Route

from sandbox.host.accelerated_clock import Translation
from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.aws.aws_routes import Access, aws_routes
from sandbox.wire.aws.cloudwatch_api import SAME_TIME
from sandbox.wire.aws.log_patterns import PatternError, compile_pattern
from sandbox.wire.fault_injection import WireError
from sandbox.world.log_streams import LogLine
from sandbox.world.world import World
from sandbox.world.world_records import Task

MOST_STREAMS: Final = 100
MOST_EVENTS: Final = 10_000
SCANNED: Final = 1800.0
"""World seconds that one page covers; it ends there, even without a match."""

_UNAVAILABLE = 503
_MILLISECONDS = 1000

Parameters = Mapping[str, Any]


def filter_log_events(world: World, parameters: Parameters, times: Translation) -> dict[str, Any]:
    """Answer FilterLogEvents. A page may be empty and still have a `nextToken`.

    Source: CloudWatch Logs API reference, "FilterLogEvents".

    Raises:
        WireError: There is no such group or stream, or the request is not one that is accepted.
    """
    streams = _streams(world, parameters)
    limit = int(parameters.get("limit") or MOST_EVENTS)
    if not 1 <= limit <= MOST_EVENTS:
        raise _invalid(f"limit must be between 1 and {MOST_EVENTS}.")
    try:
        matches = compile_pattern(parameters.get("filterPattern") or "")
    except PatternError as error:
        raise _invalid(str(error)) from error
    begun = min((task.started_at or world.seconds for task in streams.values()), default=0.0)
    asked = times.to_world(parameters.get("startTime", 0) / _MILLISECONDS)
    # CloudWatch includes both ends of the interval, in milliseconds.
    ends = times.to_world(
        (parameters["endTime"] + 1) / _MILLISECONDS
        if "endTime" in parameters
        else times.to_real(world.seconds) + 1
    )
    ends = min(ends, world.logs.complete_until)
    start, passed = _token(parameters) or (max(asked, begun), 0)
    end = min(ends, start + SCANNED)
    found = sorted(
        (
            line
            for stream, task in streams.items()
            for line in world.logs.lines(task, stream, start, end)
            if matches(line.message)
        ),
        key=lambda line: (line.at, line.stream),
    )
    page = found[passed : passed + limit]
    answer: dict[str, Any] = {
        "events": [_event(line, times) for line in page],
        "searchedLogStreams": [],
    }
    if passed + limit < len(found):
        answer["nextToken"] = f"{start!r}_{passed + limit}"
    elif end < ends:
        answer["nextToken"] = f"{end!r}_0"
    return answer


Operation = Callable[[World, Parameters, Translation], dict[str, Any]]

OPERATIONS: Final[Mapping[str, Operation]] = {"FilterLogEvents": filter_log_events}
"""The operations of the sandbox's CloudWatch Logs, by their names in X-Amz-Target."""


def perform(
    world: World, operation: str, parameters: Parameters, times: Translation = SAME_TIME
) -> dict[str, Any]:
    """Carry out one operation, or fail by `world.telemetry.availability`.

    Raises:
        WireError: AWS would refuse it, or the sandbox does not know it.
    """
    if operation not in OPERATIONS:
        message = f"The sandbox's CloudWatch Logs does not know {operation}."
        raise WireError("UnknownOperationException", message)
    if world.telemetry.availability == "down":
        raise WireError("ServiceUnavailableException", "Service unavailable.", _UNAVAILABLE)
    if world.telemetry.availability == "forbidden":
        message = f"User is not authorized to perform: logs:{operation}"
        raise WireError("AccessDeniedException", message)
    return OPERATIONS[operation](world, parameters, times)


def logs_routes(world: World, access: Access, times: Translation = SAME_TIME) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS` points to, below `/logs`."""
    return aws_routes(
        "/logs",
        JsonProtocol("1.1"),
        lambda operation, parameters: perform(world, operation, parameters, times),
        access,
    )


def _streams(world: World, parameters: Parameters) -> dict[str, Task]:
    group = str(parameters.get("logGroupName") or parameters.get("logGroupIdentifier") or "")
    streams = world.logs.groups().get(group.rpartition(":")[2])
    if streams is None:
        raise _missing("group")
    names: Sequence[str] = parameters.get("logStreamNames") or []
    prefix = parameters.get("logStreamNamePrefix")
    if names and prefix:
        raise _invalid("logStreamNames and logStreamNamePrefix exclude each other.")
    if len(names) > MOST_STREAMS:
        raise _invalid(f"logStreamNames must have at most {MOST_STREAMS} elements.")
    if not all(name in streams for name in names):
        raise _missing("stream")
    wanted = names or [name for name in streams if name.startswith(prefix or "")]
    return {name: streams[name] for name in wanted}


def _token(parameters: Parameters) -> tuple[float, int] | None:
    token = parameters.get("nextToken")
    if not token:
        return None
    start, _, passed = str(token).partition("_")
    try:
        return float(start), int(passed)
    except ValueError as error:
        raise _invalid("The specified nextToken is invalid.") from error


def _event(line: LogLine, times: Translation) -> dict[str, Any]:
    at = round(times.to_real(line.at) * _MILLISECONDS)
    known = f"{line.stream}\0{line.at}\0{line.message}".encode()
    return {
        "logStreamName": line.stream,
        "timestamp": at,
        "message": line.message,
        "ingestionTime": at,
        "eventId": str(int.from_bytes(hashlib.blake2b(known, digest_size=16).digest())),
    }


def _missing(what: str) -> WireError:
    return WireError("ResourceNotFoundException", f"The specified log {what} does not exist.")


def _invalid(message: str) -> WireError:
    return WireError("InvalidParameterException", message)
