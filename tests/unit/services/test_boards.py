"""Telling: one board, edited in place, that ends up saying what the record says."""

import pytest

from handlers.domain.config.approval_rules import ApprovalRules, Notify
from handlers.domain.model.rollout import Stage
from handlers.services.boards import GroupBoard, RolloutBoard
from handlers.slack.group_blocks import group_board
from simulator.fake_services import FakeSlack
from simulator.in_memory_stores import InMemoryGroups, InMemoryRollouts
from tests.support.builders import NOW, a_group, a_released_color, a_rollout, an_ended_rollout


class Channel:
    def __init__(self, rollout):
        self.slack, self.rollouts = FakeSlack("U0SRE1"), InMemoryRollouts(rollout)
        self.groups = InMemoryGroups(a_group())
        given = {
            "channel": lambda _: "C0API",
            "fallback": lambda: "C0ROLLOUTS",
            "rules": lambda *_: ApprovalRules(),
        }
        self.board = RolloutBoard(self.slack, self.rollouts, self.groups, **given)
        self.group_board = GroupBoard(self.slack, self.groups, **given)

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


def test_the_end_is_told_to_the_requester_in_the_thread_and_in_the_channel(channel):
    board = channel.board.show(channel.rollout).board

    channel.board.announce_end(an_ended_rollout(board=board))

    told = channel.slack.messages[-1]
    assert (told["thread"], told["in_channel_too"]) == (board.ts, True)
    assert told["text"].startswith("<@U0CAROL> api v1.42.0: *Completed.*")
    assert told["text"].endswith(f"<{board.link}|board>")


def test_without_a_board_the_end_is_told_in_the_channel(channel):
    channel.board.announce_end(an_ended_rollout(board=None))

    (told,) = channel.slack.said(in_thread=False)
    assert told == "<@U0CAROL> api v1.42.0: *Completed.* Every color runs api:42."


def test_of_a_group_the_channel_has_one_message_and_its_rollouts_are_in_the_thread(channel):
    group = channel.group_board.show(next(iter(channel.groups.records.values())))
    rollout = group.members["api"].rollout
    channel.rollouts = InMemoryRollouts(a_rollout(id=rollout, group=group.id, board=None))
    channel.board = RolloutBoard(
        channel.slack,
        channel.rollouts,
        channel.groups,
        channel=lambda _: "C0API",
        fallback=lambda: "C0API",
        rules=lambda *_: ApprovalRules(),
    )

    shown = channel.board.show(channel.rollout)
    channel.board.say(shown, "Deploying api:42 to red.", is_routine=True)
    channel.board.say(shown, "red turned unhealthy.")
    channel.board.announce_end(an_ended_rollout(board=shown.board))
    channel.board.announce_end(
        an_ended_rollout(board=shown.board, outcome="unhealthy", cause="red is.")
    )

    assert f"<{shown.board.link}|api>" in str(group_board(channel.groups.read(group.id)))
    assert [m["ts"] for m in channel.slack.messages if not m["thread"]] == [group.board.ts]
    assert {m["thread"] for m in channel.slack.messages[1:]} == {group.board.ts}
    unhealthy, end = channel.slack.said(in_thread=True)
    assert unhealthy == "red turned unhealthy."
    assert end.startswith("<@U0CAROL> api v1.42.0: *Verification found it unhealthy.*")


def test_an_application_of_another_channel_keeps_its_own_board_there(channel):
    group = channel.group_board.show(next(iter(channel.groups.records.values())))
    channel.rollouts.overwrite(a_rollout(group=group.id, board=None))
    elsewhere = RolloutBoard(
        channel.slack,
        channel.rollouts,
        channel.groups,
        channel=lambda _: "C0OTHER",
        fallback=lambda: "C0ROLLOUTS",
        rules=lambda *_: ApprovalRules(),
    )

    shown = elsewhere.show(channel.rollout)

    assert (shown.board.channel, shown.board.thread) == ("C0OTHER", "")


@pytest.mark.parametrize("notify", list(Notify))
def test_whoever_is_needed_by_hand_is_called_as_the_rules_say(channel, notify):
    rules = ApprovalRules(users=("U0BOB",), groups=("S0SRE",), notify=notify)
    board = RolloutBoard(
        channel.slack,
        channel.rollouts,
        channel.groups,
        channel=lambda _: "C0API",
        fallback=lambda: "C0ROLLOUTS",
        rules=lambda *_: rules,
    )
    red = a_released_color("red", stage=Stage.STRANDED)
    ended = an_ended_rollout(red, outcome="rollback_failed", cause="red stays.", board=None)

    board.announce_end(ended)

    (told, *direct) = channel.slack.messages
    mentioned = "<@U0CAROL> <@U0BOB> <!subteam^S0SRE> " if notify is Notify.MENTION else ""
    assert told["text"].startswith(f"{mentioned}api v1.42.0: *Not every color could be put back.")
    people = ["U0CAROL", "U0BOB", "U0SRE1"] if notify is Notify.DM else []
    assert [m["channel"] for m in direct] == people


def test_slack_never_fails_a_rollout(channel, log):
    rollout = channel.board.show(channel.rollout)
    channel.slack.is_down = True

    channel.board.show(rollout)
    channel.board.say(rollout, "red is deployed")
    channel.board.announce_end(rollout)

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
