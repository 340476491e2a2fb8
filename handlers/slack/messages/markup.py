"""Text of others and mentions, as Slack's markup takes them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final

from handlers.domain.approvals.approval import mention
from handlers.domain.approvals.called_people import CalledPeople
from handlers.domain.model.rollout import Board

_OPENS: Final = re.compile(r"(?<![\w*~`])(?:[*_~`](?=\S))+")
"""Characters of a text that begin bold, italic, struck or code, where they stand at a word."""
_LOOKALIKES: Final = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
_ACTOR: Final = re.compile(
    r"(?:(?<=^)|(?<=[.:,] ))([UW][A-Z0-9]{2,}|arn:aws[\w-]*:\S+)"
    r"(?= (?:rejected|withdrew|withdrawn|rolled|approved|superseded) "
    r"| (?:asked for it|may not answer|is deactivated|is a bot|is of another company)\b)"
)
"""Who did something, where a record says so in a sentence."""
_GROUP: Final = re.compile(r"(?<=nobody is in )(S[A-Z0-9]{2,})|(?<=somebody of )(S[A-Z0-9]{2,})")
"""A group of which a record says in a sentence that nobody of it can answer."""


def plain(text: str) -> str:
    """Escape a text of others, so that none of it is markup.

    https://docs.slack.dev/messaging/formatting-message-text: exactly these three are escaped, and
    nothing escapes what begins bold, italic, struck or code: that is shown by a character that
    looks the same.
    """
    shown = _OPENS.sub(lambda found: found[0].translate(_LOOKALIKES), text)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_people(text: str) -> str:
    """Mention those of whom a sentence of a record says what they did, in a text without markup."""
    people = _ACTOR.sub(lambda found: mention(found[1]), text)
    return _GROUP.sub(lambda found: group_mention(found[0]), people)


def unescaped(text: str) -> str:
    """Return what somebody typed, of which Slack has escaped the same three characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clipped(text: str, most: int) -> str:
    """Return a text of others in one line of at most `most` characters, without any markup."""
    line = " ".join(text.split()).replace("```", "'''")
    ends = list(accumulate(len(plain(character)) for character in line))
    if not ends or ends[-1] <= most:
        return plain(line)
    return plain(line[: sum(end < most for end in ends)]) + "…"


def moment(at: datetime) -> str:
    """Return a time that Slack shows in each reader's own time zone.

    https://docs.slack.dev/messaging/formatting-message-text, "Date formatting".
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%d %b %H:%M} UTC>"


def board_place(channel: str, here: str) -> str:
    """Say where a board will be, to whoever asks for it in the channel `here`."""
    return f"Its board will follow {'here' if channel == here else f'in <#{channel}>'}."


def mentions(ids: Iterable[str]) -> str:
    return listed(map(mention, ids))


def called(people: CalledPeople) -> str:
    """Mention people and groups before what is said to them; empty where nobody is called."""
    names = [mention(user) for user in people.users if is_slack_user(user)]
    names += map(group_mention, people.groups)
    return f"{' '.join(names)} " if names else ""


def is_slack_user(person: str) -> bool:
    return mention(person).startswith("<@")


def group_mention(group: str) -> str:
    return f"<!subteam^{group}>"


def link(address: str, label: str) -> str:
    return f"<{address}|{plain(label)}>"


def message_link(message: Board, label: str) -> str:
    """Link to a message; without its permalink, Slack finds the reader's workspace."""
    archived = f"https://slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.thread:
        archived += f"?thread_ts={message.thread}&cid={message.channel}"
    return link(message.link or archived, label)


def listed(names: Iterable[str]) -> str:
    return " and ".join(names)


def run_or_runs(names: Sequence[str]) -> str:
    return "run" if len(names) > 1 else "runs"


def go_or_goes(names: Sequence[str]) -> str:
    """Say "go" of several and "goes" of one."""
    return "go" if len(names) > 1 else "goes"
