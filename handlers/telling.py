"""Telling people: the board, its thread and the channel. Never fails a rollout.

A message that Slack does not take is logged, and the board is drawn anew from the record
by every later step, so the next one that gets through repairs it.
"""

from collections.abc import Callable
from typing import Final, Protocol

from handlers.domain.errors import ShingoError, SlackUnavailable
from handlers.domain.rollout import Board, Rollout
from handlers.slack.board import Blocks, board, summary

MOST_DRAWINGS: Final = 3


class Slack(Protocol):
    """The channel."""

    def post(self, channel: str, *, text: str, blocks: Blocks = (), thread: str = "") -> Board: ...
    def edit(self, message: Board, *, text: str, blocks: Blocks) -> None: ...


class Rollouts(Protocol):
    """The record, which remembers where the board is."""

    def read(self, rollout: str) -> Rollout: ...
    def change(self, rollout: str, **changes: object) -> Rollout: ...


class Teller:
    """Keeps a rollout's board and thread."""

    def __init__(
        self,
        slack: Slack,
        rollouts: Rollouts,
        channel: Callable[[str], str],
        complain: Callable[[str], None],
    ) -> None:
        """Tell through Slack.

        Args:
            slack: the gateway.
            rollouts: where the board's address is kept.
            channel: application → the channel of its boards.
            complain: told in one line when Slack could not be.
        """
        self._slack = slack
        self._rollouts = rollouts
        self._channel = channel
        self._complain = complain

    def show(self, rollout: Rollout) -> Rollout:
        """Bring the board up to date, posting it if there is none yet.

        Steps overlap, so a board drawn from an older record may land on a newer one. Whoever
        drew reads the record again, and draws again if it has moved on: the last to draw
        leaves what the record says.
        """
        try:
            address = rollout.board or self._begin(rollout)
            for _ in range(MOST_DRAWINGS):
                drawn = board(rollout)
                self._slack.edit(address, text=summary(rollout), blocks=drawn)
                rollout = self._rollouts.read(rollout.id)
                if board(rollout) == drawn:
                    break
        except SlackUnavailable as error:
            self._complain(str(error))
            return self._noted(rollout, is_behind=True)
        return self._noted(rollout, is_behind=False)

    def _noted(self, rollout: Rollout, *, is_behind: bool) -> Rollout:
        """Note whether the board says what the record says, where that has changed."""
        if rollout.board_is_behind is is_behind:
            return rollout
        try:
            return self._rollouts.change(rollout.id, board_is_behind=is_behind)
        except ShingoError as error:
            self._complain(str(error))
            return rollout

    def _begin(self, rollout: Rollout) -> Board:
        """Post the message that becomes the board.

        It has nothing to press: should its address be lost, nobody could take that away again.
        """
        posted = self._slack.post(self._channel(rollout.application), text=summary(rollout))
        stands = self._rollouts.change(rollout.id, **{"board?": posted}).board
        return stands or posted

    def say(self, rollout: Rollout, text: str) -> None:
        """Add to the board's thread."""
        if rollout.board:
            self._post(rollout.board.channel, text, rollout.board.ts)

    def announce(self, rollout: Rollout, text: str) -> None:
        """Say something in the channel."""
        self._post(self._channel(rollout.application), text, "")

    def _post(self, channel: str, text: str, thread: str) -> None:
        try:
            self._slack.post(channel, text=text, thread=thread)
        except SlackUnavailable as error:
            self._complain(str(error))
