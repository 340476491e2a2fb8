"""What `make deploy` says of the Slack app, as the sandbox's Slack knows it."""

from dataclasses import replace
from urllib.error import HTTPError

import pytest

from operations.inspection import Inspection
from operations.slack_api import SlackApi, SlackSilentError
from operations.slack_app import inspect_slack, slack_use
from sandbox.wire.slack.slack_api import METHODS
from sandbox.wire.slack.slack_directory import Channel, Directory, Person, UserGroup
from sandbox.wire.slack.slack_routes import Workspace
from tests.support.builders import an_application
from tests.support.slack_server import Clock, serving

DEPLOYS, ELSEWHERE = "C0DEPLOYS", "C0ELSE"


@pytest.fixture(scope="module")
def slack():
    with serving(Workspace(clock=Clock(), enforce_rates=False)) as running:
        yield running


@pytest.fixture
def workspace(slack):
    kept = dict(vars(slack.workspace))
    yield slack.workspace
    for name in ("directory", "scopes", "availability"):
        setattr(slack.workspace, name, kept[name])
    slack.workspace.refused_tokens = {}


def use(*applications, team="T0SHINGO", channel=DEPLOYS):
    return slack_use(team, channel, "/shingo/slack-bot-token", applications)


@pytest.fixture
def found(slack, workspace):
    """Inspect the workspace, and return what was found."""

    def inspect(asked=None, token=None):
        inspection = Inspection()
        api = SlackApi(f"{slack.address}/slack/api/", token or workspace.bot_token)
        inspect_slack(api, asked or use(), inspection)
        return inspection

    return inspect


def test_an_app_as_its_manifest_says_is_no_problem(found):
    inspection = found(use(an_application(channel=DEPLOYS)))

    assert (inspection.problems, inspection.notes) == ([], [])


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "token_expired"])
def test_a_token_that_slack_refuses_is_told_with_the_command_that_mends_it(found, workspace, error):
    workspace.refused_tokens["xoxb-old"] = error

    (problem,) = found(token="xoxb-old").problems

    assert problem.startswith("SSM parameter /shingo/slack-bot-token: Slack refuses the token (")
    assert f"({error})" in problem
    assert "aws ssm put-parameter --overwrite --type SecureString" in problem
    assert "xoxb-old" not in problem


def test_another_workspace_is_named_with_what_is_expected(found):
    (problem,) = found(use(team="T0OTHER")).problems

    assert problem.startswith("SLACK_TEAM: found T0OTHER")
    assert "expected SLACK_TEAM=T0SHINGO" in problem


def test_a_persons_token_is_no_bots(found, workspace):
    workspace.directory = Directory(bot=Person("U0CAROL", "carol", "Carol Castro"))

    (problem,) = found().problems

    assert "is the token of a person (carol)" in problem


def test_scopes_that_are_lacking_are_named_and_those_that_only_this_look_needs_are_noted(
    found, workspace
):
    workspace.scopes = ("chat:write", "commands", "users:read", "groups:read")
    workspace.directory = Directory(channels=(Channel(DEPLOYS, "deploys", is_member=False),))

    inspection = found()

    (problem,), (note,) = inspection.problems, inspection.notes
    assert problem.startswith("Slack app: lacks the scopes usergroups:read; paste")
    assert note.startswith("Slack app: lacks the scopes channels:read, without which")


CHANNELS = {
    "no member": (
        Channel(ELSEWHERE, "else", is_member=False),
        "api.channel: invite @shingo to #else (C0ELSE)",
    ),
    "archived": (
        Channel(ELSEWHERE, "else", is_archived=True),
        "api.channel: #else (C0ELSE) is archived",
    ),
    "private": (
        Channel(ELSEWHERE, "else", is_private=True, is_member=False),
        "api.channel: Slack knows no channel C0ELSE that @shingo may see",
    ),
    "none": (Channel("C0OTHER", "other"), "api.channel: Slack knows no channel C0ELSE"),
}


@pytest.mark.parametrize("which", CHANNELS)
def test_a_channel_that_could_not_be_written_to_is_told(found, workspace, which):
    channel, said = CHANNELS[which]
    workspace.directory = Directory(channels=(*Directory().channels, channel))

    (problem,) = found(use(an_application(channel=ELSEWHERE))).problems

    assert problem.startswith(said)


def test_a_private_channel_with_the_app_in_it_is_no_problem(found, workspace):
    workspace.directory = Directory(channels=(Channel(DEPLOYS, "deploys", is_private=True),))

    assert found().problems == []


def test_one_problem_of_many_applications_is_told_once(found, workspace):
    applications = [an_application(name=f"app-{n}", channel=ELSEWHERE) for n in range(9)]

    (problem,) = found(use(*applications)).problems

    assert problem.startswith("app-0.channel, app-1.channel, app-2.channel and 6 more: Slack knows")


def approved_by(*groups):
    application = an_application()
    rules = {color: replace(each, groups=groups) for color, each in application.rules.items()}
    return replace(application, rules=rules)


def test_groups_that_nobody_is_in_or_that_are_not_there_are_told(found, workspace):
    workspace.directory = Directory(groups=(UserGroup("S0EMPTY", "empty", "Nobody", ()),))

    problems = found(use(approved_by("S0EMPTY", "S0GONE"))).problems

    assert [problem.partition(";")[0] for problem in problems] == [
        "api.approvals: nobody is in the user group S0EMPTY",
        "api.approvals: Slack has no user group S0GONE",
    ]


def test_an_organization_of_enterprise_grid_is_as_good_as_its_workspace(found, monkeypatch):
    told = {"team_id": "T0SHINGO", "enterprise_id": "E0SHINGO", "user": "shingo", "bot_id": "B0"}
    monkeypatch.setitem(METHODS, "auth.test", lambda *_: told)

    assert found(use(team="E0SHINGO")).problems == []
    assert found(use(team="E0OTHER")).problems[0].startswith("SLACK_TEAM: found E0OTHER")


def answered_by(*users):
    application = an_application()
    rules = {color: replace(each, users=users) for color, each in application.rules.items()}
    return replace(application, rules=rules)


def test_people_who_cannot_answer_are_told_and_iams_are_not_slacks(found, workspace):
    gone = Person("U0GONE", "gone", "Gone Girl", is_deactivated=True)
    workspace.directory = Directory(people=(*Directory().people, gone))
    role = "arn:aws:iam::123456789012:role/on-call"

    problems = found(use(answered_by("U0BOB", "U0NOBODY", "U0GONE", "U0SHINGO", role))).problems

    assert [problem.partition(";")[0] for problem in problems] == [
        "api.approvals: the account U0GONE (gone) is deactivated",
        "api.approvals: Slack knows no user U0NOBODY (user_not_found)",
        "api.approvals: the account U0SHINGO (shingo) is a bot's",
    ]


@pytest.mark.parametrize("availability", ["down", "limiting"])
def test_a_slack_that_does_not_answer_is_noted_and_stands_in_no_ones_way(
    slack, workspace, availability
):
    workspace.availability = availability
    inspection, pauses = Inspection(), []
    api = SlackApi(f"{slack.address}/slack/api/", workspace.bot_token, pauses.append)

    inspect_slack(api, use(), inspection)

    assert inspection.problems == []
    assert inspection.notes[0].startswith(f"Slack did not answer at {slack.address}/slack/api/")
    assert sum(pauses) <= 60


def test_a_limit_that_passes_is_waited_for(slack, workspace):
    workspace.availability = "limiting"

    def pause(_):
        workspace.availability = "ok"

    answer = SlackApi(f"{slack.address}/slack/api/", workspace.bot_token, pause).call("auth.test")

    assert answer.error == ""


def test_nobody_there_is_a_slack_that_is_silent():
    with pytest.raises(SlackSilentError, match=r"^auth.test: ") as raised:
        SlackApi("http://127.0.0.1:1/", "xoxb-secret").call("auth.test")

    assert not isinstance(raised.value.__cause__, HTTPError)
    assert "xoxb" not in str(raised.value)
