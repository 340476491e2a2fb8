"""The boards of rollouts and groups in Slack, and what is said beside them. Never fails a rollout.

A message that Slack does not take is logged, and the board is drawn anew from the record
by every later step, so the next one that gets through repairs it.
"""

from collections.abc import Callable
from dataclasses import Field, replace
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from handlers.domain.model.errors import ShingoError, SlackUnavailable
from handlers.domain.model.group import Group
from handlers.domain.model.rollout import Board, Rollout
from handlers.observability import logger
from handlers.services.ports import BoardRecords, Groups, Rollouts, Slack
from handlers.slack.board_blocks import Blocks, rollout_board
from handlers.slack.group_blocks import group_board
from handlers.slack.messages.group_text import group_summary
from handlers.slack.messages.rollout_text import rollout_summary

MOST_DRAWINGS: Final = 3


class Record(Protocol):
    """What a board is drawn of."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> str: ...
    @property
    def board(self) -> Board | None: ...
    @property
    def board_is_behind(self) -> bool: ...


R = TypeVar("R", bound=Record)


class Boards(Generic[R]):
    """Keeps the boards of records of one kind."""

    def __init__(
        self,
        slack: Slack,
        records: BoardRecords[R],
        *,
        draw: Callable[[R], Blocks],
        summary: Callable[[R], str],
        channel: Callable[[R], str],
    ) -> None:
        self._slack = slack
        self._records = records
        self._draw = draw
        self._summary = summary
        self._channel = channel

    def show(self, record: R) -> R:
        """Bring the board up to date, posting it if there is none yet.

        Steps overlap, so a board drawn from an older record may land on a newer one. So each step
        reads the record again after drawing, and draws again if it has changed: the last one
        leaves what the record says.
        """
        try:
            address = record.board or self._post_board(record)
            for _ in range(MOST_DRAWINGS):
                drawn = self._draw(record)
                self._slack.edit(address, text=self._summary(record), blocks=drawn)
                before, record = record, self._records.read(record.id)
                if record == before or self._draw(record) == drawn:
                    break
        except SlackUnavailable as error:
            _log(error)
            return self._mark(record, is_behind=True)
        return self._mark(record, is_behind=False)

    def announce(self, record: R, text: str) -> None:
        self._post(self._channel(record), text, "")

    def _mark(self, record: R, *, is_behind: bool) -> R:
        """Record whether the board says what the record says, where that has changed.

        Returns:
            The record with what is so, even where that could not be recorded.
        """
        if record.board_is_behind is is_behind:
            return record
        try:
            return self._records.mark_board(record.id, is_behind=is_behind)
        except ShingoError as error:
            _log(error)
            return replace(record, board_is_behind=is_behind)

    def _post_board(self, record: R) -> Board:
        """Post the message that becomes the board.

        It has nothing to press: should its address be lost, nobody could take that away again.
        """
        posted = self._slack.post(self._channel(record), text=self._summary(record))
        stands = self._records.set_board_once(record.id, posted).board
        return stands or posted

    def _post(self, channel: str, text: str, thread: str) -> None:
        try:
            self._slack.post(channel, text=text, thread=thread)
        except SlackUnavailable as error:
            _log(error)


class RolloutBoard(Boards[Rollout]):
    """The boards of rollouts and their threads, each in its application's channel."""

    def __init__(self, slack: Slack, rollouts: Rollouts, channel: Callable[[str], str]) -> None:
        super().__init__(
            slack,
            rollouts,
            draw=rollout_board,
            summary=rollout_summary,
            channel=lambda rollout: channel(rollout.application),
        )

    def say(self, rollout: Rollout, text: str) -> None:
        if rollout.board:
            self._post(rollout.board.channel, text, rollout.board.ts)


class GroupBoard(Boards[Group]):
    """The boards of groups, each in the channel of its first application."""

    def __init__(self, slack: Slack, groups: Groups, channel: Callable[[str], str]) -> None:
        super().__init__(
            slack,
            groups,
            draw=group_board,
            summary=group_summary,
            channel=lambda group: channel(group.applications[0]),
        )

    def announce_end(self, group: Group) -> None:
        self.announce(group, group_summary(group))


def _log(error: ShingoError) -> None:
    logger().warning("slack: %s", error)
