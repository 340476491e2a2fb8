"""The answer to a slash command: a text, or pages of blocks where it is long.

An answer of more than 4,000 characters of text is refused or split by Slack
(https://docs.slack.dev/reference/methods/chat.postMessage#truncating), wherever that falls.
"""

from collections.abc import Sequence
from typing import Any, Final

from handlers.domain.approvals.approval import mention
from handlers.slack.action_ids import Action
from handlers.slack.blocks import Block, button, context, section
from handlers.slack.message_budget import fits
from handlers.slack.messages.markup import plain
from handlers.slack.messages.shortening import parts_of, shortened

MAX_TEXT: Final = 3_000
"""Characters of an answer without blocks, and of one section."""
MAX_NOTICE: Final = 150
"""Characters of a long answer that a notification shows."""
MAX_VALUE: Final = 2_000
"""Characters that a button carries."""


def answer_page(said: str, asked: str, number: int = 0, *, is_read: bool = False) -> dict[str, Any]:
    """Return `text`, and `blocks` where there are any, of one page of an answer.

    Args:
        said: the whole answer.
        asked: the command, which the buttons carry.
        number: which page, from 0; the last one where there are fewer.
        is_read: whether the command only reads: then its answer can be shown to the channel.
    """
    if len(said) <= MAX_TEXT and not is_read:
        return {"text": said}
    pages = _pages(said, asked)
    number = min(max(number, 0), len(pages) - 1)
    buttons = [_button(Action.SHOW_CHANNEL, asked, number)] if is_read else []
    buttons += [_button(Action.NEXT_PAGE, asked, number + 1)] if number + 1 < len(pages) else []
    return {**_shown(said, pages, number), "blocks": [*_page(pages, number), *buttons]}


def shown_page(said: str, asked: str, number: int, by: str) -> dict[str, Any]:
    """Return `text` and `blocks` of a page as the channel sees it, with who shows it."""
    pages = _pages(said, asked)
    number = min(max(number, 0), len(pages) - 1)
    who = f"{mention(by)} shows the answer to `/rollout {plain(asked)[:MAX_NOTICE]}`"
    return {**_shown(said, pages, number), "blocks": [*_page(pages, number), *_footer(who)]}


def _shown(said: str, pages: Sequence[Sequence[Block]], number: int) -> dict[str, str]:
    """Return the text of notifications; of a short answer that is all of it."""
    is_short = len(pages) == 1 and len(said) <= MAX_TEXT and number == 0
    return {"text": said if is_short else shortened(said, MAX_NOTICE)}


def _page(pages: Sequence[Sequence[Block]], number: int) -> list[Block]:
    place = _footer(f"Page {number + 1} of {len(pages)}") if len(pages) > 1 else []
    return [*pages[number], *place]


def page_asked(value: str) -> tuple[int, str]:
    """Read from the value of a button which page is asked for, and of which command."""
    number, _, asked = value.partition(" ")
    is_number = number.isascii() and number.isdigit() and len(number) < len("1000")
    return (int(number) if is_number else 0), asked


def _pages(said: str, asked: str) -> list[list[Block]]:
    """Cut an answer into pages that fit with a footer and every button, whichever they get."""
    below = [*_footer("Page 100 of 100"), *(_button(action, asked, 100) for action in _LABELS)]
    pages: list[list[Block]] = [[]]
    for part in parts_of(said, MAX_TEXT):
        shown = section(part)
        if not fits([*pages[-1], shown, *below]):
            pages.append([])
        pages[-1].append(shown)
    return pages


def _footer(place: str) -> list[Block]:
    return [context(place)]


def _button(action: Action, asked: str, number: int) -> Block:
    drawn = button(action, _LABELS[action], f"{number} {asked}"[:MAX_VALUE])
    return {"type": "actions", "elements": [drawn]}


_LABELS: Final = {
    Action.NEXT_PAGE: "Next page",
    Action.SHOW_CHANNEL: "Show to the channel",
}
