"""Private answers to a click, by its response URL. Standard library only: people are waiting."""

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Final

TIMEOUT: Final = 2
"""Seconds, of the three that Slack allows for the whole answer."""
_ALLOWED: Final = ("https://hooks.slack.com/", "http://127.0.0.1:")


def whisper(response_url: str, text: str) -> bool:
    """Show a line to the one who clicked; return whether Slack took it.

    The URL is a secret that lets anyone post: it is never logged, and only Slack's own host
    (or the sandbox on this machine) is written to.
    """
    if not response_url.startswith(_ALLOWED):
        return False
    body = {"response_type": "ephemeral", "replace_original": False, "text": text}
    request = urllib.request.Request(  # noqa: S310  (held against _ALLOWED above)
        response_url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310  (likewise)
            return True
    except (urllib.error.URLError, HTTPException, OSError):
        return False
