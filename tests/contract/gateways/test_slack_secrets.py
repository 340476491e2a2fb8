"""What `make deploy` says of Slack's secrets in SSM, through botocore's stubs."""

import pytest

from operations.inspection import Inspection
from operations.slack_secrets import read_secrets, secret_names

TOKEN_NAME, SECRET_NAME = secret_names("shingo").values()


@pytest.fixture
def read(stubbed):
    """Read the secrets of an account that has these."""

    def of(kinds=("SecureString", "SecureString"), keys=(), **given):
        client, stub = stubbed("ssm")
        names = (TOKEN_NAME, SECRET_NAME)
        values = {
            TOKEN_NAME: given.get("token", "xoxb-1"),
            SECRET_NAME: given.get("secret", "0123abcd"),
        }
        found = [
            {"Name": name, "Value": values[name], "Type": kind}
            for name, kind in zip(names, kinds, strict=True)
        ]
        asked = {"Names": list(names), "WithDecryption": True}
        stub.add_response("get_parameters", {"Parameters": found}, asked)
        told = zip(names, keys or ("alias/aws/ssm",) * 2, strict=True)
        described = [{"Name": name, "KeyId": key} for name, key in told]
        if "SecureString" in kinds:
            # AWS may answer with nothing, and more on the next page (API_DescribeParameters).
            stub.add_response("describe_parameters", {"Parameters": [], "NextToken": "1"})
            stub.add_response("describe_parameters", {"Parameters": described})
        inspection = Inspection()
        return read_secrets(client, names, inspection), inspection

    return of


def test_secrets_as_they_should_be_are_read_and_nothing_is_said(read):
    secrets, inspection = read()

    assert secrets == {TOKEN_NAME: "xoxb-1", SECRET_NAME: "0123abcd"}
    assert (inspection.problems, inspection.notes) == ([], [])


@pytest.mark.parametrize("token", ["xoxb-1\n", "xoxb-1\r\n", " xoxb-1", '"xoxb-1"', "\ufeffxoxb-1"])
def test_what_stands_around_a_secret_is_noted_and_left_out(read, token):
    secrets, inspection = read(token=token)

    assert secrets[TOKEN_NAME] == "xoxb-1"
    assert inspection.problems == []
    (note,) = inspection.notes
    where = f"SSM parameter {TOKEN_NAME}: has blanks, quotes or line breaks around it"
    assert note == f"{where}; they are left out"


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"token": "\n"}, TOKEN_NAME, "is empty"),
        ({"token": '{"token": "xoxb-1"}'}, TOKEN_NAME, "holds JSON"),
        ({"token": "xoxb-1\nxoxb-2"}, TOKEN_NAME, "holds blanks, line breaks"),
        ({"token": "xoxp-1"}, TOKEN_NAME, "is another token"),
        ({"token": "xapp-1"}, TOKEN_NAME, "is another token"),
        ({"token": "xoxe.xoxb-1"}, TOKEN_NAME, "is another token"),
        ({"secret": "xoxb-1"}, SECRET_NAME, "is a token, expected the Signing Secret"),
        ({"secret": "Ünlesbar"}, SECRET_NAME, "holds blanks, line breaks or other characters"),
    ],
)
def test_what_is_no_such_secret_is_told_without_being_shown(read, given, name, said):
    secrets, inspection = read(**given)

    (problem,) = inspection.problems
    assert problem.startswith(f"SSM parameter {name}: {said}")
    assert "aws ssm put-parameter --overwrite --type SecureString --name" in problem
    assert name not in secrets
    assert not [value for value in given.values() if value.strip() and value in problem]


@pytest.mark.parametrize("kind", ["String", "StringList"])
def test_a_secret_that_is_kept_in_clear_is_told(read, kind):
    _, inspection = read(kinds=(kind, "SecureString"), keys=())

    (problem,) = inspection.problems
    assert problem.startswith(f"SSM parameter {TOKEN_NAME}: is a {kind}, expected a SecureString")
    assert f"aws ssm delete-parameter --name {TOKEN_NAME} && aws ssm put-parameter" in problem


def test_a_secret_under_a_key_of_ones_own_is_told(read):
    _, inspection = read(keys=("alias/mine", "alias/aws/ssm"))

    (problem,) = inspection.problems
    assert "is encrypted with alias/mine, which the functions may not use" in problem
    assert "--key-id alias/aws/ssm" in problem


def test_whoever_may_not_look_up_the_keys_is_told(stubbed):
    client, stub = stubbed("ssm")
    found = {"Name": TOKEN_NAME, "Value": "xoxb-1", "Type": "SecureString"}
    stub.add_response("get_parameters", {"Parameters": [found]})
    stub.add_client_error("describe_parameters", "AccessDeniedException")
    inspection = Inspection()

    assert read_secrets(client, [TOKEN_NAME], inspection) == {TOKEN_NAME: "xoxb-1"}
    assert "could not be looked up (AccessDeniedException)" in inspection.notes[0]
    assert inspection.problems == []


def test_whoever_may_not_read_them_is_told_that_they_are_not_tried(stubbed):
    client, stub = stubbed("ssm")
    stub.add_client_error("get_parameters", "AccessDeniedException")
    stub.add_response("get_parameters", {"InvalidParameters": [TOKEN_NAME]})
    inspection = Inspection()

    assert read_secrets(client, [TOKEN_NAME], inspection) == {}
    assert "may not be read by you (AccessDeniedException)" in inspection.notes[0]
    assert f"SSM parameter {TOKEN_NAME}: is not there" in inspection.problems[0]


def test_each_stack_has_secrets_of_its_own():
    assert secret_names("shingo") != secret_names("staging")
    assert secret_names("staging")["SlackBotTokenParameter"] == "/staging/slack-bot-token"
