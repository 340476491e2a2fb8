"""Posting a message where Slack takes it, and telling somebody where it takes nothing.

Tested in `test_hidden_boards.py`.
"""

from collections.abc import Sequence
from dataclasses import replace

from handlers.domain.model.errors import ChannelClosed, SlackUnavailable
from handlers.domain.model.rollout import Board
from handlers.observability import logger
from handlers.services.ports import Slack
from handlers.slack.messages import hidden_text
from handlers.slack.messages.markup import is_slack_user


def post_linked(slack: Slack, channel: str, text: str, thread: str = "") -> Board:
    """Post a message and return where it is, with its permalink where Slack says it."""
    posted = replace(slack.post(channel, text=text, thread=thread), thread=thread)
    try:
        return replace(posted, link=slack.permalink(posted))
    except SlackUnavailable as error:
        logger().warning("slack: %s", error)
        return posted


def post_where_possible(slack: Slack, places: Sequence[tuple[str, str]], text: str) -> Board:
    """Post a message into the first place that takes it; where that is another, say why there.

    Args:
        slack: what takes it.
        places: channels, each with the thread or nothing, the best first.
        text: what is said.

    Raises:
        ChannelClosed: none of the channels takes it.
        SlackUnavailable: Slack cannot be told now.
    """
    refused: ChannelClosed | None = None
    for channel, thread in dict.fromkeys(places):
        try:
            posted = post_linked(slack, channel, text, thread)
        except ChannelClosed as error:
            logger().warning("slack: %s", error)
            refused = refused or error
            continue
        if refused and channel != places[0][0]:
            say(slack, channel, hidden_text.moved(places[0][0], refused), thread or posted.ts)
        return posted
    raise refused or ChannelClosed("there is no channel to post to")


def say(slack: Slack, channel: str, text: str, thread: str = "") -> None:
    """Post a line that nothing depends on."""
    try:
        slack.post(channel, text=text, thread=thread)
    except SlackUnavailable as error:
        logger().warning("slack: %s", error)


def tell_hidden(
    slack: Slack, error: SlackUnavailable, *, what: str, channel: str, requester: str
) -> None:
    """Tell the requester, in direct messages, that nobody can see a board, and why."""
    logger().error("slack takes nothing, and nobody can see %s: %s", what, error)
    if is_slack_user(requester):
        say(slack, requester, hidden_text.hidden(what, channel, error))
