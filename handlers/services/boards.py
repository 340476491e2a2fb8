"""The boards of rollouts and groups in Slack, and what is said beside them. Never fails a rollout.

A message that Slack does not take is logged, and the board is drawn anew from the record
by every later step, so the next one that gets through repairs it.
"""

from collections.abc import Callable
from dataclasses import Field, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from handlers.domain.approvals.approval import Approval
from handlers.domain.approvals.called_people import CalledPeople, called_people, people_at_end
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.errors import (
    ChannelClosed,
    MessageGone,
    ShingoError,
    SlackUnavailable,
    TokenRefused,
)
from handlers.domain.model.group import Group
from handlers.domain.model.outcomes import ENDS_WELL
from handlers.domain.model.rollout import Board, Rollout
from handlers.observability import count, logger
from handlers.services.message_posts import post_where_possible, tell_hidden
from handlers.services.notifications import mentions_of, send_direct_messages
from handlers.services.ports import BoardRecords, Groups, Rollouts, Slack
from handlers.services.question_messages import QuestionMessages, Rules
from handlers.slack.blocks import Blocks
from handlers.slack.board_blocks import rollout_board
from handlers.slack.group_blocks import group_board
from handlers.slack.messages.group_text import group_summary, group_title
from handlers.slack.messages.markup import message_link
from handlers.slack.messages.question_text import reminder
from handlers.slack.messages.rollout_text import end_announcement, rollout_summary, title

MOST_DRAWINGS: Final = 3


class Record(Protocol):
    """What a board is drawn of."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> str: ...
    @property
    def requested_by(self) -> str: ...
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
        name: Callable[[R], str],
        channel: Callable[[R], str],
        fallback: Callable[[], str],
    ) -> None:
        self._slack = slack
        self._records = records
        self._draw = draw
        self._summary = summary
        self._name = name
        self._channel = channel
        self._fallback = fallback

    def show(self, record: R) -> R:
        """Bring the board up to date, posting it if there is none yet.

        One that Slack edits no more is posted anew. Where no channel takes it, the requester is
        told, and a metric says so.
        """
        try:
            shown = self._draw_or_post_anew(record)
        except SlackUnavailable as error:
            return self._give_up(record, error)
        return self._mark(shown, is_behind=False)

    def _give_up(self, record: R, error: SlackUnavailable) -> R:
        """Leave a board behind; where Slack refuses it for good, tell the requester once.

        A metric tells of each time, and the template has an alarm on it: where the app was removed,
        nobody can be told in Slack.
        """
        _log(error)
        is_refused = isinstance(error, ChannelClosed | TokenRefused)
        if is_refused:
            count("SlackRefused")
        if is_refused and not record.board_is_behind:
            channel = record.board.channel if record.board else self._place(record)[0]
            what, by = self._name(record), record.requested_by
            tell_hidden(self._slack, error, what=what, channel=channel, requester=by)
        return self._mark(record, is_behind=True)

    def _draw_or_post_anew(self, record: R) -> R:
        if record.board is None:
            return self._draw_until_true(record, self._post_board(record))
        try:
            return self._draw_until_true(record, record.board)
        except (MessageGone, ChannelClosed) as error:
            _log(error)
            address = self._post_board(record, instead_of=record.board)
            return self._draw_until_true(self._records.read(record.id), address)

    def _draw_until_true(self, record: R, address: Board) -> R:
        """Draw a board.

        Steps overlap, so a board drawn from an older record may land on a newer one. So each step
        reads the record again after drawing, and draws again if it has changed: the last one
        leaves what the record says.
        """
        for _ in range(MOST_DRAWINGS):
            drawn = self._draw(record)
            self._slack.edit(address, text=self._summary(record), blocks=drawn)
            before, record = record, self._records.read(record.id)
            if record == before or self._draw(record) == drawn:
                break
        return record

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

    def _post_board(self, record: R, instead_of: Board | None = None) -> Board:
        """Post the message that becomes the board, in the first channel that takes it.

        It has nothing to press: should its address be lost, nobody could take that away again.
        """
        channel, thread = self._place(record)
        places = ((channel, thread), (channel, ""), (self._fallback(), ""))
        posted = post_where_possible(self._slack, places, self._summary(record))
        records = self._records
        changed = (
            records.replace_board(record.id, posted, instead_of=instead_of)
            if instead_of
            else records.set_board_once(record.id, posted)
        )
        return changed.board or posted

    def _place(self, record: R) -> tuple[str, str]:
        """Say in which channel, and in which thread, a board is to be."""
        return self._channel(record), ""

    def _announce(
        self,
        record: R,
        text: str,
        rules: ApprovalRules,
        people: CalledPeople,
        *,
        in_channel_too: bool,
    ) -> None:
        """Call people and say something to them in the board's thread, or where it was to be."""
        board = record.board
        channel = board.channel if board else self._channel(record)
        thread = (board.thread or board.ts) if board else ""
        said = f"{mentions_of(rules, people)}{text}"
        self._post(channel, said, thread, in_channel_too=in_channel_too)
        send_direct_messages(self._slack, rules, people, text)

    def _post(self, channel: str, text: str, thread: str, *, in_channel_too: bool = False) -> None:
        try:
            self._slack.post(channel, text=text, thread=thread, in_channel_too=in_channel_too)
        except SlackUnavailable as error:
            _log(error)


class RolloutBoard(Boards[Rollout]):
    """The boards of rollouts, their threads and their questions.

    Each is in its application's channel. Where that is the channel of its group, it is in the
    thread of the group's board: then the channel has one message for all of them.
    """

    def __init__(
        self,
        slack: Slack,
        rollouts: Rollouts,
        groups: Groups,
        *,
        channel: Callable[[str], str],
        fallback: Callable[[], str],
        rules: Rules,
    ) -> None:
        super().__init__(
            slack,
            rollouts,
            draw=rollout_board,
            summary=rollout_summary,
            name=title,
            channel=lambda rollout: channel(rollout.application),
            fallback=fallback,
        )
        self._groups = groups
        self._rules = rules
        self._questions = QuestionMessages(slack, rollouts, rules, channel)

    def show(self, rollout: Rollout, *, all_questions: bool = False) -> Rollout:
        """Bring the questions' messages up to date, and the board, which links to them."""
        if rollout.board is None:
            try:
                rollout = replace(rollout, board=self._post_board(rollout))
                self._tell_group(rollout)
            except SlackUnavailable as error:
                return self._give_up(rollout, error)
        rollout, is_asked = self._questions.show(rollout, all_of_them=all_questions)
        shown = super().show(rollout)
        if not is_asked and shown.board != rollout.board:
            # It has moved to another channel, where its questions can be asked.
            shown, is_asked = self._questions.show(shown)
            shown = super().show(shown)
        return shown if is_asked else self._mark(shown, is_behind=True)

    def _tell_group(self, rollout: Rollout) -> None:
        """Have the group's board link to this one, from the next time that it is drawn."""
        group = self._groups.get(rollout.group) if rollout.group else None
        member = group.members.get(rollout.application) if group else None
        if group and member and member.rollout == rollout.id and rollout.board:
            self._groups.record_board(group.id, rollout.application, rollout.board)

    def say(self, rollout: Rollout, text: str, *, is_routine: bool = False) -> None:
        """Say something in the board's thread; what is routine is not said in a group's."""
        if rollout.board and not (is_routine and rollout.board.thread):
            self._post(rollout.board.channel, text, rollout.board.thread or rollout.board.ts)

    def remind(
        self, rollout: Rollout, approval: Approval, rules: ApprovalRules, now: datetime
    ) -> None:
        """Call those who have not answered yet, in the thread of the question."""
        asked = rollout.colors[approval.color].asked.get(approval.id)
        message = asked.message if asked else None
        if message is None:
            return
        text = f"{reminder(rollout, approval, now)} {message_link(message, 'Answer')}"
        people = called_people(rules, approval.requester, approval.answers.values())
        said = f"{mentions_of(rules, people)}{text}"
        self._post(message.channel, said, message.thread or message.ts)
        send_direct_messages(self._slack, rules, people, text)

    def announce_end(self, rollout: Rollout) -> None:
        """Tell the requester how it ended, and those who must put colors back by hand.

        It is said in the board's thread and shown in the channel. Of a group the channel hears
        once, by the group's own end; a failure is said in its thread.
        """
        is_in_group = bool(rollout.board and rollout.board.thread)
        if is_in_group and rollout.outcome in ENDS_WELL:
            return
        rules = self._rules(rollout.application, "")
        people = people_at_end(rollout, lambda color: self._rules(rollout.application, color))
        text = end_announcement(rollout)
        self._announce(rollout, text, rules, people, in_channel_too=not is_in_group)

    def _place(self, rollout: Rollout) -> tuple[str, str]:
        channel = self._channel(rollout)
        group = self._groups.get(rollout.group) if rollout.group else None
        board = group.board if group else None
        return (channel, board.ts) if board and board.channel == channel else (channel, "")


class GroupBoard(Boards[Group]):
    """The boards of groups, each in the channel of its first application."""

    def __init__(
        self,
        slack: Slack,
        groups: Groups,
        *,
        channel: Callable[[str], str],
        fallback: Callable[[], str],
        rules: Rules,
    ) -> None:
        self._rules = rules
        super().__init__(
            slack,
            groups,
            draw=group_board,
            summary=group_summary,
            name=group_title,
            channel=lambda group: channel(group.applications[0]),
            fallback=fallback,
        )

    def announce_end(self, group: Group) -> None:
        """Tell the requester how it ended, in the board's thread and in the channel."""
        people = CalledPeople(users=(group.requested_by,))
        rules = self._rules(group.applications[0], "")
        self._announce(group, group_summary(group), rules, people, in_channel_too=True)


def _log(error: ShingoError) -> None:
    logger().warning("slack: %s", error)
