"""Who is called to a question: those of the rules who have not answered yet."""

import pytest

from handlers.domain.approvals.called_people import called_people
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from tests.support.builders import NOW

PEOPLE = ("U0ALICE", "U0BOB")


def answer(by, *groups):
    return ApprovalAnswer(by=by, at=NOW, groups=groups)


@pytest.mark.parametrize(
    ("rules", "answers", "users", "groups"),
    [
        (ApprovalRules(), (), (), ()),
        (ApprovalRules(users=PEOPLE, groups=("S0SRE",)), (), ("U0BOB",), ("S0SRE",)),
        (ApprovalRules(users=PEOPLE, requester_may_approve=True), (), PEOPLE, ()),
        (ApprovalRules(users=PEOPLE, required=2), (answer("U0BOB"),), (), ()),
        (ApprovalRules(must_include=("S0SRE",)), (), (), ("S0SRE",)),
        (
            ApprovalRules(users=PEOPLE, required=3, must_include=("S0SRE",)),
            (),
            ("U0BOB",),
            ("S0SRE",),
        ),
        (
            ApprovalRules(users=PEOPLE, required=2, must_include=("S0SRE",)),
            (answer("U0DAVE"),),
            (),
            ("S0SRE",),
        ),
        (
            ApprovalRules(users=PEOPLE, required=2, must_include=("S0SRE",)),
            (answer("U0DAVE", "S0SRE"),),
            ("U0BOB",),
            (),
        ),
    ],
)
def test_only_those_are_called_who_are_still_needed(rules, answers, users, groups):
    called = called_people(rules, "U0ALICE", answers)

    assert (called.users, called.groups) == (users, groups)
