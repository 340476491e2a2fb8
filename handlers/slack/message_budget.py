"""How much one message may hold, and what is left of one that would hold more.

Slack refuses a message whose blocks are too long together with `msg_blocks_too_long`, and documents
no number. Some 12,000 characters of text are let through with few blocks, 13,297 in one block, and
11,341 in many nested ones were refused (https://github.com/slackapi/bolt-js/issues/2509 and 2867).
So the JSON of all blocks is held to 12,000, of whatever Slack counts only a part.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from handlers.slack.messages.shortening import shortened

MOST: Final = 12_000
"""Characters of a message's blocks, as JSON."""
LEAST: Final = 120
"""Characters of a text that are left in any case."""
CUT: Final = 200
"""Characters that are taken from the longest text at a time."""

Block = dict[str, Any]


def size_of(blocks: Sequence[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))


def fits(blocks: Sequence[Block]) -> bool:
    return size_of(blocks) <= MOST


def within_budget(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks that fit into one message: the longest texts are cut, none is left out."""
    drawn: list[Block] = json.loads(json.dumps(blocks))
    while not fits(drawn):
        longest = max(_texts(drawn), key=lambda text: len(text["text"]))
        length = len(longest["text"])
        if length <= LEAST:
            break
        longest["text"] = shortened(longest["text"], max(LEAST, length - CUT))
    return drawn


def _texts(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the text objects that are for reading: not those of buttons and headers."""
    for block in blocks:
        if block["type"] == "section" and "text" in block:
            yield block["text"]
        elif block["type"] == "context":
            yield from (each for each in block["elements"] if "text" in each)
