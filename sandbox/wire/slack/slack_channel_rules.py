"""What a channel refuses the app, and how long a message may be.

Sources: the errors of `chat.postMessage` and `chat.update` at docs.slack.dev, as
https://github.com/slack-ruby/slack-api-ref keeps them.

Tested in `tests/contract/wire/test_slack_refusals.py`.
"""

from typing import Any, Final

from sandbox.wire.slack.slack_directory import Channel
from sandbox.wire.slack.slack_errors import SlackError

MESSAGE_TEXT: Final = 12_000
"""Characters of all texts of a message's blocks together, about: Slack documents no number for
`msg_blocks_too_long` (https://github.com/slackapi/bolt-js/issues/2509 and 2867). Response URLs and
answers to commands are not limited by it (2867)."""


def require_writable(channel: Channel) -> Channel:
    """Return a channel that takes messages of the app.

    Raises:
        SlackError: it does not. A private channel is not even known to those outside of it.
    """
    if channel.is_archived:
        raise SlackError("is_archived")
    if not channel.is_member:
        raise SlackError("channel_not_found" if channel.is_private else "not_in_channel")
    return channel


def require_editable(channel: Channel) -> None:
    """Let an edit pass.

    Raises:
        SlackError: nothing of the channel can be edited. `chat.update` has no `not_in_channel`.
    """
    if channel.is_archived:
        raise SlackError("is_inactive")
    if not channel.is_member:
        raise SlackError("channel_not_found")


def require_short(blocks: list[dict[str, Any]]) -> None:
    """Let the blocks of a message pass.

    Raises:
        SlackError: their texts together are too long.
    """
    if sum(map(_characters, blocks)) > MESSAGE_TEXT:
        raise SlackError("msg_blocks_too_long")


def _characters(part: object) -> int:
    if isinstance(part, list):
        return sum(map(_characters, part))
    if not isinstance(part, dict):
        return 0
    own = part["text"] if isinstance(part.get("text"), str) else ""
    return len(own) + sum(map(_characters, part.values()))
