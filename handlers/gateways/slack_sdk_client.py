"""Slack's Web API: posting and editing messages."""

import math
import random
import time
from collections.abc import Callable
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from handlers.domain.model.errors import ShingoError, SlackUnavailable
from handlers.domain.model.rollout import Board
from handlers.slack.board_blocks import Blocks

TIMEOUT: Final = 5
"""Seconds. Nobody waits for a message, but the next step does."""
LONGEST_PAUSE: Final = 10
"""Seconds that one message waits for Slack in all, its own `Retry-After` included."""
SPREAD: Final = 1.0
"""Seconds over which the first new attempts are spread; twice as many each later time."""
_MOST_ATTEMPTS: Final = 4


class _Patience(RateLimitErrorRetryHandler):
    """Takes up a 429 a few times, each at a moment of its own.

    Of many messages that Slack limits together all are told the same `Retry-After`. If they kept
    to it they would come back together, and all but one be limited again.
    """

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = super()._can_retry(state=state, request=request, response=response, error=error)
        return limited and _paused(state) + _asked(response) <= LONGEST_PAUSE

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  (the library's own shape)
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002  (likewise)
    ) -> None:
        """Pause, and have the request sent again."""
        asked, paused = _asked(response), _paused(state)
        spread = min(SPREAD * 2**state.current_attempt, LONGEST_PAUSE - paused - asked)
        pause = asked + random.random() * spread  # noqa: S311  (nobody gains by guessing it)
        time.sleep(pause)
        state.custom_values = {"paused": paused + pause}
        state.next_attempt_requested = True
        state.increment_current_attempt()


def _asked(response: HttpResponse | None) -> float:
    """Return the seconds that Slack asks for; for ever, where that is no number."""
    told = (response.headers.get("retry-after") or ["0"])[0] if response else "0"
    return float(told) if told.isdigit() else math.inf


def _paused(state: RetryState) -> float:
    return float((state.custom_values or {}).get("paused", 0.0))


_RETRIES: Final[list[RetryHandler]] = [
    ConnectionErrorRetryHandler(max_retry_count=1),
    _Patience(max_retry_count=_MOST_ATTEMPTS),
]


class SlackSdk:
    """The Slack channel in our words. Every failure is `SlackUnavailable`."""

    def __init__(self, token: Callable[[], str], url: str) -> None:
        """Talk to the Web API at this URL, with the bot token that this returns."""
        self._token = token
        self._url = url

    def post(self, channel: str, *, text: str, blocks: Blocks = (), thread: str = "") -> Board:
        """Post a message; return where it is."""
        answer = self._call(
            "chat.postMessage",
            channel=channel,
            text=text,
            blocks=list(blocks),
            thread_ts=thread or None,
            unfurl_links=False,
            unfurl_media=False,
        )
        try:
            return Board(channel=answer["channel"], ts=answer["ts"])
        except KeyError as error:
            raise SlackUnavailable("chat.postMessage: the answer names no message") from error

    def edit(self, message: Board, *, text: str, blocks: Blocks) -> None:
        """Replace a message's content."""
        self._call(
            "chat.update", channel=message.channel, ts=message.ts, text=text, blocks=list(blocks)
        )

    def _call(self, method: str, **arguments: object) -> Any:  # noqa: ANN401  (decoded JSON)
        try:
            token = self._token()
        except ShingoError as error:
            raise SlackUnavailable(f"{method}: {error}") from error
        client = WebClient(
            token=token, base_url=self._url, timeout=TIMEOUT, retry_handlers=_RETRIES
        )
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            return client.api_call(method, json=given).data
        except SlackApiError as error:
            answer = getattr(error.response, "data", None)
            said = answer.get("error", "") if isinstance(answer, dict) else "not an object"
            raise SlackUnavailable(f"{method}: {said}") from error
        except (SlackClientError, OSError, ValueError) as error:
            raise SlackUnavailable(f"{method}: {type(error).__name__}") from error
