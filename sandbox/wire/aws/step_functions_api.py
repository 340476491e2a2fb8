"""Step Functions, counted and limited on its way to the local AWS that answers it.

Tested in `tests/contract/wire/test_rates.py`.
"""

import asyncio
from threading import Lock

import urllib3
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.wire.aws.aws_json import JsonProtocol
from sandbox.wire.fault_injection import CallInterceptor, WireError

_PASSED_ON = ("authorization", "content-type", "x-amz-date", "x-amz-target")
_TIMEOUT = 120.0
_PROTOCOL = JsonProtocol("1.0")


def states_routes(endpoint: str, interceptor: CallInterceptor) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_SFN` may point to.

    Args:
        endpoint: Of the AWS that answers.
        interceptor: Counts the calls, and injects faults before they are passed on.
    """
    there = urllib3.PoolManager(maxsize=32, retries=False, timeout=_TIMEOUT)
    lock = Lock()

    def passed_on(headers: dict[str, str], body: bytes) -> Response:
        answer = there.request("POST", endpoint, body=body, headers=headers)
        return Response(answer.data, answer.status, media_type=_PROTOCOL.media_type)

    async def answer(request: Request) -> Response:
        body = await request.body()
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            with lock:
                interceptor.call(operation, {}, dict)
        except WireError as error:
            return _PROTOCOL.refuse(error)
        return await asyncio.to_thread(passed_on, headers, body)

    return [Route(path, answer, methods=["POST"]) for path in ("/states", "/states/")]
