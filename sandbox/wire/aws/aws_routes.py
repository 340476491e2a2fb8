"""One AWS service as HTTP routes: reads a request, calls the world under its lock, and answers.

Tested with the services, in `tests/contract/wire`.

Tested in `test_rates.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.wire.fault_injection import CallInterceptor, WireError
from sandbox.world.world import World
from sandbox.world.world_errors import WorldError

Operation = Callable[[World, Mapping[str, Any]], dict[str, Any]]
Perform = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Takes an operation and its parameters; raises a `WireError` where AWS would refuse."""


class WireProtocol(Protocol):
    """How a service's requests and answers are written."""

    def read(self, request: Request, body: bytes) -> tuple[str, Mapping[str, Any]]:
        """Return the operation and its parameters; raise a `WireError` if there are none."""

    def write(self, operation: str, content: Mapping[str, Any]) -> Response:
        """Write an answer."""

    def refuse(self, error: WireError) -> Response:
        """Write an error."""


def _stand_still() -> None:
    """Leave the world's time as it is."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How requests reach the world.

    Attributes:
        lock: held around every use of the world.
        tick: called under the lock before each request; brings the world to the present.
        interceptor: counts the calls, and injects faults.
    """

    lock: RLock = field(default_factory=RLock)
    tick: Callable[[], None] = _stand_still
    interceptor: CallInterceptor = field(default_factory=CallInterceptor)


def perform_operation(
    service: str,
    operations: Mapping[str, Operation],
    world: World,
    operation: str,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """Carry out one operation of a service, without HTTP.

    Raises:
        WireError: AWS would refuse it, or the sandbox does not know it.
    """
    if operation not in operations:
        raise WireError("InvalidAction", f"The sandbox's {service} does not know {operation}.")
    try:
        return operations[operation](world, parameters)
    except WorldError as error:
        raise WireError(error.code, str(error)) from error


def aws_routes(at: str, protocol: WireProtocol, perform: Perform, access: Access) -> list[Route]:
    """Return the routes of one service.

    Args:
        at: the path of the endpoint.
        protocol: reads requests and writes answers.
        perform: carries an operation out; it is called under the lock.
        access: to the world.
    """

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            operation, parameters = protocol.read(request, body)
            with access.lock:
                access.tick()
                content = access.interceptor.call(
                    operation, parameters, lambda: perform(operation, parameters)
                )
        except WireError as error:
            return protocol.refuse(error)
        return protocol.write(operation, content)

    # boto3 asks without the slash at the end, other clients may ask with it.
    return [Route(path, answer, methods=["POST"]) for path in (at, f"{at}/")]
