"""One rule for who somebody is: in the settings, as a requester, and as who answers."""

import pytest

from handlers.domain.admission.group_request import parse_group
from handlers.domain.admission.requester import require_answerable
from handlers.domain.admission.rollout_request import InvalidInput, parse_request
from handlers.domain.config.applications import load_applications
from handlers.domain.config.approval_rules import ApprovalRules, Person, is_entitled, may_approve
from handlers.domain.config.people import People
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.principal import (
    MOST_OF_A_PRINCIPAL,
    PRINCIPAL,
    caller,
    session_of,
    sso_user_of,
)
from tests.support.builders import an_application

ACCOUNT = "arn:aws:iam::123456789012"
SSO_NAME = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
SSO = f"{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/ap-northeast-1/{SSO_NAME}"
SESSION = f"arn:aws:sts::123456789012:assumed-role/{SSO_NAME}/alice@example.com"
LONGEST = f"arn:aws-us-gov:iam::123456789012:role/{'p' * 510}/{'n' * 64}"
NAMED = ["U0BOB", SSO, f"{ACCOUNT}:user/division_abc/sub/bob", f"{ACCOUNT}:root", LONGEST]


def settings(*users):
    table = {"cluster": "recipes", "approvals": {"users": list(users)}}
    return load_applications({"api": table})["api"].rules["red"]


@pytest.mark.parametrize("identity", NAMED)
def test_whoever_may_be_named_in_the_settings_may_ask(identity):
    assert settings(identity, "U0ALICE").users[0] == identity

    asked = {"tag": "v1", "requestedBy": identity}
    assert parse_request({"application": "api", **asked}, ("api",)).requested_by == identity
    assert parse_group({"applications": ["api", "web"], **asked}, ("api", "web")).requested_by


def test_a_session_may_ask_and_may_not_be_named():
    asked = {"application": "api", "tag": "v1", "requestedBy": SESSION}
    assert parse_request(asked, ("api",)).requested_by == SESSION

    with pytest.raises(ConfigurationError, match="a session of a role counts as the role"):
        settings(SESSION)


@pytest.mark.parametrize(
    "identity",
    ["bob", "U", f"{ACCOUNT}:group/ops", f"{ACCOUNT}:role/", f"{ACCOUNT}:role/a b/c", f"{SSO}\n"],
)
def test_who_is_nobody_is_not_named(identity):
    assert not PRINCIPAL.fullmatch(identity)


def test_the_longest_fits():
    most = f"arn:aws{'-' * 20}:iam::123456789012:role/{'p' * 510}/{'n' * 64}"

    assert PRINCIPAL.fullmatch(most)
    assert len(most) <= MOST_OF_A_PRINCIPAL


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (SSO, SESSION, True),
        (SSO, f"{ACCOUNT}:role/{SSO_NAME}", True),
        (SESSION, SESSION.replace("alice", "bob"), True),
        (f"{ACCOUNT}:user/ops/bob", f"{ACCOUNT}:user/bob", True),
        (f"{ACCOUNT}:user/bob", f"{ACCOUNT}:role/bob", False),
        (SSO, SSO.replace("123456789012", "999999999999"), False),
        ("U0BOB", "U0BOB", True),
        ("U0BOB", "U0ALICE", False),
    ],
)
def test_a_role_is_the_same_by_all_its_names(one, other, same):
    assert People().is_same(one, other) is same


def test_who_asks_as_a_session_may_not_approve_as_its_role():
    rules = ApprovalRules(users=(SSO,))
    on_call = Person(id=f"{ACCOUNT}:role/{SSO_NAME}")

    assert is_entitled(rules, on_call)
    assert not may_approve(rules, on_call, SESSION)
    with pytest.raises(InvalidInput, match="too few others may approve red"):
        require_answerable([an_application(rules={"red": rules})], SESSION)


def test_one_role_by_two_names_is_not_two_people():
    with pytest.raises(ConfigurationError, match="each once"):
        settings(SSO, f"{ACCOUNT}:role/{SSO_NAME}")


def test_an_assumed_role_is_called_by_its_role():
    assert caller("arn:aws-cn:sts::123456789012:assumed-role/ops/i-0a") == (
        "arn:aws-cn:iam::123456789012:role/ops"
    )
    no_session = "arn:aws:sts::123456789012:assumed-role/on-call"
    assert caller(no_session) == no_session


def test_a_session_has_the_name_that_was_given_when_the_role_was_assumed():
    assert session_of(SESSION) == "alice@example.com"
    assert session_of(f"{ACCOUNT}:role/on-call") == session_of("U0BOB") == ""


@pytest.mark.parametrize("role", ["on-call", "AWSReservedSSO_Deployer", f"My{SSO_NAME}"])
def test_only_identity_center_names_its_sessions_after_its_users(role):
    assert sso_user_of(SESSION) == "alice@example.com"
    assert sso_user_of(f"arn:aws:sts::123456789012:assumed-role/{role}/alice@example.com") == ""
