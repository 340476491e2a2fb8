"""The tables of records, each held against its in-memory fake: both keep the same rules."""

from dataclasses import replace

import pytest

from handlers.domain.errors import NotThere
from handlers.domain.rollout import Board, Stage
from handlers.gateways.approvals import Approvals
from handlers.gateways.locks import Locks
from handlers.gateways.rollouts import KEPT, Rollouts
from handlers.gateways.table import ConditionFailed, Table, attribute, to_item
from handlers.gateways.waits import Waits
from tests.builders import (
    NEW,
    NOW,
    a_color,
    a_decision,
    a_lock,
    a_rollout,
    a_wait,
    after,
    an_approval,
    execution,
)
from tests.fakes import FakeApprovals, FakeLocks, FakeRollouts, FakeWaits

both = pytest.mark.parametrize("where", ["in memory", "in DynamoDB"], indirect=True)


@pytest.fixture
def where(request, dynamodb, new_table):
    """Make a table of records, or its fake."""

    def make(real, fake, key="id", **index):
        if request.param == "in memory":
            return fake()
        return real(Table(dynamodb, new_table(key, **index)))

    return make


@pytest.fixture
def rollouts(where):
    index = {"name": "by-application", "hash": "application", "range": "started"}
    return where(Rollouts, FakeRollouts, **index)


@pytest.fixture
def approvals(where):
    return where(Approvals, FakeApprovals)


@pytest.fixture
def locks(where):
    return where(Locks, FakeLocks, key="application")


@pytest.fixture
def waits(where):
    return where(Waits, FakeWaits)


@both
def test_a_rollout_is_recorded_once(rollouts):
    first = rollouts.create(a_rollout(reason="first"))

    again = rollouts.create(a_rollout(reason="again"))

    assert again == first == rollouts.get("api-v1.42.0-1")


@both
def test_a_rollout_that_was_never_recorded_is_none_or_not_there(rollouts):
    assert rollouts.get("api-1") is None
    with pytest.raises(NotThere, match="there is no record of rollout api-1"):
        rollouts.read("api-1")


@both
def test_attributes_of_a_rollout_are_changed_by_path(rollouts):
    rollouts.create(a_rollout(board=None))

    board = Board(channel="C1", ts="1.2")
    changed = rollouts.change("api-v1.42.0-1", **{"release.revision": NEW, "board": board})

    assert changed == rollouts.read("api-v1.42.0-1")
    assert (changed.release.revision, changed.board) == (NEW, board)
    assert changed.release.name == "v1.42.0"


@both
def test_colors_that_change_side_by_side_do_not_undo_each_other(rollouts):
    rollouts.create(a_rollout())

    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, stage=Stage.GOING_BACK, changed=True)
    both_ = rollouts.change_color("api-v1.42.0-1", "green", now=NOW, stage=Stage.GOING_BACK)

    assert both_.colors["red"].stage is Stage.GOING_BACK
    assert both_.colors["red"].changed
    assert both_.colors["yellow"] == a_color("yellow")
    assert both_.colors["green"].stage is Stage.GOING_BACK


@both
def test_a_color_keeps_when_it_first_reached_each_stage(rollouts):
    rollouts.create(a_rollout())
    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, stage=Stage.ASKING)
    rollouts.change_color("api-v1.42.0-1", "red", now=after(hours=1), stage=Stage.DEPLOYING)

    again = rollouts.change_color("api-v1.42.0-1", "red", now=after(hours=2), stage=Stage.ASKING)

    assert again.colors["red"].times == {"asking": NOW, "deploying": after(hours=1)}


@both
def test_a_decision_is_kept_with_its_color(rollouts):
    rollouts.create(a_rollout())
    decision = a_decision("rejected", reason="502s", at=after(minutes=1, microseconds=1))

    rollouts.change_color("api-v1.42.0-1", "red", now=NOW, decision=decision)

    assert rollouts.read("api-v1.42.0-1").colors["red"].decision == decision


@both
def test_a_rollout_that_is_not_recorded_is_not_changed_into_being(rollouts):
    with pytest.raises(ConditionFailed):
        rollouts.change("api-1", board=Board(channel="C1", ts="1.2"))
    with pytest.raises(ConditionFailed):
        rollouts.change_color("api-1", "red", now=NOW, stage=Stage.ASKING)

    assert rollouts.get("api-1") is None
    assert rollouts.close("api-1", outcome="aborted", cause="", now=NOW) is None


@both
def test_a_rollout_is_ended_once(rollouts):
    rollouts.create(a_rollout())

    first = rollouts.close("api-v1.42.0-1", outcome="rejected", cause="U0BOB", now=NOW)
    second = rollouts.close("api-v1.42.0-1", outcome="aborted", cause="x", now=after(hours=1))

    assert (first.outcome, first.cause, first.ended) == ("rejected", "U0BOB", NOW)
    assert second is None
    assert rollouts.read("api-v1.42.0-1") == first


@both
def test_an_applications_rollouts_are_listed_newest_first(rollouts):
    for number in range(3):
        rollouts.create(a_rollout(id=f"api-{number}", started=after(hours=number)))
    rollouts.create(a_rollout(id="web-1", application="web"))

    assert [rollout.id for rollout in rollouts.newest("api", 2)] == ["api-2", "api-1"]


@both
def test_a_question_is_asked_once(approvals):
    approvals.ask(an_approval())

    with pytest.raises(ConditionFailed):
        approvals.ask(an_approval(token="another"))

    assert approvals.get("question-red") == an_approval()
    assert approvals.get("question-blue") is None


@both
def test_of_two_answers_one_wins_and_both_learn_which(approvals):
    approvals.ask(an_approval())
    alice, bob = a_decision("approved", by="U0ALICE"), a_decision("rejected", by="U0BOB")

    first, alice_won = approvals.decide("question-red", alice)
    second, bob_won = approvals.decide("question-red", bob)

    assert (alice_won, bob_won) == (True, False)
    assert first.decision == second.decision == alice
    assert approvals.get("question-red").decision == alice


@both
def test_the_same_answer_given_twice_still_counts(approvals):
    approvals.ask(an_approval())
    approvals.decide("question-red", a_decision())

    _, won = approvals.decide("question-red", a_decision())

    assert won


@both
def test_an_answer_comes_with_the_newest_token(approvals):
    approvals.ask(an_approval(token="token-1"))
    approvals.wait_with("question-red", "token-2")

    answered, _ = approvals.decide("question-red", a_decision())

    assert answered.token == "token-2"


@both
def test_a_question_that_was_answered_meanwhile_takes_no_new_token(approvals):
    approvals.ask(an_approval(token="token-1"))
    approvals.decide("question-red", a_decision())

    waiting = approvals.wait_with("question-red", "token-2")

    assert (waiting.decision, waiting.token) == (a_decision(), "token-1")


@both
def test_a_question_that_does_not_exist_cannot_be_answered(approvals):
    with pytest.raises(ConditionFailed):
        approvals.decide("question-blue", a_decision())
    with pytest.raises(ConditionFailed):
        approvals.wait_with("question-blue", "token-2")

    assert approvals.get("question-blue") is None


@both
def test_a_free_lock_is_taken_and_may_be_taken_again_by_its_holder(locks):
    assert locks.take(a_lock("api-1")) == a_lock("api-1")
    assert locks.take(a_lock("api-1")) == a_lock("api-1")


@both
def test_a_held_lock_names_its_holder(locks):
    locks.take(a_lock("api-1"))

    assert locks.take(a_lock("api-2")) == a_lock("api-1")


@both
def test_a_lock_is_taken_over_only_from_the_execution_that_was_named(locks):
    locks.take(a_lock("api-1"))

    not_that_one = locks.take(a_lock("api-3"), instead_of=execution("api-2"))
    that_one = locks.take(a_lock("api-3"), instead_of=execution("api-1"))

    assert not_that_one == a_lock("api-1")
    assert that_one == a_lock("api-3")


@both
def test_applications_do_not_hold_each_others_locks(locks):
    locks.take(a_lock("api-1"))

    assert locks.take(a_lock("web-1", application="web")) == a_lock("web-1", application="web")


@both
def test_a_lock_is_freed_by_its_holder_alone(locks):
    locks.take(a_lock("api-1"))

    locks.free("api", execution("api-2"))
    assert locks.take(a_lock("api-2")) == a_lock("api-1")

    locks.free("api", execution("api-1"))
    assert locks.take(a_lock("api-2")) == a_lock("api-2")


@both
def test_freeing_a_lock_that_nobody_holds_is_nothing(locks):
    locks.free("api", execution("api-1"))

    assert locks.take(a_lock("api-1")) == a_lock("api-1")


@both
def test_a_service_has_one_wait_the_newest(waits):
    waits.put(a_wait(token="token-1"))
    waits.put(a_wait(token="token-2", returning=True))

    assert waits.get(a_wait().id) == a_wait(token="token-2", returning=True)
    assert waits.get("arn:another") is None


def test_records_expire_by_dynamodbs_own_clock(dynamodb, new_table):
    name = new_table()

    Rollouts(Table(dynamodb, name)).create(a_rollout())

    item = dynamodb.get_item(TableName=name, Key={"id": {"S": "api-v1.42.0-1"}})["Item"]
    assert item["expires"] == {"N": str(int((NOW + KEPT).timestamp()))}


def test_colors_keep_their_order_though_dynamodb_keeps_none(stubbed):
    rollout = a_rollout()
    shuffled = {color: rollout.colors[color] for color in ("green", "red", "yellow")}
    item = {k: attribute(v) for k, v in to_item(replace(rollout, colors=shuffled)).items()}
    client, stub = stubbed("dynamodb")
    stub.add_response("get_item", {"Item": item})

    read = Rollouts(Table(client, "Rollouts")).read(rollout.id)

    assert list(read.colors) == ["red", "yellow", "green"]


def test_a_holder_that_lets_go_between_two_looks_leaves_the_lock_to_us(stubbed):
    client, stub = stubbed("dynamodb")
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {})
    stub.add_response("put_item", {})

    assert Locks(Table(client, "Locks", "application")).take(a_lock()) == a_lock()
