"""A pool of warm Lambda workers: `python -m sandbox.host.worker`, started by `workers`.

Loads the package as Lambda does, then splits into `WORKERS` processes that take turns at one
socket. Each runs one invocation at a time and is as warm as the last left it, which is Lambda's
execution environment; an invocation that finds all of them busy waits for one.

Tested in `tests/e2e/test_load.py`.
"""

import importlib
import json
import os
import socket
import sys
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer as Server
from types import SimpleNamespace
from typing import Any

FUNCTION = "X-Amzn-Lambda-Function-Name"


class Invocation(BaseHTTPRequestHandler):
    """One invocation: the event as a body, the function's name as a header."""

    def do_POST(self) -> None:
        """Invoke the handler; what it raises is an error's name and words with status 500."""
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        module, _, name = HANDLERS[self.headers[FUNCTION]].rpartition(".")
        context = SimpleNamespace(aws_request_id=self.headers.get("X-Amzn-Lambda-Request-Id", ""))
        try:
            answer: Any = getattr(importlib.import_module(module), name)(event, context)
            status = 200
        except Exception as error:  # noqa: BLE001 - Lambda answers every one of them
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            status = 500
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet: the handlers log."""


HANDLERS: dict[str, str] = json.loads(os.environ.get("HANDLERS", "{}"))
"""Function → its handler."""


def main() -> None:
    """Load every handler, fork the workers, and serve until the process is ended."""
    sys.path.insert(0, os.environ["PACKAGE"])
    for handler in HANDLERS.values():
        importlib.import_module(handler.rpartition(".")[0])
    listener = socket.socket(fileno=int(os.environ["LISTENS_AT"]))
    for _ in range(int(os.environ["WORKERS"]) - 1):
        if os.fork() == 0:
            break
    server = Server(listener.getsockname(), Invocation, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    while True:
        server.handle_request()


if __name__ == "__main__":
    main()
