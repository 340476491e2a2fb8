"""Requests to Slack over HTTP: how long they may take, and when they are made again.

Tested in `test_slack_client.py`.
"""

import json
import math
import random
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

SPREAD: Final = 1.0
"""Seconds over which the first new attempts are spread; twice as many each later time."""
RECONNECT: Final = 0.5
"""Seconds, at least, until the one new attempt after a connection that failed."""
_MOST_RETRIES: Final = 4
FAILURES: Final = (HTTPException, OSError, ValueError)
_REPLIES: Final = {
    ("https", "hooks.slack.com"),
    # GovSlack: https://docs.slack.dev/govslack.
    ("https", "hooks.slack-gov.com"),
    ("http", "127.0.0.1"),
}


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a call may take, in seconds."""

    timeout: float
    """For one attempt."""
    pauses: float
    """Between attempts, all together, Slack's `Retry-After` included; 0 means one attempt."""


def is_slacks(address: str) -> bool:
    """Whether an address is one of Slack's for answers, or the sandbox's on this machine."""
    try:
        url = urlsplit(address)
    except ValueError:
        return False
    return (url.scheme, url.hostname) in _REPLIES and url.username is None


def request_of(url: str, data: str, headers: Mapping[str, str]) -> urllib.request.Request:
    return urllib.request.Request(  # noqa: S310  (Slack's own address, or the sandbox's)
        url, data=data.encode(), headers=dict(headers)
    )


def send(request: urllib.request.Request, timeout: float) -> bytes:
    with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310  (likewise)
        return bytes(answer.read())


def send_patiently(request: urllib.request.Request, patience: Patience) -> bytes:
    """Send a request again while its failure may pass and pauses are left."""
    left, attempt = patience.pauses, 0
    while True:
        try:
            return send(request, patience.timeout)
        except FAILURES as error:
            pause = _pause_after(error, attempt, left)
            if pause is None:
                raise
        time.sleep(pause)
        left, attempt = left - pause, attempt + 1


def _pause_after(error: Exception, attempt: int, left: float) -> float | None:
    """Return the seconds until the next attempt, or None where there is to be none.

    Of many messages that Slack limits together all are told the same `Retry-After`. If they kept
    to it they would come back together, and all but one be limited again.

    Args:
        error: why the attempt failed.
        attempt: how many failed before it.
        left: seconds that may still be spent on pauses.
    """
    lot = random.random()  # noqa: S311  (nobody gains by guessing it)
    if isinstance(error, HTTPError):
        asked = _retry_after(error)
        if left <= 0 or asked > left or attempt >= _MOST_RETRIES:
            return None
        return asked + lot * min(SPREAD * 2.0**attempt, left - asked)
    is_of_the_wire = isinstance(error, URLError | ConnectionResetError)
    return RECONNECT + lot if is_of_the_wire and left > 0 and attempt == 0 else None


def _retry_after(error: HTTPError) -> float:
    """Return the seconds that Slack asks for; infinity if it limits nothing or says no number."""
    told = error.headers.get("Retry-After") or "0"
    is_limit = error.code == HTTPStatus.TOO_MANY_REQUESTS
    return float(told) if is_limit and told.isdigit() else math.inf


def reason_of(error: Exception) -> str:
    """Name a failure as Slack does, or by its kind."""
    if isinstance(error, HTTPError):
        try:
            return str(json.loads(error.read())["error"])
        except (*FAILURES, KeyError, TypeError):
            return f"HTTP {error.code}"
    return type(error).__name__
