"""The table of rollouts: moto's, and that of the simulation."""

from dataclasses import replace
from functools import partial

import pytest

from handlers.domain.model.colors import COLORS
from handlers.domain.model.errors import NotThere
from handlers.domain.model.release import ColorRelease
from handlers.domain.model.rollout import AskedQuestion, Board, Stage
from handlers.gateways.board_records import KEPT
from handlers.gateways.dynamodb_items import attribute, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table
from handlers.gateways.rollout_store import Rollouts
from tests.support.builders import (
    NEW,
    NOW,
    OLD,
    a_color,
    a_decision,
    a_doubted_color,
    a_release,
    a_result,
    a_rollout,
    after,
    an_awaited,
    an_evidence,
)


@pytest.fixture
def rollouts(new_table):
    index = {"name": "by-application", "hash": "application", "range": "started"}
    return Rollouts(new_table(**index))


def test_a_rollout_is_recorded_once(rollouts):
    first = rollouts.create(a_rollout(reason="first"))

    again = rollouts.create(a_rollout(reason="again"))

    assert again == first == rollouts.get("api-v1.42.0-1")


def test_a_rollout_that_was_never_recorded_is_none_or_not_there(rollouts):
    assert rollouts.get("api-1") is None
    with pytest.raises(NotThere, match="there is no record of rollout api-1"):
        rollouts.read("api-1")


def test_one_that_waited_begins_with_what_is_found_then_and_keeps_its_board(rollouts):
    before = rollouts.create(a_rollout(colors={}, awaits=an_awaited()))

    begun = rollouts.begin(replace(a_rollout(), board=None), before.awaits)

    assert begun == rollouts.read("api-v1.42.0-1")
    assert (begun.awaits, begun.board) == (None, before.board)
    assert set(begun.colors) == set(COLORS)


def test_one_that_waits_no_more_is_left_as_it_is(rollouts):
    begun = rollouts.create(a_rollout())

    assert rollouts.begin(a_rollout(colors={}), an_awaited()) == begun


def test_one_that_waits_for_something_else_by_now_is_left_as_it_is(rollouts):
    later = rollouts.create(a_rollout(colors={}, awaits=an_awaited(since=after(minutes=1))))

    assert rollouts.begin(a_rollout(), an_awaited()) == later


def test_attributes_of_a_rollout_are_changed_by_path(rollouts):
    rollouts.create(a_rollout(board=None))

    board = Board(channel="C1", ts="1.2")
    rollouts.record_revision("api-v1.42.0-1", NEW)
    changed = rollouts.set_board_once("api-v1.42.0-1", board)

    assert changed == rollouts.read("api-v1.42.0-1")
    assert (changed.release.revision, changed.board) == (NEW, board)
    assert changed.release.name == "v1.42.0"


def test_the_revision_of_each_color_is_recorded_by_itself(rollouts):
    own = {color: ColorRelease(images={"app": "api@sha256:1"}) for color in COLORS}
    rollouts.create(a_rollout(release=a_release(revision="", by_color=own)))

    rollouts.record_revision("api-v1.42.0-1", NEW, "red")
    changed = rollouts.record_revision("api-v1.42.0-1", OLD, "green")

    assert changed == rollouts.read("api-v1.42.0-1")
    assert {color: changed.release.revision_for(color) for color in COLORS} == {
        "red": NEW,
        "yellow": "",
        "green": OLD,
    }
    assert changed.release.images_for("red") == {"app": "api@sha256:1"}


def test_the_first_board_and_the_first_who_asks_for_a_rollback_stand(rollouts):
    rollouts.create(a_rollout(board=None))
    for ts, by in (("1.1", "U0ALICE"), ("1.2", "U0BOB")):
        rollouts.set_board_once("api-v1.42.0-1", Board(channel="C1", ts=ts))
        changed = rollouts.ask_rollback_once(
            "api-v1.42.0-1", a_decision("roll_back", by=by, at=NOW)
        )

    assert (changed.board.ts, changed.roll_back_asked.by) == ("1.1", "U0ALICE")


def test_a_record_says_whether_its_board_is_behind_and_whether_it_was_swept(rollouts):
    rollouts.create(a_rollout())

    rollouts.mark_board("api-v1.42.0-1", is_behind=True)
    changed = rollouts.mark_swept("api-v1.42.0-1")

    assert (changed.board_is_behind, changed.is_mended) == (True, True)
    assert not rollouts.mark_board("api-v1.42.0-1", is_behind=False).board_is_behind


def test_colors_that_change_side_by_side_do_not_undo_each_other(rollouts):
    rollouts.create(a_rollout())

    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, stage=Stage.GOING_BACK, changed=True)
    both_ = rollouts.change_color("api-v1.42.0-1", "green", now=NOW, stage=Stage.GOING_BACK)

    assert both_.colors["red"].stage is Stage.GOING_BACK
    assert both_.colors["red"].changed
    assert both_.colors["yellow"] == a_color("yellow")
    assert both_.colors["green"].stage is Stage.GOING_BACK


def test_a_color_keeps_when_it_first_reached_each_stage(rollouts):
    rollouts.create(a_rollout())
    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, stage=Stage.ASKING)
    rollouts.change_color("api-v1.42.0-1", "red", now=after(hours=1), stage=Stage.DEPLOYING)

    again = rollouts.change_color("api-v1.42.0-1", "red", now=after(hours=2), stage=Stage.ASKING)

    assert again.colors["red"].times == {"asking": NOW, "deploying": after(hours=1)}


def test_a_decision_is_kept_with_its_color(rollouts):
    rollouts.create(a_rollout())
    decision = a_decision("rejected", reason="502s", at=after(minutes=1, microseconds=1))

    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, decision=decision)

    assert rollouts.read("api-v1.42.0-1").colors["red"].decision == decision


def test_a_rollout_that_is_not_recorded_is_not_changed_into_being(rollouts):
    with pytest.raises(ConditionFailed):
        rollouts.set_board_once("api-1", Board(channel="C1", ts="1.2"))
    with pytest.raises(ConditionFailed):
        rollouts.change_color("api-1", "red", now=NOW, stage=Stage.ASKING)

    assert rollouts.get("api-1") is None
    assert rollouts.close("api-1", outcome="aborted", cause="", now=NOW) is None


def test_a_rollout_is_ended_once(rollouts):
    rollouts.create(a_rollout())

    first = rollouts.close("api-v1.42.0-1", outcome="rejected", cause="U0BOB", now=NOW)
    second = rollouts.close("api-v1.42.0-1", outcome="aborted", cause="x", now=after(hours=1))

    assert (first.outcome, first.cause, first.ended) == ("rejected", "U0BOB", NOW)
    assert second is None
    assert rollouts.read("api-v1.42.0-1") == first


def test_an_answer_is_put_on_an_open_rollout_and_not_on_one_that_has_ended(rollouts):
    rollout = rollouts.create(a_rollout())

    rollouts.decide_color(rollout.id, "red", a_decision())
    ended = rollouts.close(rollout.id, outcome="rejected", cause="U0BOB", now=NOW)
    rollouts.decide_color(rollout.id, "yellow", a_decision())

    assert ended.colors["red"].decision == a_decision()
    assert rollouts.read(rollout.id) == ended


def test_an_applications_rollouts_are_listed_newest_first(rollouts):
    for number in range(3):
        rollouts.create(a_rollout(id=f"api-{number}", started=after(hours=number)))
    rollouts.create(a_rollout(id="web-1", application="web"))

    assert [rollout.id for rollout in rollouts.newest("api", 2)] == ["api-2", "api-1"]


def test_records_expire_by_dynamodbs_own_clock(new_table):
    table = new_table()

    Rollouts(table).create(a_rollout())

    expires = table.get("api-v1.42.0-1")["expires"]
    assert expires == {"N": str(int((NOW + KEPT).timestamp()))}


def test_colors_keep_their_order_though_dynamodb_keeps_none(stubbed):
    rollout = a_rollout()
    shuffled = {color: rollout.colors[color] for color in ("green", "red", "yellow")}
    item = {k: attribute(v) for k, v in to_item(replace(rollout, colors=shuffled)).items()}
    client, stub = stubbed("dynamodb")
    stub.add_response("get_item", {"Item": item})

    read = Rollouts(Table(client, "Rollouts")).read(rollout.id)

    assert list(read.colors) == ["red", "yellow", "green"]


def test_a_color_that_moved_on_is_not_settled_from_what_was_seen_before(rollouts):
    seen = a_color("red", stage=Stage.DEPLOYING, changed=True, deployment="ecs-svc/ours")
    rollouts.create(a_rollout(seen, a_color("yellow")))

    settled, was_first = rollouts.settle_color("api-v1.42.0-1", seen, now=NOW, stage=Stage.FAILED)
    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, stage=Stage.GOING_BACK, deployment="")
    stands, was_late = rollouts.settle_color("api-v1.42.0-1", seen, now=NOW, stage=Stage.FAILED)

    assert (was_first, was_late) == (True, False)
    assert settled.colors["red"].stage is Stage.FAILED
    assert stands.colors["red"].stage is Stage.GOING_BACK


def test_evidence_and_its_numbers_come_back_as_they_were(rollouts):
    evidence = an_evidence(a_result("latency", series=(212.5, 0.004, 3.0)))
    rollouts.create(a_rollout())

    changed = rollouts.change_color("api-v1.42.0-1", "red", now=NOW, evidence=evidence)

    assert changed == rollouts.read("api-v1.42.0-1")
    assert changed.colors["red"].evidence == evidence


def test_a_doubt_is_answered_only_while_it_is_the_open_one(rollouts):
    red = a_doubted_color("red")
    rollouts.create(a_rollout(red))
    asked, answer = red.doubt.id, a_decision()

    counted = rollouts.record_doubt_approvals("api-v1.42.0-1", "red", asked, ("U0BOB",), now=NOW)
    other = rollouts.decide_doubt("api-v1.42.0-1", "red", "another", answer, Stage.RELEASED)
    ours = rollouts.decide_doubt("api-v1.42.0-1", "red", asked, answer, Stage.RELEASED)
    again = rollouts.decide_doubt("api-v1.42.0-1", "red", asked, answer, Stage.VERIFYING)

    assert counted.colors["red"].doubt.approved_by == ("U0BOB",)
    assert other.colors["red"].stage is Stage.UNCLEAR
    assert ours.colors["red"].stage is again.colors["red"].stage is Stage.RELEASED
    assert ours.colors["red"].doubt.decision == a_decision()


def test_of_two_runs_one_asks_about_a_color(rollouts):
    seen = rollouts.create(a_rollout(a_color("red", doubt=None))).colors["red"]

    ours = rollouts.ask_about("api-v1.42.0-1", seen, now=NOW, approval="one", stage=Stage.ASKING)
    late = rollouts.ask_about("api-v1.42.0-1", seen, now=NOW, approval="two", stage=Stage.ASKING)

    assert ours.colors["red"].approval == late.colors["red"].approval == "one"
    assert ours.colors["red"].times == {Stage.ASKING: NOW}


def test_the_message_of_a_question_is_recorded_once_and_closed(rollouts):
    seen = rollouts.create(a_rollout()).colors["red"]
    asked = {"one": AskedQuestion(users=("U0BOB",))}
    first, second = Board(channel="C1", ts="1.1"), Board(channel="C1", ts="1.2")

    rollouts.ask_about("api-v1.42.0-1", seen, now=NOW, asked=asked, approval="one")
    post = partial(rollouts.set_question_message_once, "api-v1.42.0-1", "red", "one")
    post(first)
    post(second)
    closed = rollouts.close_question_message("api-v1.42.0-1", "red", "one")
    again = rollouts.ask_about(
        "api-v1.42.0-1",
        closed.colors["red"],
        now=NOW,
        asked={"two": AskedQuestion()},
        approval="two",
    )

    assert again.colors["red"].asked == {
        "one": AskedQuestion(users=("U0BOB",), message=first, is_closed=True),
        "two": AskedQuestion(),
    }


def test_a_message_that_is_gone_is_replaced_once(rollouts):
    seen = rollouts.create(a_rollout()).colors["red"]
    rollouts.ask_about(
        "api-v1.42.0-1", seen, now=NOW, asked={"one": AskedQuestion()}, approval="one"
    )
    first, second, third = (Board(channel="C1", ts=f"1.{number}") for number in range(3))
    post = partial(rollouts.set_question_message_once, "api-v1.42.0-1", "red", "one")
    post(first)

    post(second, gone=first)
    late = post(third, gone=first)

    assert late.colors["red"].asked["one"].message == second


def test_a_board_that_is_gone_is_replaced_once(rollouts):
    first = rollouts.create(a_rollout()).board
    second, third = (Board(channel="C1", ts=f"9.{number}") for number in range(2))

    rollouts.replace_board("api-v1.42.0-1", second, instead_of=first)
    late = rollouts.replace_board("api-v1.42.0-1", third, instead_of=first)

    assert late.board == second


@pytest.mark.parametrize("is_old", [True, False])
def test_what_was_asked_before_questions_had_messages_is_recorded_once(rollouts, is_old):
    seen = rollouts.create(a_rollout(a_color("red", approval="one"))).colors["red"]
    if is_old:
        rollouts._table.update("api-v1.42.0-1", {"colors.red.asked": None, "cause": ""})
    message = Board(channel="C1", ts="1.1")

    rollouts.record_asked("api-v1.42.0-1", seen, {"one": AskedQuestion()})
    rollouts.set_question_message_once("api-v1.42.0-1", "red", "one", message)
    late = rollouts.record_asked("api-v1.42.0-1", seen, {"one": AskedQuestion()})

    assert late.colors["red"].asked == {"one": AskedQuestion(message=message)}


def test_another_doubt_is_asked_about_only_where_the_last_one_was_seen(rollouts):
    red = a_doubted_color("red")
    seen = rollouts.create(a_rollout(red)).colors["red"]
    another = replace(red.doubt, id="another")

    ours = rollouts.ask_about("api-v1.42.0-1", seen, now=NOW, doubt=another, stage=Stage.UNCLEAR)
    late = rollouts.ask_about("api-v1.42.0-1", seen, now=NOW, doubt=red.doubt, stage=Stage.UNCLEAR)

    assert ours.colors["red"].doubt.id == late.colors["red"].doubt.id == "another"


def test_nothing_is_asked_about_a_rollout_that_has_ended(rollouts):
    seen = rollouts.create(a_rollout()).colors["red"]
    rollouts.close("api-v1.42.0-1", outcome="aborted", cause="enough", now=NOW)

    after_it = rollouts.ask_about("api-v1.42.0-1", seen, now=NOW, approval="1", stage=Stage.ASKING)

    assert after_it.colors["red"].approval == ""


def test_a_rollout_that_goes_on_is_open_and_asks_anew(rollouts):
    red, yellow = a_doubted_color("red"), a_color("yellow", approval="withdrawn when it ended")
    rollouts.create(a_rollout(red, yellow))
    ended = rollouts.close("api-v1.42.0-1", outcome="aborted", cause="enough", now=NOW)

    opened = rollouts.reopen(ended)

    assert opened == rollouts.read("api-v1.42.0-1")
    assert (opened.is_open, opened.cause, opened.ended) == (True, "", None)
    assert (opened.colors["red"].doubt, opened.colors["yellow"].approval) == (None, "")
    with pytest.raises(ConditionFailed):
        rollouts.reopen(ended)


def test_a_color_of_a_rollout_that_has_ended_is_not_settled_by_a_late_run(rollouts):
    seen = rollouts.create(a_rollout()).colors["red"]
    rollouts.close("api-v1.42.0-1", outcome="fault", cause="A step failed.", now=NOW)

    found, is_ours = rollouts.settle_color("api-v1.42.0-1", seen, now=NOW, stage=Stage.DEPLOYING)

    assert (found.colors["red"].stage, is_ours) == (Stage.WAITING, False)


def test_what_was_refused_and_then_begins_is_recorded_once(rollouts):
    refused = rollouts.create(a_rollout(colors={}, awaits=None))

    begun = rollouts.begin(a_rollout(), None)
    again = rollouts.begin(replace(a_rollout(), changes=("another",)), None)

    assert (refused.colors, list(begun.colors)) == ({}, ["red", "yellow", "green"])
    assert again == begun
