"""Questions, locks and waits in their tables: moto's, and those of the simulation."""

import pytest

from handlers.domain.config.approval_rules import ApprovalAnswer
from handlers.domain.model.errors import NotThere
from handlers.gateways.approval_store import Approvals
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.lock_store import Locks
from handlers.gateways.wait_store import Waits
from tests.support.builders import NOW, a_decision, a_lock, a_wait, after, an_approval, execution


@pytest.fixture
def approvals(new_table):
    return Approvals(new_table())


@pytest.fixture
def locks(new_table):
    return Locks(new_table("application"))


@pytest.fixture
def waits(new_table):
    return Waits(new_table())


def test_a_question_is_asked_once(approvals):
    approvals.ask(an_approval())
    approvals.ask(an_approval(token="another"))

    assert approvals.get("question-red") == an_approval()
    assert approvals.get("question-blue") is None


def test_of_two_answers_one_wins_and_both_learn_which(approvals):
    approvals.ask(an_approval())
    alice, bob = a_decision("approved", by="U0ALICE"), a_decision("rejected", by="U0BOB")

    first, alice_won = approvals.decide("question-red", alice)
    second, bob_won = approvals.decide("question-red", bob)

    assert (alice_won, bob_won) == (True, False)
    assert first.decision == second.decision == alice
    assert approvals.get("question-red").decision == alice


def test_the_same_answer_given_twice_still_counts(approvals):
    approvals.ask(an_approval())
    approvals.decide("question-red", a_decision())

    _, won = approvals.decide("question-red", a_decision())

    assert won


def test_an_answer_comes_with_the_newest_token(approvals):
    approvals.ask(an_approval(token="token-1"))
    approvals.replace_token("question-red", "token-2")

    answered, _ = approvals.decide("question-red", a_decision())

    assert answered.token == "token-2"


def test_a_question_that_was_answered_meanwhile_takes_no_new_token(approvals):
    approvals.ask(an_approval(token="token-1"))
    approvals.decide("question-red", a_decision())

    waiting = approvals.replace_token("question-red", "token-2")

    assert (waiting.decision, waiting.token) == (a_decision(), "token-1")


def test_approvals_of_several_people_are_kept_side_by_side(approvals):
    bob, alice = (
        ApprovalAnswer(by="U0BOB", at=NOW),
        ApprovalAnswer(by="U0ALICE", at=NOW, groups=("S0SRE",)),
    )
    approvals.ask(an_approval())
    approvals.approve("question-red", "U0BOB", bob)

    both_given = approvals.approve("question-red", "U0ALICE", alice)

    assert both_given.answers == {"U0BOB": bob, "U0ALICE": alice}
    assert approvals.get("question-red").answers == both_given.answers


def test_of_one_persons_approvals_the_first_is_kept(approvals):
    first, again = ApprovalAnswer(by="U0BOB", at=NOW), ApprovalAnswer(by="U0BOB", at=after(hours=1))
    approvals.ask(an_approval())
    approvals.approve("question-red", "U0BOB", first)

    given = approvals.approve("question-red", "U0BOB", again)

    assert given.answers == {"U0BOB": first}


def test_an_approval_after_the_decision_changes_nothing(approvals):
    approvals.ask(an_approval())
    approvals.decide("question-red", a_decision("rejected"))

    stands = approvals.approve("question-red", "U0BOB", ApprovalAnswer(by="U0BOB", at=NOW))

    assert (stands.decision, stands.answers) == (a_decision("rejected"), {})


def test_each_reminder_is_given_once(approvals):
    approvals.ask(an_approval())

    assert approvals.remind("question-red", 1) is True
    assert approvals.remind("question-red", 1) is False
    assert approvals.remind("question-red", 3) is True
    assert approvals.remind("question-red", 2) is False


def test_a_question_that_does_not_exist_cannot_be_answered(approvals):
    with pytest.raises(NotThere):
        approvals.decide("question-blue", a_decision())

    assert approvals.replace_token("question-blue", "token-2") is None
    assert approvals.get("question-blue") is None


def test_a_free_lock_is_taken_and_may_be_taken_again_by_its_holder(locks):
    assert locks.take(a_lock("api-1")) == a_lock("api-1")
    assert locks.take(a_lock("api-1")) == a_lock("api-1")


def test_a_held_lock_names_its_holder(locks):
    assert locks.get("api") is None

    locks.take(a_lock("api-1"))

    assert locks.take(a_lock("api-2")) == a_lock("api-1")
    assert locks.get("api") == a_lock("api-1")


def test_a_lock_is_taken_over_only_from_the_execution_that_was_named(locks):
    locks.take(a_lock("api-1"))

    not_that_one = locks.take(a_lock("api-3"), instead_of=execution("api-2"))
    that_one = locks.take(a_lock("api-3"), instead_of=execution("api-1"))

    assert not_that_one == a_lock("api-1")
    assert that_one == a_lock("api-3")


def test_applications_do_not_hold_each_others_locks(locks):
    locks.take(a_lock("api-1"))

    assert locks.take(a_lock("web-1", application="web")) == a_lock("web-1", application="web")


def test_a_lock_is_freed_by_its_holder_alone(locks):
    locks.take(a_lock("api-1"))

    locks.free("api", execution("api-2"))
    assert locks.take(a_lock("api-2")) == a_lock("api-1")

    locks.free("api", execution("api-1"))
    assert locks.take(a_lock("api-2")) == a_lock("api-2")


def test_freeing_a_lock_that_nobody_holds_is_nothing(locks):
    locks.free("api", execution("api-1"))

    assert locks.take(a_lock("api-1")) == a_lock("api-1")


def test_a_service_has_one_wait_the_newest(waits):
    waits.put(a_wait(token="token-1"))
    waits.put(a_wait(token="token-2", returning=True))

    assert waits.get(a_wait().id) == a_wait(token="token-2", returning=True)
    assert waits.get("arn:another") is None


def test_a_holder_that_lets_go_between_two_looks_leaves_the_lock_to_us(stubbed):
    client, stub = stubbed("dynamodb")
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {})
    stub.add_response("put_item", {})

    assert Locks(Table(client, "Locks", "application")).take(a_lock()) == a_lock()
