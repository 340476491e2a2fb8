"""The sweep: what no event tells of is found by looking."""

from dataclasses import replace

import pytest

from handlers import sweep_rollouts
from handlers.domain.model.errors import Refused, Transient
from handlers.domain.model.outcomes import Arrived, DecisionOutcome
from handlers.domain.model.prerequisite import Awaits, turn_wait
from handlers.domain.model.rollout import Board, Stage
from handlers.services.sweep import SEARCHED
from simulator.in_memory_stores import InMemoryLocks
from tests.support.builders import (
    NOW,
    a_color,
    a_group,
    a_lock,
    a_released_color,
    a_rollout,
    a_wait,
    after,
    an_approval,
    an_awaited,
    an_ended_rollout,
)
from tests.support.fakes import FakeExecutions
from tests.support.records import change

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
    outside.locks = InMemoryLocks(a_lock(ROLLOUT))
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


@pytest.fixture
def drawn_over(outside):
    """A rollout that ended an hour ago, over whose end a slow step has drawn."""
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["an older one"])
    outside.rollouts.create(
        an_ended_rollout(outcome="rejected", cause="U0BOB rejected red.", ended=after(hours=1))
    )
    outside.time = after(hours=2)
    return outside


def blocks(outside):
    return str(outside.slack.messages[0]["blocks"])


def test_a_board_is_drawn_once_more_whatever_was_drawn_over_its_end(drawn_over):
    sweep()
    assert "<@U0BOB> rejected red." in blocks(drawn_over)

    drawn_over.slack.messages[0]["blocks"] = ["touched"]
    sweep()
    assert blocks(drawn_over) == "['touched']"


def test_a_sweep_that_failed_leaves_the_board_to_the_next(drawn_over):
    drawn_over.slack.is_down = True
    sweep()
    assert "an older one" in blocks(drawn_over)

    drawn_over.slack.is_down, drawn_over.time = False, after(hours=20)
    sweep()
    assert "<@U0BOB> rejected red." in blocks(drawn_over)


def test_a_sweep_that_cannot_even_note_that_it_failed_leaves_the_board_to_the_next(drawn_over):
    mark_board = drawn_over.rollouts.mark_board

    def refused(rollout, *, is_behind):
        raise Transient("update: it does not answer")

    drawn_over.slack.is_down, drawn_over.rollouts.mark_board = True, refused
    sweep()
    assert "an older one" in blocks(drawn_over)

    drawn_over.slack.is_down, drawn_over.rollouts.mark_board = False, mark_board
    sweep()
    assert "<@U0BOB> rejected red." in blocks(drawn_over)


def test_a_board_that_slack_did_not_take_later_is_drawn_again(drawn_over):
    sweep()
    change(drawn_over.rollouts, ROLLOUT, board_is_behind=True)
    drawn_over.slack.messages[0]["blocks"] = ["missed"]

    sweep()

    assert "<@U0BOB> rejected red." in blocks(drawn_over)


def test_one_that_ended_just_now_is_left_to_its_own_steps(drawn_over):
    drawn_over.time = after(minutes=64)

    sweep()

    assert "an older one" in blocks(drawn_over)


@pytest.fixture
def locked(outside):
    """An application whose rollout ended with its lock."""
    outside.rollouts.create(an_ended_rollout(outcome="rejected", ended=after(hours=1)))
    outside.time, outside.locks = after(hours=2), InMemoryLocks(a_lock(ROLLOUT))
    outside.executions = Ended("FAILED")
    return outside


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"])
def test_a_lock_that_an_end_left_is_freed(locked, status):
    locked.executions = Ended(status)

    sweep()

    assert locked.locks.held == {}


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", ""])
def test_a_lock_of_an_execution_that_goes_on_or_has_just_begun_is_kept(locked, status):
    locked.executions = Ended(status)

    sweep()

    assert locked.locks.held["api"].rollout == ROLLOUT


def test_a_lock_of_an_execution_that_is_not_known_any_more_is_freed(locked):
    locked.executions, locked.locks = (
        Ended(""),
        InMemoryLocks(a_lock(ROLLOUT, since=after(hours=1))),
    )

    sweep()

    assert locked.locks.held == {}


def test_a_lock_is_found_however_many_rollouts_were_refused_since(locked):
    for number in range(SEARCHED):
        later = an_ended_rollout(outcome="image_not_found", ended=after(hours=2), colors={})
        locked.rollouts.create(replace(later, id=f"refused-{number}", started=after(hours=2)))
    locked.time = after(days=30)

    sweep()

    assert locked.locks.held == {}


def test_an_open_rollout_that_has_the_application_is_closed_before_it_is_freed(open_one):
    open_one.executions = Ended("ABORTED")
    for number in range(SEARCHED):
        later = an_ended_rollout(outcome="busy", ended=after(minutes=50), colors={})
        open_one.rollouts.create(replace(later, id=f"refused-{number}", started=after(minutes=50)))

    sweep()

    assert open_one.rollout.outcome == "aborted"
    assert open_one.locks.held == {}


def test_the_rollout_that_waits_its_turn_is_told_that_the_application_is_free(locked):
    turn = an_awaited(kind=Awaits.TURN, what=ROLLOUT, until=after(days=1))
    waits = a_rollout(id="api-2", colors={}, awaits=turn, started=after(minutes=116))
    locked.rollouts.create(waits)
    locked.waits.put(replace(a_wait(token="token-2"), id=turn_wait("api"), rollout="api-2"))

    sweep()

    assert locked.executions.answers["token-2"]["outcome"] == Arrived.FREE


def test_a_question_that_was_put_after_the_end_is_closed(outside):
    asking = a_color("red", stage=Stage.ASKING, approval="question-red")
    outside.rollouts.create(an_ended_rollout(asking, outcome="aborted", ended=after(hours=1)))
    outside.approvals.ask(an_approval())
    outside.time = after(hours=2)

    sweep()

    assert outside.approvals.records["question-red"].decision.outcome == DecisionOutcome.WITHDRAWN


def test_one_application_that_cannot_be_swept_does_not_keep_the_others_from_it(locked):
    locked.apps = {"broken": None, **locked.apps}
    ask = locked.rollouts.newest

    def newest(application, most):
        if application == "broken":
            raise Refused("query: AccessDeniedException")
        return ask(application, most)

    locked.rollouts.newest = newest

    with pytest.raises(Refused, match="AccessDenied"):
        sweep()

    assert locked.locks.held == {}


@pytest.fixture
def grouped(outside):
    """A group one of whose rollouts is open, and of whose end nobody was told."""
    group = outside.releases.create(a_group(board=Board(channel="C0ROLLOUTS", ts="1.000001")))
    outside.slack.post("C0ROLLOUTS", text="the group's board", blocks=["…"])
    outside.rollouts.create(a_rollout(group=group.id, board=None))
    outside.time = after(hours=1)
    return outside


def test_a_group_whose_end_nobody_was_told_is_closed(grouped):
    grouped.executions = Ended("ABORTED")

    sweep()

    (group,) = grouped.releases.records.values()
    assert (group.outcome, group.board_is_behind) == ("aborted", False)
    assert "found by looking" in str(grouped.slack.messages[0]["blocks"])


def test_a_group_that_goes_on_is_left_alone(grouped):
    grouped.executions = Ended("RUNNING")

    sweep()

    assert next(iter(grouped.releases.records.values())).is_open


def test_a_groups_board_that_missed_its_end_is_drawn_again(grouped):
    (group,) = grouped.releases.records.values()
    grouped.executions = Ended("RUNNING")
    grouped.releases.close(group.id, outcome="completed", cause="All.", now=NOW)

    sweep()

    assert "*Completed.*" in str(grouped.slack.messages[0]["blocks"])
    assert not grouped.releases.read(group.id).board_is_behind


def test_a_group_is_drawn_by_its_record_and_not_by_an_index_that_is_behind(grouped):
    (group,) = grouped.releases.records.values()
    behind = grouped.releases.close(group.id, outcome="fault", cause="Web is open.", now=NOW)
    change(grouped.releases, group.id, cause="Web failed.")
    grouped.releases.newest = lambda most: [behind]
    drawn, edit = [], grouped.slack.edit

    def noted(message, *, text, blocks):
        drawn.append(str(blocks))
        edit(message, text=text, blocks=blocks)

    grouped.slack.edit = noted

    sweep()

    assert drawn
    assert not [each for each in drawn if "Web failed." not in each]
