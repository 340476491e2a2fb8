import pytest

from handlers.domain.approvals.answerability import Directory, unmet_rule
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.config.people import Identity, People

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/on-call"
BOB = People(ids={"bob": ("U0BOB", ROLE)})
GROUPS = {
    "S0SRE": ["U0BOB", "U0DAVE"],
    "S0GONE": ["U0GONE", "U0BOT"],
    "S0EMPTY": [],
    "S0ME": ["U0ME"],
    "S0MANY": [f"U0{number}" for number in range(7)],
}
NO_BUTTONS = {"U0GONE", "U0BOT", *GROUPS["S0MANY"]}
GUESTS = {"U0GUEST", "U0DAVE"}
ME = "U0ME"


def directory():
    return Directory(
        members=lambda group: GROUPS[group],
        why_unable=lambda user: "is deactivated" if user in NO_BUTTONS else "",
        is_member=lambda user: user not in GUESTS | NO_BUTTONS,
    )


def unmet(requester=ME, **rules):
    return unmet_rule(ApprovalRules(**rules), requester, directory())


MET = {
    "anyone may": {},
    "a person": {"users": (ME, "U0BOB")},
    "a group with somebody else": {"groups": ("S0SRE",)},
    "two of a group": {"groups": ("S0SRE",), "required": 2},
    "one of the users and one of the group": {
        "users": ("U0ALICE",),
        "groups": ("S0SRE",),
        "required": 3,
    },
    "the requester, where they may": {"users": (ME,), "requester_may_approve": True},
    "a role": {"users": (ME, ROLE)},
    "a guest who is named": {"users": ("U0GUEST",)},
    "one of the group that must be there": {"must_include": ("S0SRE",)},
    "one of that group among the users": {"users": ("U0BOB", "U0EVE"), "must_include": ("S0SRE",)},
    "somebody deactivated who has another way": {
        "users": ("U0GONE",),
        "people": People(ids={"gone": ("U0GONE", ROLE)}),
    },
    "every session of a role": {
        "users": (ROLE,),
        "required": 3,
        "people": People(identity=Identity.SESSION),
    },
}


@pytest.mark.parametrize("name", MET)
def test_rules_that_somebody_can_meet(name):
    assert unmet(**MET[name]) == ""


NONE_CAN = "1 approval is needed, and none of those who are named can give one"
MUST_BE = "must be among those who approve, and nobody of it can"
NOT_MET = {
    "an empty group": ({"groups": ("S0EMPTY",)}, f"{NONE_CAN}: nobody is in S0EMPTY"),
    "a group of the requester alone": ({"groups": ("S0ME",)}, f"{NONE_CAN}: U0ME asked for it"),
    "nobody but the requester": ({"users": (ME,)}, f"{NONE_CAN}: U0ME asked for it"),
    "deactivated accounts and bots": (
        {"users": ("U0GONE",), "groups": ("S0GONE",)},
        f"{NONE_CAN}: U0GONE is deactivated, U0BOT is deactivated",
    ),
    "too few of a group": (
        {"groups": ("S0SRE", "S0EMPTY"), "required": 3},
        ("3 approvals are needed, and 2 of those who are named can give one: nobody is in S0EMPTY"),
    ),
    "one person by two ways": (
        {"users": ("U0BOB", ROLE), "required": 2, "people": BOB},
        "2 approvals are needed, and 1 of those who are named can give one",
    ),
    "the requester's other way": (
        {"users": (ROLE,), "people": BOB, "requester": "U0BOB"},
        f"{NONE_CAN}: U0BOB asked for it",
    ),
    "nobody of the group that must be there": (
        {"must_include": ("S0EMPTY",)},
        f"somebody of S0EMPTY {MUST_BE}: nobody is in S0EMPTY",
    ),
    "nobody of that group may answer": (
        {"users": ("U0ALICE", "U0EVE"), "must_include": ("S0SRE",)},
        f"somebody of S0SRE {MUST_BE}: U0BOB may not answer, U0DAVE may not answer",
    ),
    "only guests of that group, where members may answer": (
        {"must_include": ("S0SRE",), "requester": "U0BOB"},
        f"somebody of S0SRE {MUST_BE}: U0BOB asked for it, U0DAVE may not answer",
    ),
    "more reasons than are told": (
        {"groups": ("S0MANY",)},
        (
            f"{NONE_CAN}: U00 is deactivated, U01 is deactivated, U02 is deactivated, U03 is "
            "deactivated, U04 is deactivated, and 2 more"
        ),
    ),
}


@pytest.mark.parametrize("name", NOT_MET)
def test_rules_that_nobody_can_meet(name):
    rules, said = NOT_MET[name]

    assert unmet(**rules) == said


def test_no_more_are_asked_about_than_are_needed():
    asked = []
    seen = Directory(
        members=lambda group: GROUPS[group],
        why_unable=lambda user: asked.append(user) or "",
        is_member=lambda _: True,
    )

    unmet_rule(ApprovalRules(users=("U0BOB", "U0ALICE"), groups=("S0SRE",)), ME, seen)

    assert asked == ["U0BOB"]
