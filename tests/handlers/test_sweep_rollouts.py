"""The sweep: what no event tells of is found by looking."""

from dataclasses import replace

import pytest

from handlers import sweep_rollouts
from tests.builders import a_lock, a_released_color, a_rollout, after, an_ended_rollout, execution
from tests.fakes import FakeExecutions, FakeLocks

ROLLOUT = "api-v1.42.0-1"


class Ended(FakeExecutions):
    """Executions that ended in one way."""

    def __init__(self, status):
        super().__init__()
        self._status = status

    def status(self, execution):
        return self._status


def sweep():
    sweep_rollouts.lambda_handler({"source": "aws.scheduler"}, None)


@pytest.fixture
def open_one(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    outside.rollouts.create(a_rollout(a_released_color("red")))
    outside.locks = FakeLocks(a_lock(ROLLOUT))
    outside.time = after(hours=1)
    return outside


@pytest.mark.parametrize(
    ("status", "outcome"), [("ABORTED", "aborted"), ("TIMED_OUT", "timed_out"), ("FAILED", "fault")]
)
def test_a_rollout_whose_end_nobody_was_told_is_closed(open_one, status, outcome):
    open_one.executions = Ended(status)

    sweep()

    assert open_one.rollout.outcome == outcome
    assert "red runs api:42" in open_one.rollout.cause
    assert open_one.locks.held == {}
    assert "found by looking" in open_one.slack.said(in_thread=False)[0]


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", "SUCCEEDED", ""])
def test_a_rollout_that_goes_on_is_left_alone(open_one, status):
    open_one.executions = Ended(status)
    before = open_one.rollout

    sweep()

    assert (open_one.rollout, len(open_one.slack.messages)) == (before, 1)


def test_one_that_has_just_begun_is_left_to_its_own_events(open_one):
    open_one.time, open_one.executions = after(minutes=4), Ended("ABORTED")

    sweep()

    assert open_one.rollout.is_open


def test_a_board_that_missed_its_end_is_drawn_again_once(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["old"])
    ended = an_ended_rollout(outcome="rejected", cause="U0BOB rejected red.", ended=after(hours=1))
    outside.rollouts.create(replace(ended, board_is_behind=True))
    outside.time = after(hours=2)

    sweep()
    drawn = outside.slack.messages[0]["blocks"]
    outside.slack.messages[0]["blocks"] = ["touched"]
    sweep()

    assert "U0BOB rejected red." in str(drawn)
    assert not outside.rollout.board_is_behind
    assert outside.slack.messages[0]["blocks"] == ["touched"]


def test_a_board_that_ended_lately_is_drawn_once_more_whatever_was_drawn_over_it(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["an older one"])
    ended = an_ended_rollout(outcome="rejected", cause="U0BOB rejected red.", ended=after(hours=1))
    outside.rollouts.create(ended)
    outside.time = after(minutes=75)

    sweep()

    assert "U0BOB rejected red." in str(outside.slack.messages[0]["blocks"])


def test_a_lock_that_an_end_left_is_freed_and_that_of_another_is_kept(outside):
    outside.rollouts.create(an_ended_rollout(outcome="rejected", ended=after(hours=1)))
    outside.time, outside.locks = after(hours=2), FakeLocks(a_lock(ROLLOUT))
    sweep()
    assert outside.locks.held == {}

    outside.locks = FakeLocks(replace(a_lock("another"), execution=execution("another")))
    sweep()
    assert outside.locks.held["api"].rollout == "another"
