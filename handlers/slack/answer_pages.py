"""The answer to a slash command: a text, or pages of blocks where it is long.

An answer of more than 4,000 characters of text is refused or split by Slack
(https://docs.slack.dev/reference/methods/chat.postMessage#truncating), wherever that falls.
"""

from typing import Any, Final

from handlers.slack.action_ids import Action
from handlers.slack.message_budget import Block, fits
from handlers.slack.messages.shortening import parts_of, shortened

MAX_TEXT: Final = 3_000
"""Characters of an answer without blocks, and of one section."""
MAX_NOTICE: Final = 150
"""Characters of a long answer that a notification shows."""
MAX_VALUE: Final = 2_000
"""Characters that a button carries."""


def answer_page(said: str, asked: str, number: int = 0) -> dict[str, Any]:
    """Return `text`, and `blocks` where it is long, of one page of an answer.

    Args:
        said: the whole answer.
        asked: the command, which the button for the next page carries.
        number: which page, from 0; the last one where there are fewer.
    """
    if len(said) <= MAX_TEXT:
        return {"text": said}
    pages = _pages(said)
    number = min(max(number, 0), len(pages) - 1)
    place = f"Page {number + 1} of {len(pages)}"
    button = [_next_button(asked, number + 1)] if number + 1 < len(pages) else []
    return {
        "text": shortened(said, MAX_NOTICE),
        "blocks": [*pages[number], *_footer(place), *button],
    }


def page_asked(value: str) -> tuple[int, str]:
    """Read from the value of the button which page is asked for, and of which command."""
    number, _, asked = value.partition(" ")
    is_number = number.isascii() and number.isdigit() and len(number) < len("1000")
    return (int(number) if is_number else 0), asked


def _pages(said: str) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    for part in parts_of(said, MAX_TEXT):
        section = {"type": "section", "text": {"type": "mrkdwn", "text": part}}
        if not fits([*pages[-1], section, *_footer("Page 100 of 100"), _LARGEST_BUTTON]):
            pages.append([])
        pages[-1].append(section)
    return pages


def _footer(place: str) -> list[Block]:
    return [{"type": "context", "elements": [{"type": "mrkdwn", "text": place}]}]


def _next_button(asked: str, number: int) -> Block:
    button = {
        "type": "button",
        "action_id": Action.NEXT_PAGE,
        "text": {"type": "plain_text", "text": "Next page"},
        "value": f"{number} {asked}"[:MAX_VALUE],
    }
    return {"type": "actions", "elements": [button]}


_LARGEST_BUTTON: Final = _next_button("x" * MAX_VALUE, 0)
