"""Slack's Web API as an operator's command asks it: reading, by forms, and waiting where limited.

Tested in `tests/contract/wire/test_slack_app.py`.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode

_TIMEOUT: Final = 10.0
"""Seconds for one attempt."""
_MOST_WAIT: Final = 60.0
"""Seconds that one call waits at most, all together, where Slack limits it."""
_PASSING: Final = {"fatal_error", "internal_error", "ratelimited", "request_timeout"}
_PASSING_TOO: Final = {"service_unavailable", "team_added_to_org"}


class SlackSilentError(Exception):
    """Slack was not reached, or did not answer as it does."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Slack answered to one call."""

    document: Mapping[str, Any]
    scopes: frozenset[str] | None
    """What the token was granted; None where the answer does not say."""

    @property
    def error(self) -> str:
        """Slack's name of what is wrong; empty where nothing is."""
        return "" if self.document.get("ok") else str(self.document.get("error", "no reason given"))


@dataclass(frozen=True)
class SlackApi:
    """One workspace, as a token sees it."""

    url: str
    token: str
    pause: Callable[[float], None] = time.sleep

    def call(self, method: str, **arguments: str) -> Answer:
        """Call a method that reads.

        Raises:
            SlackSilentError: it was not reached, or is in trouble itself.
        """
        waited = 0.0
        while True:
            try:
                answer = self._attempt(method, arguments)
            except HTTPError as error:
                wait = float(error.headers.get("Retry-After") or 1)
                is_limit = error.code == HTTPStatus.TOO_MANY_REQUESTS
                if not is_limit or waited + wait > _MOST_WAIT:
                    raise SlackSilentError(f"{method}: HTTP {error.code}") from error
            except (HTTPException, OSError, ValueError) as error:
                raise SlackSilentError(f"{method}: {type(error).__name__}") from error
            else:
                if answer.error in _PASSING | _PASSING_TOO:
                    raise SlackSilentError(f"{method}: {answer.error}")
                return answer
            self.pause(wait)
            waited += wait

    def _attempt(self, method: str, arguments: Mapping[str, str]) -> Answer:
        request = urllib.request.Request(  # noqa: S310  (Slack's address, or the operator's own)
            f"{self.url}{method}",
            data=urlencode(arguments).encode(),
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            document = json.loads(answer.read())
            told = answer.headers.get("X-OAuth-Scopes")
        if not isinstance(document, dict):
            raise ValueError("the answer is not an object")  # noqa: TRY004  (as JSON that is none)
        scopes = None if told is None else frozenset(map(str.strip, told.split(",")))
        return Answer(document=document, scopes=scopes)
