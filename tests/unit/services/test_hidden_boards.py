"""Boards and questions that nobody can see: posted anew, moved, or told of to whoever asked."""

import json

import pytest

from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.errors import ChannelClosed, SlackUnavailable, TokenRefused
from handlers.services.boards import GroupBoard, RolloutBoard
from simulator.fake_services import FakeSlack
from simulator.in_memory_stores import InMemoryGroups, InMemoryRollouts
from tests.support.asked_rollout import ask_about_red
from tests.support.builders import NOW, a_group, a_rollout

OWN, FALLBACK = "C0API", "C0ROLLOUTS"
NOT_IN = ChannelClosed("chat.postMessage: not_in_channel")
RULES = ApprovalRules(users=("U0BOB",))


class Channel:
    """A rollout of carol's that asks about red, in a channel of its own."""

    def __init__(self):
        self.slack, self.rollouts = FakeSlack(), InMemoryRollouts(a_rollout(board=None))
        self.groups = InMemoryGroups(a_group(board=None))
        given = {
            "channel": lambda _: OWN,
            "fallback": lambda: FALLBACK,
            "rules": lambda *_: RULES,
        }
        self.boards = RolloutBoard(self.slack, self.rollouts, self.groups, **given)
        self.group_boards = GroupBoard(self.slack, self.groups, **given)

    @property
    def rollout(self):
        return next(iter(self.rollouts.records.values()))

    @property
    def question(self):
        return self.rollout.colors["red"].asked["question-red"].message

    def ask(self):
        ask_about_red(self.rollouts, self.rollout, RULES)

    def show(self):
        return self.boards.show(self.rollout)

    def delete(self, message):
        self.slack.messages = [m for m in self.slack.messages if m["ts"] != message.ts]

    def in_channel(self, name):
        return [m for m in self.slack.messages if m["channel"] == name]

    def told(self, person="U0CAROL"):
        return [m["text"] for m in self.in_channel(person)]


@pytest.fixture
def channel():
    return Channel()


def test_a_board_that_was_deleted_is_posted_anew_and_is_the_board_from_then_on(channel):
    first = channel.show().board
    channel.delete(first)

    shown = channel.show()

    (board,) = channel.slack.boards()
    assert shown.board.ts == channel.rollout.board.ts == board["ts"] != first.ts
    assert not shown.board_is_behind


def test_a_groups_board_that_was_deleted_is_posted_anew(channel):
    (group,) = channel.groups.records.values()
    first = channel.group_boards.show(group).board
    channel.delete(first)

    shown = channel.group_boards.show(channel.groups.read(group.id))

    assert shown.board.ts == channel.slack.boards()[-1]["ts"] != first.ts


def test_a_question_that_was_deleted_is_asked_anew(channel):
    channel.ask()
    channel.show()
    first = channel.question
    channel.delete(first)

    channel.show()

    assert channel.question.ts != first.ts
    (message,) = [m for m in channel.slack.messages if m["ts"] == channel.question.ts]
    assert message["posted"].startswith("<@U0BOB> May")
    assert "question-red" in str(message["blocks"])
    assert channel.question.ts[-6:] in str(channel.slack.boards())


def test_a_closed_question_whose_message_is_gone_is_left_alone(channel):
    channel.ask()
    channel.show()
    channel.delete(channel.question)
    channel.rollouts.close(channel.rollout.id, outcome="withdrawn", cause="", now=NOW)

    shown = channel.show()

    assert shown.colors["red"].asked["question-red"].is_closed
    assert len(channel.slack.messages) == 1


def test_what_its_channel_does_not_take_goes_to_that_of_the_deployment_and_says_why(channel):
    channel.slack.refusals[OWN] = NOT_IN
    channel.ask()

    shown = channel.show()

    assert (shown.board.channel, channel.question.channel) == (FALLBACK, FALLBACK)
    (why,) = [m for m in channel.in_channel(FALLBACK) if m["thread"]]
    assert "takes nothing for <#C0API> (`not_in_channel`)" in why["text"]
    assert channel.told() == []


def test_a_board_whose_channel_is_closed_meanwhile_moves_with_its_open_question(channel):
    channel.ask()
    channel.show()
    channel.slack.refusals[OWN] = ChannelClosed("chat.update: is_inactive")

    shown = channel.show()

    assert (shown.board.channel, channel.question.channel) == (FALLBACK, FALLBACK)
    assert not shown.board_is_behind


@pytest.mark.parametrize("is_posted", [True, False])
def test_where_no_channel_takes_it_whoever_asked_is_told_once(channel, is_posted, capsys):
    channel.ask()
    if is_posted:
        channel.show()
    channel.slack.refusals |= {OWN: NOT_IN, FALLBACK: NOT_IN}

    assert channel.show().board_is_behind
    assert channel.show().board_is_behind

    (told,) = channel.told()
    assert told.startswith("Nobody can see *api v1.42.0*: Slack takes nothing for <#C0API>")
    metrics = [line for line in capsys.readouterr().out.splitlines() if "SlackRefused" in line]
    assert [json.loads(line)["SlackRefused"] for line in metrics] == [[1.0], [1.0]]


def test_it_is_shown_again_once_the_channel_takes_it(channel):
    channel.ask()
    channel.slack.refusals |= {OWN: NOT_IN, FALLBACK: NOT_IN}
    channel.show()
    channel.slack.refusals = {}

    shown = channel.show()

    assert (shown.board.channel, shown.board_is_behind) == (OWN, False)
    assert channel.question.channel == OWN


def test_where_the_app_was_removed_the_metric_says_so(channel, capsys):
    removed = TokenRefused("chat.postMessage: account_inactive")
    channel.slack.refusals = dict.fromkeys((OWN, FALLBACK, "U0CAROL"), removed)

    assert channel.show().board_is_behind

    assert capsys.readouterr().out.count('"SlackRefused":[1.0]') == 1


def test_an_outage_is_told_to_nobody(channel, capsys):
    channel.slack.refusals[OWN] = SlackUnavailable("chat.postMessage: fatal_error")

    assert channel.show().board_is_behind

    assert channel.told() == []
    assert "SlackRefused" not in capsys.readouterr().out
