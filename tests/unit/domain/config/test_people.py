"""One person is one person, whichever way they come."""

import tomllib

import pytest

from handlers.domain.config.applications import load_applications
from handlers.domain.config.approval_rules import (
    ApprovalAnswer,
    Person,
    is_answerable,
    is_complete,
    is_entitled,
    may_approve,
)
from handlers.domain.config.people import People, load_people
from handlers.domain.config.toml_reader import ConfigurationError
from tests.support.builders import NOW

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
STS = f"arn:aws:sts::{ACCOUNT}:assumed-role"
SSO_ROLE = "AWSReservedSSO_Deployer_0123456789abcdef"

FILE = f"""
[people]
bob = ["U0BOB", "{ROLE}/bobs", "{STS}/on-call/bob", "sso:bob@example.com", "arn:aws:iam::{ACCOUNT}:user/x/bob"]
alice = ["U0ALICE", "{STS}/on-call/alice"]
erin = ["{STS}/on-call/erin"]

[api]
cluster = "recipes"
[api.approvals]
users = ["U0BOB", "{ROLE}/on-call", "{ROLE}/bobs"]
required = 2
"""

BOBS = [
    "U0BOB",
    "bob",
    f"{ROLE}/bobs",
    f"{ROLE}/with/a/path/bobs",
    f"{STS}/bobs/any-session",
    f"{STS}/on-call/bob",
    f"{STS}/{SSO_ROLE}/bob@example.com",
    f"{STS}/{SSO_ROLE}/Bob@Example.com",
    f"arn:aws:iam::{ACCOUNT}:user/x/bob",
    "sso:bob@example.com",
]


def people_of(toml):
    return load_people(tomllib.loads(toml))


def rules_of(toml):
    return load_applications(tomllib.loads(toml))["api"].rules["red"]


def answer(by):
    return ApprovalAnswer(by=by, at=NOW)


@pytest.mark.parametrize("given", BOBS)
def test_whichever_way_they_come_it_is_the_same_person(given):
    assert people_of(FILE).identify(given) == "U0BOB"


@pytest.mark.parametrize("given", BOBS)
def test_two_ways_of_one_person_are_one_approval(given):
    rules = rules_of(FILE)

    assert not is_complete(rules, [answer("U0BOB"), answer(given)])
    assert is_complete(rules, [answer(given), answer("U0ALICE")])


@pytest.mark.parametrize("asked", BOBS)
@pytest.mark.parametrize("given", BOBS)
def test_the_requester_is_refused_whichever_way_they_asked_and_come(asked, given):
    rules = rules_of(FILE)
    known = rules.people.identify(given)

    assert not may_approve(rules, Person(id=known, caller=given), asked)
    assert may_approve(rules, Person(id="U0ALICE"), asked)


@pytest.mark.parametrize("given", BOBS)
def test_whoever_may_answer_may_whichever_way_they_come(given):
    rules = rules_of(FILE)

    assert is_entitled(rules, Person(id=rules.people.identify(given), caller=given))


def test_a_role_entitles_whoever_comes_by_it_and_not_those_of_its_sessions_who_come_otherwise():
    rules = rules_of(FILE)

    assert is_entitled(rules, Person(id="U0ALICE", caller=f"{STS}/on-call/alice"))
    assert not is_entitled(rules, Person(id="U0ALICE"))


def test_an_iam_caller_who_is_somebody_in_slack_is_somebody_of_the_workspace():
    rules = rules_of(FILE.partition("[api.approvals]")[0])

    assert is_entitled(rules, Person(id="U0BOB", caller=f"{STS}/on-call/bob"))
    assert not is_entitled(rules, Person(id="erin", caller=f"{STS}/on-call/erin"))
    assert not is_entitled(rules, Person(id=f"{ROLE}/on-call"))


def test_everybody_who_assumes_a_role_is_one_person():
    people = People()

    assert people.identify(f"{STS}/ops/ann") == people.identify(f"{STS}/ops/ben") == f"{ROLE}/ops"
    assert people.is_same(f"{STS}/ops/ann", f"{STS}/ops/ben")
    assert people.count([f"{STS}/ops/ann", f"{STS}/ops/ben", f"{ROLE}/ops"]) == 1


def test_each_session_is_a_person_where_the_file_says_so():
    people = people_of('people.identity = "session"')
    ann, ben = f"{STS}/ops/ann", f"{STS}/ops/ben"

    assert people.count([ann, ben]) == 2
    assert not people.is_same(ann, ben)
    assert people.is_same(ann, f"{ROLE}/ops"), "a role alone may be anybody who assumes it"


def test_a_requester_by_a_role_may_be_anybody_of_whom_a_session_of_it_is_named():
    people = people_of(FILE)

    assert people.is_same("U0ALICE", f"{ROLE}/on-call")
    assert not people.is_same("U0ALICE", f"{ROLE}/other")


def test_a_session_that_is_not_named_may_be_anybody_who_assumes_the_role_and_adds_nobody():
    people = people_of(FILE)
    stranger, sso = f"{STS}/on-call/x", f"{STS}/{SSO_ROLE}/carol@example.com"

    assert people.count(["U0BOB", stranger]) == 1
    assert people.count(["U0BOB", "U0ALICE", stranger]) == 2
    assert people.count(["U0CAROL", stranger]) == 2
    assert people.count(["U0BOB", sso]) == 2, "Identity Center says which of its users it is"


def test_a_person_without_slack_goes_by_their_name():
    people = people_of(FILE)

    assert people.identify(f"{STS}/on-call/erin") == "erin"
    assert people.slack_id("erin") == ""
    assert people.slack_id(f"{STS}/on-call/bob") == "U0BOB"


def test_nobody_is_nobody():
    assert People().identify("") == ""
    assert not People().is_same("", "")


def test_two_ids_of_one_person_are_not_enough_for_two():
    with pytest.raises(ConfigurationError) as raised:
        rules_of(FILE.replace(f'"{ROLE}/on-call", ', ""))

    assert str(raised.value) == (
        "api.approvals.required: found 2, expected at most 1, as there are users"
    )


@pytest.mark.parametrize(
    ("asked", "answerable"),
    [("U0CAROL", True), (f"{STS}/bobs/x", True), (f"{ROLE}/on-call", False)],
)
def test_the_requester_is_left_out_of_those_who_can_answer_whoever_they_are(asked, answerable):
    assert is_answerable(rules_of(FILE), asked) is answerable


def test_a_role_can_be_as_many_as_have_sessions_where_each_is_a_person():
    file = f'people.identity = "session"\n[api]\ncluster = "recipes"\napprovals.users = ["{ROLE}/ops"]\n'

    assert rules_of(f"{file}approvals.required = 5").required == 5


REFUSED = {
    "one id in two people": (
        'bob = ["U0BOB"]\nrobert = ["U0BOB"]',
        "people.bob and people.robert: found 'U0BOB' in each, expected it in one of them",
    ),
    "one role in two people, by two paths": (
        f'bob = ["{ROLE}/a/ops"]\nrobert = ["{ROLE}/b/ops"]',
        f"people.bob and people.robert: found '{ROLE}/ops' in each, expected it in one of them",
    ),
    "a session of somebody else's role": (
        f'bob = ["{ROLE}/ops"]\nalice = ["{STS}/ops/alice"]',
        (
            f"people.alice: found '{STS}/ops/alice', expected no session of a role of somebody "
            "else: the role is bob's"
        ),
    ),
    "a user of Identity Center in two people": (
        'bob = ["sso:Bob@example.com"]\nrobert = ["sso:bob@example.com"]',
        "people.bob and people.robert: found 'sso:bob@example.com' in each",
    ),
    "an id twice": ('bob = ["U0BOB", "U0BOB"]', "people.bob: found ['U0BOB'], expected each once"),
    "no id": ("bob = []", "people.bob: found [], expected at least one id"),
    "a Slack name": ('bob = ["@bob"]', "people.bob: found ['@bob'], expected a list of Slack user"),
    "a group": ('sre = ["S0SRE"]', "people.sre: found ['S0SRE'], expected a list of Slack user"),
    "a mail alone": ('bob = ["bob@example.com"]', "people.bob: found ['bob@example.com']"),
    "one text": ('bob = "U0BOB"', "people.bob: found 'U0BOB', expected a list of Slack user ids"),
    "a table": ('bob = {slack = "U0BOB"}', "people.bob: found {'slack': 'U0BOB'}, expected a list"),
    "a name that is Shingo's own": (
        'shingo = ["U0BOB"]',
        "people.shingo: expected a person's name",
    ),
    "a name in capitals": ('U0BOB = ["U0BOB"]', "people.U0BOB: expected a person's name"),
    "another word for identity": (
        'identity = "person"',
        "people.identity: found 'person', expected 'role' or 'session'",
    ),
    "an application's settings": ('cluster = "recipes"', "people.cluster: found 'recipes'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_what_was_found_and_what_is_expected(name):
    written, told = REFUSED[name]

    with pytest.raises(ConfigurationError) as raised:
        load_applications(tomllib.loads(f'[people]\n{written}\n[api]\ncluster = "recipes"'))

    assert str(raised.value).startswith(told)


def test_every_problem_is_told_at_once_with_those_of_the_applications():
    with pytest.raises(ConfigurationError) as raised:
        load_applications(tomllib.loads('[people]\nbob = []\nann = ["x"]\n[api]\ncluster = 1'))

    told = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in told] == ["people.bob", "people.ann", "api.cluster"]


def test_a_file_whose_people_are_no_table_is_refused():
    with pytest.raises(ConfigurationError, match=r"^people: found \['U0BOB'\], expected a table"):
        people_of('people = ["U0BOB"]')
