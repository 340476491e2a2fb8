"""Slack's building pieces of a message, each within Slack's limits.

Tested in `test_board_blocks.py`.
"""

from collections.abc import Sequence
from typing import Any, Final

from handlers.slack.action_ids import Action
from handlers.slack.messages.shortening import shortened

MAX_HEADER: Final = 150
MAX_SECTION: Final = 3000
MAX_BUTTON_VALUE: Final = 2000
"""Characters; https://docs.slack.dev/reference/block-kit/blocks."""

Block = dict[str, Any]
Blocks = Sequence[Block]


def section(content: str) -> Block:
    return {"type": "section", "text": text(content, MAX_SECTION)}


def context(content: str) -> Block:
    return {"type": "context", "elements": [text(content, MAX_SECTION)]}


def text(content: str, most: int, kind: str = "mrkdwn") -> Block:
    return {"type": kind, "text": shortened(content, most)}


def button(action: Action, label: str, value: str, style: str = "") -> Block:
    drawn = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": label},
        "value": value[:MAX_BUTTON_VALUE],
    }
    return drawn | ({"style": style} if style else {})
