"""AWS's JSON protocols over HTTP: the operation in a header, objects in and out."""

import json
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.wire.fault_injection import Seam, WireError

Perform = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Takes the operation and its parameters; raises a `WireError` where AWS would refuse."""


def json_routes(
    at: str,
    version: str,
    perform: Perform,
    *,
    lock: RLock,
    tick: Callable[[], None],
    seam: Seam,
) -> list[Route]:
    """Return the routes of one service.

    Args:
        at: The path of the endpoint.
        version: Of the protocol: `1.0` or `1.1`.
        perform: Answers, under the lock.
        lock: Held around every use of the world.
        tick: Called under the lock before each request, to bring the world to the present.
        seam: Counts the calls, and lets faults in.
    """
    media_type = f"application/x-amz-json-{version}"

    async def answer(request: Request) -> Response:
        body = await request.body()
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            parameters = _parameters(body)
            with lock:
                tick()
                content = seam.call(operation, parameters, lambda: perform(operation, parameters))
        except WireError as error:
            return refused(error, media_type)
        return Response(json.dumps(content), media_type=media_type)

    # boto3 asks without the slash at the end, other clients may ask with it.
    return [Route(path, answer, methods=["POST"]) for path in (at, f"{at}/")]


def refused(error: WireError, media_type: str) -> Response:
    """Answer with an error."""
    said = {"__type": error.code, "message": str(error)}
    # Services that once spoke the query protocol tell its code here; botocore prefers it.
    headers = {"x-amzn-query-error": f"{error.code};Sender"}
    return Response(json.dumps(said), error.status, headers, media_type)


def _parameters(body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise WireError("SerializationException", "The body is not JSON.") from error
    if not isinstance(parameters, dict):
        raise WireError("SerializationException", "The body is not a JSON object.")
    return parameters
