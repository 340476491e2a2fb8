"""Slack's Web API: posting and editing messages."""

from collections.abc import Callable
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.domain.errors import SlackUnavailable
from handlers.domain.rollout import Board
from handlers.slack.board import Blocks

TIMEOUT: Final = 5
"""Seconds. Nobody waits for a message, but the next step does."""


class Slack:
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
        return Board(channel=answer["channel"], ts=answer["ts"])

    def edit(self, message: Board, *, text: str, blocks: Blocks) -> None:
        """Replace a message's content."""
        self._call(
            "chat.update", channel=message.channel, ts=message.ts, text=text, blocks=list(blocks)
        )

    def _call(self, method: str, **arguments: object) -> Any:  # noqa: ANN401  (decoded JSON)
        client = WebClient(token=self._token(), base_url=self._url, timeout=TIMEOUT)
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            return client.api_call(method, json=given).data
        except SlackApiError as error:
            raise SlackUnavailable(f"{method}: {error.response.get('error', '')}") from error
        except (SlackClientError, OSError) as error:
            raise SlackUnavailable(f"{method}: {type(error).__name__}") from error
