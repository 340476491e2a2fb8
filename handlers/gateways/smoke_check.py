"""One request of our own to a color."""

import time
from collections.abc import Callable
from contextlib import closing
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from typing import Final
from urllib.parse import SplitResult, urlsplit

from handlers.domain.model.measurements import Answer, Unmeasured
from handlers.domain.model.outcomes import Verdict

TIMEOUT: Final = 3
"""Seconds: to connect, to begin to answer, and for the whole body."""
MOST_BODY: Final = 64 * 1024
"""Bytes."""
_CONNECTIONS: Final = {"http": HTTPConnection, "https": HTTPSConnection}


class Smoke:
    """HTTP in our words. It never raises: what gave no answer is `Unmeasured`."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Tell the time, in seconds since whenever, by this."""
        self._now = now

    def get(self, url: str) -> Answer | Unmeasured:
        """Get what is at this address. A redirect is an answer, and is not followed."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return _silent("The smoke test's address is none.")
        if parts.scheme not in _CONNECTIONS or not host:
            return _silent("The smoke test's address is neither http:// nor https://.")
        if parts.username is not None:
            return _silent("The smoke test's address must hold no user name and no password.")
        shown = f"{parts.scheme}://{host}{parts.path}"
        try:
            connection = _CONNECTIONS[parts.scheme](host, port, timeout=TIMEOUT)
            with closing(connection):
                return self._asked(connection, parts)
        except (HTTPException, OSError, ValueError) as error:
            return _silent(f"{shown} gave no answer: {_reason(error)}.")

    def _asked(self, connection: HTTPConnection, parts: SplitResult) -> Answer:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": "shingo", "Accept": "*/*", "Connection": "close"}
        connection.request("GET", target, headers=headers)
        with connection.getresponse() as response:
            return Answer(status=response.status, body=self._body(response))

    def _body(self, response: HTTPResponse) -> str:
        until = self._now() + TIMEOUT
        body = b""
        while len(body) < MOST_BODY and (read := response.read1(MOST_BODY - len(body))):
            body += read
            # Something that trickles would never let the connection's own timeout pass.
            if self._now() > until:
                raise TimeoutError
        if len(body) < MOST_BODY and response.length:
            raise IncompleteRead(body, response.length)
        return body.decode(errors="replace")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"it took longer than {TIMEOUT} s"
    return f"{type(error).__name__}: {error}".removesuffix(".").removesuffix(": ")


def _silent(why: str) -> Unmeasured:
    return Unmeasured(verdict=Verdict.ERROR, why=why)
