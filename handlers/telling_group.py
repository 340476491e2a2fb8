"""Telling people of a group: its one board, and its end in the channel. Never fails a group."""

from collections.abc import Callable
from typing import Protocol

from handlers.domain.errors import SlackUnavailable
from handlers.domain.group import Group
from handlers.slack.group import board, summary
from handlers.telling import MOST_DRAWINGS, Slack


class Groups(Protocol):
    """The record, which remembers where the board is."""

    def read(self, group: str) -> Group: ...
    def change(self, group: str, **changes: object) -> Group: ...


class GroupTeller:
    """Keeps a group's board."""

    def __init__(
        self,
        slack: Slack,
        groups: Groups,
        channel: Callable[[str], str],
        complain: Callable[[str], None],
    ) -> None:
        """Tell through Slack, in the channel of the group's first application."""
        self._slack = slack
        self._groups = groups
        self._channel = channel
        self._complain = complain

    def show(self, group: Group) -> Group:
        """Bring the board up to date, posting it if there is none yet.

        Applications settle side by side: whoever drew reads the record again, and draws again
        if it has moved on.
        """
        try:
            for _ in range(MOST_DRAWINGS):
                drawn = board(group)
                if group.board:
                    self._slack.edit(group.board, text=summary(group), blocks=drawn)
                    group = self._groups.read(group.id)
                else:
                    posted = self._slack.post(self._where(group), text=summary(group), blocks=drawn)
                    group = self._groups.change(group.id, board=posted)
                if board(group) == drawn:
                    break
        except SlackUnavailable as error:
            self._complain(str(error))
        return group

    def announce(self, group: Group) -> None:
        """Say in the channel how it ended."""
        try:
            self._slack.post(self._where(group), text=summary(group))
        except SlackUnavailable as error:
            self._complain(str(error))

    def _where(self, group: Group) -> str:
        return self._channel(group.applications[0])
