"""Telling people of a group: its one board, and its end in the channel. Never fails a group."""

from collections.abc import Callable

from handlers.domain.model.group import Group
from handlers.services.boards import Boards, Records, Slack
from handlers.slack.group_blocks import group_board
from handlers.slack.messages.group_text import group_summary


class GroupTeller(Boards[Group]):
    """Keeps a group's board, in the channel of its first application."""

    def __init__(
        self,
        slack: Slack,
        groups: Records[Group],
        channel: Callable[[str], str],
        complain: Callable[[str], None],
    ) -> None:
        """Tell through Slack; `channel` says which is an application's."""
        super().__init__(
            slack,
            groups,
            draw=group_board,
            summary=group_summary,
            channel=lambda group: channel(group.applications[0]),
            complain=complain,
        )

    def tell_end(self, group: Group) -> None:
        """Say in the channel how it ended."""
        self.announce(group, group_summary(group))
