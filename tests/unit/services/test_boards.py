"""Telling: one board, edited in place, that ends up saying what the record says."""

import pytest

from handlers.domain.model.rollout import Stage
from handlers.services.boards import GroupBoard, RolloutBoard
from simulator.fake_services import FakeSlack
from simulator.in_memory_stores import InMemoryGroups, InMemoryRollouts
from tests.support.builders import NOW, a_group, a_rollout, an_ended_rollout


class Channel:
    def __init__(self, rollout):
        self.slack, self.rollouts = FakeSlack(), InMemoryRollouts(rollout)
        self.groups = InMemoryGroups(a_group())
        self.board = RolloutBoard(self.slack, self.rollouts, lambda _: "C0API")
        self.group_board = GroupBoard(self.slack, self.groups, lambda _: "C0API")

    @property
    def rollout(self):
        return next(iter(self.rollouts.records.values()))


@pytest.fixture
def channel():
    return Channel(a_rollout(board=None))


def test_the_first_time_the_board_is_posted_to_the_applications_channel(channel):
    shown = channel.board.show(channel.rollout)

    (board,) = channel.slack.boards()
    assert board["channel"] == "C0API"
    assert shown == channel.rollout
    assert (shown.board.channel, shown.board.ts) == ("C0API", board["ts"])


def test_from_then_on_it_is_edited_in_place(channel):
    channel.board.show(channel.rollout)
    channel.rollouts.change_color(channel.rollout.id, "red", now=NOW, stage=Stage.DEPLOYING)

    channel.board.show(channel.rollout)

    (board,) = channel.slack.boards()
    assert "*red* is being deployed" in str(board["blocks"])
    assert "red deploying" in board["text"]


def test_a_board_drawn_from_an_older_record_is_drawn_again(channel):
    older = channel.board.show(channel.rollout)
    channel.rollouts.close(older.id, outcome="rejected", cause="U0BOB rejected red.", now=NOW)

    channel.board.show(older)

    (board,) = channel.slack.boards()
    assert "*Rejected.*" in str(board["blocks"])


def test_a_board_that_slack_does_not_take_is_logged_and_repaired_later(channel, log):
    channel.slack.is_down = True
    assert channel.board.show(channel.rollout) == channel.rollout
    assert log.getvalue().count("slack: chat: ratelimited") == 1

    channel.slack.is_down = False
    channel.board.show(channel.rollout)

    assert len(channel.slack.boards()) == 1


def test_the_thread_hangs_under_the_board(channel):
    rollout = channel.board.show(channel.rollout)

    channel.board.say(rollout, "red is deployed; verifying it.")

    assert channel.slack.messages[-1]["thread"] == rollout.board.ts
    assert channel.slack.said(in_thread=True) == ["red is deployed; verifying it."]


def test_without_a_board_there_is_no_thread(channel):
    channel.board.say(channel.rollout, "red is deployed; verifying it.")

    assert channel.slack.messages == []


def test_an_announcement_is_for_the_whole_channel(channel):
    channel.board.announce(an_ended_rollout(board=None), "api v1.42.0: *Completed.*")

    assert channel.slack.said(in_thread=False) == ["api v1.42.0: *Completed.*"]


def test_slack_never_fails_a_rollout(channel, log):
    rollout = channel.board.show(channel.rollout)
    channel.slack.is_down = True

    channel.board.show(rollout)
    channel.board.say(rollout, "red is deployed")
    channel.board.announce(rollout, "completed")

    assert log.getvalue().count("slack: chat: ratelimited") == 3


def test_of_two_that_begin_a_groups_board_at_once_one_is_the_board(channel):
    (seen,) = channel.groups.records.values()

    channel.group_board.show(seen)
    channel.group_board.show(seen)

    # The other is a line of text, with nothing on it that would have to be kept up.
    (board,) = channel.slack.boards()
    assert channel.groups.read(seen.id).board.ts == board["ts"]


def test_a_groups_board_that_slack_does_not_take_is_behind_until_it_does(channel):
    shown = channel.group_board.show(next(iter(channel.groups.records.values())))
    channel.slack.is_down = True
    assert channel.group_board.show(shown).board_is_behind

    channel.slack.is_down = False
    assert not channel.group_board.show(shown).board_is_behind
