"""AWS's two query protocols over HTTP: forms in, XML out, each in its own dialect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.wire.aws import aws_query
from sandbox.wire.fault_injection import Seam, WireError
from sandbox.world.world import World
from sandbox.world.world_errors import WorldError

Operation = Callable[[World, Mapping[str, str]], dict[str, Any]]
Perform = Callable[[str, Mapping[str, str]], dict[str, Any]]
"""Takes the action and its parameters; raises a `WireError` where AWS would refuse."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How answers and errors of a service are written: `aws_query.response` and `.error`."""

    namespace: str
    response: Callable[[str, Mapping[str, Any], str], bytes] = aws_query.response
    error: Callable[[str, str, str], bytes] = aws_query.error


def carry_out(
    service: str,
    operations: Mapping[str, Operation],
    world: World,
    action: str,
    parameters: Mapping[str, str],
) -> dict[str, Any]:
    """Carry out one action of a service, without HTTP.

    Raises:
        WireError: AWS would refuse it, or the sandbox does not know it.
    """
    if action not in operations:
        raise WireError("InvalidAction", f"The sandbox's {service} does not know {action}.")
    try:
        return operations[action](world, parameters)
    except WorldError as error:
        raise WireError(error.code, str(error)) from error


def query_routes(
    at: str,
    dialect: Dialect,
    perform: Perform,
    *,
    lock: RLock,
    tick: Callable[[], None],
    seam: Seam,
) -> list[Route]:
    """Return the routes of one service.

    Args:
        at: The path of the endpoint.
        dialect: How it answers.
        perform: Answers, under the lock.
        lock: Held around every use of the world.
        tick: Called under the lock before each request, to bring the world to the present.
        seam: Counts the calls, and lets faults in.
    """

    async def answer(request: Request) -> Response:
        parameters = aws_query.parameters(await request.body())
        action = parameters.get("Action", "")
        try:
            with lock:
                tick()
                result = seam.call(action, parameters, lambda: perform(action, parameters))
        except WireError as error:
            body = dialect.error(error.code, str(error), dialect.namespace)
            return Response(body, status_code=error.status, media_type="text/xml")
        body = dialect.response(action, result, dialect.namespace)
        return Response(body, media_type="text/xml")

    # boto3 asks without the slash at the end, other clients may ask with it.
    return [Route(path, answer, methods=["POST"]) for path in (at, f"{at}/")]
