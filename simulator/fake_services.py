"""Services in memory that keep the rules of what they stand for, as far as handlers meet them."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from handlers.domain.admission.image_push import MediaTypes
from handlers.domain.admission.image_scan import Manifest, Scan
from handlers.domain.model.account import Account
from handlers.domain.model.errors import MessageGone, NotPushed, SlackUnavailable
from handlers.domain.model.lost_event import LostEvent
from handlers.domain.model.measurements import Answer, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import Board
from simulator.example_release import image
from simulator.slack_requests import TEAM

Message = dict[str, Any]
"""A message as it is in the channel: channel, ts, text, blocks, the text that it was posted with,
and in a thread its parent and whether the channel shows it, too."""


class FakeImages:
    """ECR, with the same tags in whatever repository."""

    def __init__(self, **digests: str) -> None:
        self.digests = digests
        self.scans: dict[str, Scan] = {}
        self.media: dict[str, MediaTypes] = {}
        self.indices: dict[str, tuple[Manifest, ...]] = {}
        """Digest of an index → its manifests; each of these has a scan, the index has none."""

    def pinned(self, repository: str, tag: str) -> str:
        if tag not in self.digests:
            raise NotPushed(f"look up {repository}:{tag}: ImageNotFoundException")
        return image(self.digests[tag], repository)

    def media_types(self, repository: str, digest: str) -> MediaTypes:
        return self.media.get(digest, MediaTypes())

    def scan(self, repository: str, digest: str) -> Scan:
        return Scan() if digest in self.indices else self.scans.get(digest, Scan())

    def manifests(self, repository: str, digest: str) -> tuple[Manifest, ...]:
        return self.indices.get(digest, ())


class FakeSmoke:
    """A color that gives one answer, or none."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer

    def get(self, url: str) -> Answer | Unmeasured:
        return self.answer or Unmeasured(verdict=Verdict.ERROR, why="It does not answer.")


class FakeSlack:
    """A channel: messages in order, those of a thread with their parent's `ts`; and its people."""

    def __init__(self, *staff: str) -> None:
        """Have these people, full members of the workspace, in every user group."""
        self.messages: list[Message] = []
        self.staff = frozenset(staff)
        self.is_down = False
        self._posted = 0
        self.refusals: dict[str, SlackUnavailable] = {}
        """Channel → why Slack takes nothing for it."""

    def members(self, group: str) -> frozenset[str]:
        self._answer()
        return self.staff

    def members_of(self, groups: Any) -> dict[str, frozenset[str]]:
        return {group: self.members(group) for group in groups}

    def account(self, user: str) -> Account:
        self._answer()
        return Account(team=TEAM)

    def post(
        self,
        channel: str,
        *,
        text: str,
        blocks: Sequence[Mapping[str, Any]] = (),
        thread: str = "",
        in_channel_too: bool = False,
    ) -> Board:
        self._answer(channel)
        self._posted += 1
        ts = f"1.{self._posted:06}"
        shown = {"text": text, "blocks": blocks, "thread": thread, "posted": text}
        place = {"channel": channel, "ts": ts, "in_channel_too": in_channel_too and bool(thread)}
        self.messages.append({**place, **shown})
        return Board(channel=channel, ts=ts)

    def permalink(self, message: Board) -> str:
        self._answer()
        link = f"https://recipes.slack.com/archives/{message.channel}/p{message.ts[2:]}"
        place = f"?thread_ts={message.thread}&cid={message.channel}"
        return f"{link}{place}" if message.thread else link

    def edit(self, message: Board, *, text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
        self._answer(message.channel)
        found = [
            m for m in self.messages if (m["channel"], m["ts"]) == (message.channel, message.ts)
        ]
        if not found:
            raise MessageGone("chat.update: message_not_found")
        found[0].update(text=text, blocks=blocks)

    def said(self, *, in_thread: bool) -> list[str]:
        """Return what was said beside boards and questions, in threads or in the channel."""
        return [
            m["text"]
            for m in self.messages
            if bool(m["thread"] and not m["in_channel_too"]) is in_thread and not m["blocks"]
        ]

    def boards(self) -> list[Message]:
        return [m for m in self.edited() if not _is_question(m)]

    def questions(self) -> list[Message]:
        return [m for m in self.edited() if _is_question(m)]

    def edited(self) -> list[Message]:
        """Return the boards and the questions."""
        return [m for m in self.messages if m["blocks"]]

    def _answer(self, channel: str = "") -> None:
        if self.is_down:
            raise SlackUnavailable("chat: ratelimited")
        if channel in self.refusals:
            raise self.refusals[channel]


def _is_question(message: Message) -> bool:
    """Whether a message is a question: it has no heading, which every board has."""
    first = message["blocks"][0]
    return isinstance(first, Mapping) and first["type"] == "section"


class FakeSecret:
    """A parameter as the function remembers it, and as it is since it was rotated."""

    def __init__(self, remembered: str, present: str = "") -> None:
        self._remembered = remembered
        self._present = present or remembered

    def value(self, *, fresh: bool = False) -> str:
        if fresh:
            self._remembered = self._present
        return self._remembered


class FakeLostEvents:
    """The queue of lost events: what is taken comes again, unless it is deleted."""

    def __init__(self) -> None:
        self.kept: dict[str, LostEvent] = {}
        self._taken: set[str] = set()
        self._numbers = count(1)

    def put(self, event: Mapping[str, Any], why: str) -> None:
        receipt = f"receipt-{next(self._numbers)}"
        self.kept[receipt] = LostEvent(receipt=receipt, event=event, why=why)

    def take(self) -> list[LostEvent]:
        found = [lost for receipt, lost in self.kept.items() if receipt not in self._taken]
        self._taken = {lost.receipt for lost in found}
        return found

    def delete(self, lost: LostEvent) -> None:
        self.kept.pop(lost.receipt, None)
