from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.config.approval_rules import (
    ApprovalAnswer,
    ApprovalRules,
    Person,
    is_complete,
    is_entitled,
    may_approve,
    reminders_due,
)
from tests.support.builders import NOW, after


def an_answer(by="U0BOB", *groups):
    return ApprovalAnswer(by=by, at=NOW, groups=groups)


@pytest.mark.parametrize(
    ("rules", "person", "entitled"),
    [
        (ApprovalRules(), Person(id="U0ANYONE"), True),
        (ApprovalRules(users=("U0BOB",)), Person(id="U0BOB"), True),
        (ApprovalRules(users=("U0BOB",)), Person(id="U0EVE"), False),
        (ApprovalRules(groups=("S0SRE",)), Person(id="U0EVE"), False),
        (ApprovalRules(groups=("S0SRE",)), Person(id="U0DAVE", groups=frozenset({"S0SRE"})), True),
        (ApprovalRules(groups=("S0SRE",)), Person(id="U0EVE", groups=frozenset({"S0DEV"})), False),
        (ApprovalRules(users=("U0BOB",), groups=("S0SRE",)), Person(id="U0BOB"), True),
        (ApprovalRules(must_include=("S0SRE",)), Person(id="U0ANYONE"), True),
    ],
)
def test_who_may_answer(rules, person, entitled):
    assert is_entitled(rules, person) is entitled


def test_nobody_approves_their_own_rollout_unless_the_rules_say_so():
    bob = Person(id="U0BOB")

    assert not may_approve(ApprovalRules(), bob, "U0BOB")
    assert may_approve(ApprovalRules(), bob, "U0CAROL")
    assert may_approve(ApprovalRules(requester_may_approve=True), bob, "U0BOB")


def test_one_approval_is_enough_where_nothing_else_is_said():
    assert not is_complete(ApprovalRules(), [])
    assert is_complete(ApprovalRules(), [an_answer()])


def test_the_same_person_counts_once():
    two = ApprovalRules(required=2)

    assert not is_complete(two, [an_answer("U0BOB"), an_answer("U0BOB")])
    assert is_complete(two, [an_answer("U0BOB"), an_answer("U0ALICE")])


def test_somebody_of_each_group_that_must_be_there_must_have_approved():
    rules = ApprovalRules(required=2, must_include=("S0SRE", "S0QA"))
    both = [an_answer("U0BOB", "S0SRE"), an_answer("U0ALICE", "S0QA")]

    assert is_complete(rules, both)
    assert not is_complete(rules, [an_answer("U0BOB", "S0SRE"), an_answer("U0ALICE", "S0SRE")])
    assert not is_complete(rules, both[:1])


answers = st.lists(
    st.builds(an_answer, st.sampled_from(["U0A", "U0B", "U0C"]), st.sampled_from(["S0X", "S0Y"])),
    max_size=5,
)


@given(answers, answers, st.integers(1, 3))
def test_more_approvals_never_undo_a_decision(some, more, required):
    rules = ApprovalRules(required=required, must_include=("S0X",))

    if is_complete(rules, some):
        assert is_complete(rules, some + [each for each in more if each.by not in _who(some)])


def _who(given_answers):
    return {each.by for each in given_answers}


@pytest.mark.parametrize(
    ("waited", "due"),
    [
        (timedelta(0), 0),
        (timedelta(hours=1, minutes=59), 0),
        (timedelta(hours=2), 1),
        (timedelta(hours=5), 2),
        (timedelta(hours=-1), 0),
    ],
)
def test_people_are_reminded_every_so_often(waited, due):
    assert reminders_due(ApprovalRules(remind_every=timedelta(hours=2)), NOW, NOW + waited) == due


def test_only_groups_that_are_named_are_asked_for():
    assert not ApprovalRules(users=("U0BOB",)).asks_for_groups
    assert ApprovalRules(groups=("S0SRE",)).asks_for_groups
    assert ApprovalRules(must_include=("S0SRE",)).asks_for_groups


def test_reminders_are_counted_from_when_it_was_asked():
    assert (
        reminders_due(
            ApprovalRules(remind_every=timedelta(hours=2)), after(hours=1), after(hours=4)
        )
        == 1
    )
