"""One loopback HTTP server for all that is not MiniStack: ECS, load balancers, Slack, the page."""

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
    """Take a free port on the loopback interface, and hold it."""
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, every
    # answer to boto3 takes 40 ms longer.
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def address(held: socket.socket) -> str:
    """Return the URL of a held port."""
    return f"http://127.0.0.1:{held.getsockname()[1]}"


@contextmanager
def serving(routes: Sequence[BaseRoute], held: socket.socket) -> Iterator[None]:
    """Serve the routes on a held port, in a thread, until the block ends."""
    config = uvicorn.Config(
        Starlette(routes=routes),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [held]}, name="sandbox-server", daemon=True
    )
    # Whoever calls before the thread is ready waits for it, and is not refused.
    held.listen()
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        held.close()
