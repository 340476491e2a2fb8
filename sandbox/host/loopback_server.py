"""The loopback HTTP server of the sandbox's own routes: ECS, load balancers, Slack, the page.

Tested with the routes that it serves, in `tests/contract/wire`.

Tested in `test_rates.py`.
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

_STOP_SECONDS: Final = 10


def loopback_socket() -> socket.socket:
    """Bind a free port on the loopback interface."""
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, every
    # answer to boto3 takes 40 ms longer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener


def address(listener: socket.socket) -> str:
    """Return the URL of a bound port."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def running_server(routes: Sequence[BaseRoute], listener: socket.socket) -> Iterator[None]:
    """Serve the routes on a bound port, in a thread, until the block ends."""
    config = uvicorn.Config(
        Starlette(routes=routes),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="sandbox-server", daemon=True
    )
    # A call that comes before the thread is ready waits for it, and is not refused.
    listener.listen()
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        listener.close()
