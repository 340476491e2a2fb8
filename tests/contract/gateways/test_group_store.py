"""Groups in the rollouts' table: moto's, and that of the simulation."""

import pytest

from handlers.domain.model.errors import NotThere
from handlers.domain.model.group import Part
from handlers.domain.model.rollout import Board
from handlers.gateways.group_store import GroupRecords
from handlers.gateways.rollout_store import Rollouts
from tests.support.builders import a_group, a_rollout, after

INDEX = {"name": "by-application", "hash": "application", "range": "started"}


@pytest.fixture
def groups(new_table):
    return GroupRecords(new_table(**INDEX))


def test_a_group_is_recorded_once(groups):
    first = groups.create(a_group())

    assert groups.create(a_group(tag="v2")) == first
    assert groups.read(first.id) == first
    assert groups.get("another") is None
    with pytest.raises(NotThere):
        groups.read("another")


def test_applications_settle_side_by_side_without_undoing_one_another(groups):
    group = groups.create(a_group())

    groups.move_member(group.id, group.members["web"], part=Part.COMPLETED, outcome="completed")
    changed = groups.record_arrival(group.id, "api", color="red", token="token-1")

    assert changed.members["web"].part is Part.COMPLETED
    assert (changed.members["api"].color, changed.members["api"].token) == ("red", "token-1")
    assert [member.application for member in changed.in_turn] == ["web", "api"]
    assert groups.clear_token(group.id, "api").members["api"].token == ""


def test_a_board_that_the_groups_board_is_to_link_to_leaves_that_one_behind(groups):
    group, board = groups.create(a_group()), Board(channel="C0DEPLOYS", ts="1.2")

    changed = groups.record_board(group.id, "api", board)

    assert changed.members["api"].board == board
    assert changed.board_is_behind


def test_a_step_that_comes_late_moves_nobody_back(groups):
    group = groups.create(a_group())
    seen = group.members["web"]

    moved = groups.move_member(group.id, seen, part=Part.OPEN)
    late = groups.move_member(group.id, seen, part=Part.NOT_BEGUN)

    assert moved.members["web"].part is Part.OPEN
    assert late == moved

    ended = groups.close(group.id, outcome="aborted", cause="", now=after(hours=1))
    assert groups.move_member(group.id, moved.members["web"], part=Part.FAILED) == ended


def test_the_first_failure_stands(groups):
    group = groups.create(a_group())

    groups.move_member(group.id, group.members["web"], part=Part.FAILED)
    both_failed = groups.move_member(group.id, group.members["api"], part=Part.FAILED)

    assert both_failed.failed == "web"
    assert both_failed.members["api"].part is Part.FAILED
    assert groups.mark_failed_once(group.id, "api").failed == "web"


def test_the_newest_groups_are_found_first(groups):
    for number in range(3):
        groups.create(a_group(id=f"group-{number}", started=after(hours=number)))

    assert [group.id for group in groups.newest(2)] == ["group-2", "group-1"]


def test_a_group_ends_once_and_remembers_its_board(groups):
    group = groups.create(a_group())
    groups.set_board_once(group.id, Board(channel="C0", ts="1.1"))

    ended = groups.close(group.id, outcome="completed", cause="All.", now=after(hours=1))

    assert (ended.outcome, ended.board.ts, ended.ended) == ("completed", "1.1", after(hours=1))
    assert groups.close(group.id, outcome="fault", cause="", now=after(hours=2)) is None


def test_a_group_and_a_rollout_of_one_name_are_two(new_table):
    table = new_table(**INDEX)
    group = GroupRecords(table).create(a_group(id="api-v1.42.0-1"))
    rollout = Rollouts(table).create(a_rollout())

    assert GroupRecords(table).read(group.id) == group
    assert Rollouts(table).read(rollout.id) == rollout
    assert GroupRecords(table).newest(5) == [group]
    assert Rollouts(table).newest("api", 5) == [rollout]
