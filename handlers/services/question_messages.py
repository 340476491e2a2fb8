"""The messages by which people in Slack are asked, each kept as the rollout's record says.

A question that Slack did not take is asked by the next step that draws the board. One that people
have answered, or that nobody waits for any more, says so and loses its buttons.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from handlers.domain.approvals.called_people import called_people
from handlers.domain.approvals.question import asked_by
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.errors import ChannelClosed, MessageGone, SlackUnavailable
from handlers.domain.model.rollout import AskedQuestion, Board, Rollout
from handlers.observability import logger
from handlers.services.message_posts import post_where_possible
from handlers.services.notifications import mentions_of, send_direct_messages
from handlers.services.ports import Rollouts, Slack
from handlers.slack.blocks import Block
from handlers.slack.messages import question_text
from handlers.slack.messages.markup import message_link
from handlers.slack.question_blocks import question_message

MOST_DRAWINGS: Final = 3
Rules = Callable[[str, str], ApprovalRules]
"""Returns the rules of an application's color; empty ones where it is not configured any more."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which question of a rollout."""

    color: str
    question: str

    def of(self, rollout: Rollout) -> AskedQuestion:
        return rollout.colors[self.color].asked[self.question]

    def is_open(self, rollout: Rollout) -> bool:
        return question_text.is_open(rollout, rollout.colors[self.color], self.question)


class QuestionMessages:
    """Keeps the messages of rollouts' questions."""

    def __init__(
        self, slack: Slack, rollouts: Rollouts, rules: Rules, channel: Callable[[str], str]
    ) -> None:
        self._slack = slack
        self._rollouts = rollouts
        self._rules = rules
        self._channel = channel

    def show(self, rollout: Rollout, *, all_of_them: bool = False) -> tuple[Rollout, bool]:
        """Bring the messages of a rollout's questions up to date, posting those that are missing.

        Args:
            rollout: whose.
            all_of_them: whether messages that said how they ended are drawn again, too: a slow step
                may have drawn an older one over them.

        Returns:
            The rollout, and whether Slack took everything.
        """
        rollout, is_shown = self._take_up(rollout), True
        for place in list(_places(rollout, all_of_them=all_of_them)):
            try:
                rollout = self._show(rollout, place)
            except SlackUnavailable as error:
                logger().warning("slack: %s", error)
                is_shown = False
        return rollout, is_shown

    def _take_up(self, rollout: Rollout) -> Rollout:
        """Record how people are asked what they were asked before questions had messages."""
        for progress in rollout.colors.values():
            rules = self._rules(rollout.application, progress.color)
            asked = {
                question: asked_by(rules, is_about_health=question != progress.approval)
                for question in progress.open_questions
                if question not in progress.asked
                and question_text.is_open(rollout, progress, question)
            }
            if asked:
                rollout = self._rollouts.record_asked(rollout.id, progress, asked)
        return rollout

    def _show(self, rollout: Rollout, place: Place) -> Rollout:
        """Show one question, by another message where its own is gone."""
        if place.of(rollout).message is None and place.is_open(rollout):
            rollout = self._post(rollout, place)
        try:
            rollout, is_current = self._edit(rollout, place)
        except (MessageGone, ChannelClosed):
            if not place.is_open(rollout):
                return self._close(rollout, place)
            rollout = self._post(rollout, place, gone=place.of(rollout).message)
            rollout, is_current = self._edit(rollout, place)
        return self._close(rollout, place) if is_current else rollout

    def _edit(self, rollout: Rollout, place: Place) -> tuple[Rollout, bool]:
        """Have a question's message say what the record says; return whether it does.

        Steps overlap, as with a board: after drawing, the record is read again.
        """
        message = place.of(rollout).message
        is_current = message is None
        for _ in range(MOST_DRAWINGS):
            if message is None or is_current:
                break
            drawn = _draw(rollout, place)
            self._slack.edit(message, text=_summary(rollout, place), blocks=drawn)
            rollout = self._rollouts.read(rollout.id)
            is_current = _draw(rollout, place) == drawn
        return rollout, is_current

    def _close(self, rollout: Rollout, place: Place) -> Rollout:
        """Record that a question's message is done with, once nobody is asked any more."""
        if place.is_open(rollout) or place.of(rollout).is_closed:
            return rollout
        return self._rollouts.close_question_message(rollout.id, place.color, place.question)

    def _post(self, rollout: Rollout, place: Place, gone: Board | None = None) -> Rollout:
        """Post the message that becomes the question's, calling those who may answer.

        It has nothing to press yet: should its address be lost, nobody could take that away again.
        """
        rules = self._rules(rollout.application, place.color)
        people = called_people(rules, rollout.requested_by)
        asked, board = place.of(rollout), rollout.board
        own = (board.channel, board.thread) if board else (self._channel(rollout.application), "")
        line = question_text.question_line(rollout, place.color, asked)
        text = f"{mentions_of(rules, people)}{line}"
        posted = post_where_possible(self._slack, (own, (own[0], "")), text)
        rollout = self._rollouts.set_question_message_once(
            rollout.id, place.color, place.question, posted, gone=gone
        )
        if place.of(rollout).message == posted:
            send_direct_messages(
                self._slack, rules, people, f"{line} {message_link(posted, 'Answer')}"
            )
        return rollout


def _places(rollout: Rollout, *, all_of_them: bool) -> Iterable[Place]:
    for color in rollout.colors.values():
        for question, asked in color.asked.items():
            if not asked.is_closed or (all_of_them and asked.message):
                yield Place(color=color.color, question=question)


def _draw(rollout: Rollout, place: Place) -> list[Block]:
    progress = rollout.colors[place.color]
    return question_message(rollout, progress, place.question, place.of(rollout))


def _summary(rollout: Rollout, place: Place) -> str:
    """Say a question in one line, for notifications and screen readers."""
    progress, asked = rollout.colors[place.color], place.of(rollout)
    if place.is_open(rollout):
        return question_text.question_line(rollout, place.color, asked)
    return question_text.question_end(rollout, progress, place.question, asked)
