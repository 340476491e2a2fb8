"""Who is heard on Enterprise Grid and in Slack Connect channels, and what all others are told."""

import json

import pytest

from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.account import Account
from handlers.domain.model.errors import SlackUnavailable
from handlers.receive_slack import FOREIGN, NO_ACCOUNT
from handlers.services.approvals import NO_GROUPS
from tests.support.builders import COLORS, an_application
from tests.support.handler_gateways import Configured, Light
from tests.support.slack_requests import answer_of, click, command, rejection, shown_by

TEAM, GRID = "T0RECIPES", "E0RECIPES"
ON_GRID = {"id": TEAM, "domain": "recipes", "enterprise_id": GRID, "enterprise_name": "Recipes"}
OF_THE_ORGANIZATION = {"id": "W0BOB", "team_id": GRID}
OF_A_SISTER = {"id": "W0BOB", "team_id": "T0NEWS"}
MEMBER = Account(team=GRID, organization=GRID, workspaces=(TEAM,))
SISTER = Account(team="T0NEWS", organization=GRID, workspaces=("T0NEWS",))
OTHERS = Account(team="T0OTHER", organization="E0OTHER", workspaces=("T0OTHER",))


def clicked(user, **places):
    """Press red's *Approve* as Slack tells of it elsewhere than in one workspace."""
    return click(user=user, **places)


def decision(outside):
    return outside.approvals.get("question-red").decision


def told(outside):
    return [text for _, text in outside.ephemeral_posts]


def ruled_by(outside, **rules):
    outside.apps = {"api": an_application(rules=dict.fromkeys(COLORS, ApprovalRules(**rules)))}


PLACES = {"team": ON_GRID, "enterprise": {"id": GRID, "name": "Recipes"}}


@pytest.mark.parametrize(
    ("user", "account"), [(OF_THE_ORGANIZATION, MEMBER), (OF_A_SISTER, SISTER)]
)
def test_a_click_on_enterprise_grid_counts(asked, user, account):
    ruled_by(asked, users=("W0BOB",))
    asked.accounts["W0BOB"] = account

    answer_of(clicked(user, **PLACES))

    assert decision(asked).by == "W0BOB"
    assert told(asked) == []


def test_a_dialog_on_enterprise_grid_counts(asked):
    event = rejection(by="W0BOB", home=GRID, place=ON_GRID)

    assert answer_of(event)["body"] == ""
    assert decision(asked).outcome == "rejected"


def test_a_click_where_the_app_is_installed_for_the_organization_counts(asked, monkeypatch):
    monkeypatch.setattr(Configured, "team", GRID)
    asked.accounts["W0BOB"] = MEMBER

    answer_of(clicked(OF_THE_ORGANIZATION, team=None, enterprise={"id": GRID}))

    assert decision(asked).by == "W0BOB"


def test_a_command_of_a_workspace_of_the_configured_organization_is_served(outside, monkeypatch):
    monkeypatch.setattr(Configured, "team", GRID)

    shown_by(command(team_id="T0NEWS", enterprise_id=GRID))

    assert len(outside.executions.started) == 1


def test_anyone_is_a_full_member_of_the_workspace_and_not_of_a_sister(asked):
    asked.accounts["W0BOB"] = SISTER

    answer_of(clicked(OF_A_SISTER, **PLACES))

    assert decision(asked) is None
    assert told(asked) == ["You may not answer for api. Anyone else in the workspace may."]


@pytest.mark.parametrize("place", [PLACES, {"team": {"id": TEAM}, "enterprise": None}])
def test_another_company_in_a_slack_connect_channel_is_told_through_the_response_url(asked, place):
    ruled_by(asked, users=("U0EVE",))
    asked.accounts["U0EVE"] = OTHERS

    answer = answer_of(clicked({"id": "U0EVE", "team_id": "T0OTHER"}, **place))

    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert told(asked) == [FOREIGN]
    assert decision(asked) is None


def test_a_dialog_of_another_company_says_so(asked):
    answer = answer_of(rejection(by="U0EVE", home="T0OTHER"))

    assert FOREIGN in json.loads(answer["body"])["view"]["blocks"][0]["text"]["text"]
    assert decision(asked) is None


@pytest.mark.parametrize(
    "account",
    [
        Account(team=TEAM, is_guest=True),
        Account(team=TEAM, is_bot=True),
        Account(team=TEAM, is_deactivated=True),
    ],
    ids=["a guest", "a bot", "a deactivated account"],
)
def test_guests_and_bots_are_not_anyone_in_the_workspace(asked, account):
    ruled_by(asked)
    asked.accounts["U0GRETA"] = account

    answer_of(click(by="U0GRETA"))

    assert decision(asked) is None
    assert told(asked) == ["You may not answer for api. Anyone else in the workspace may."]


def test_a_guest_who_is_named_may_answer(asked):
    ruled_by(asked, users=("U0GRETA",))
    asked.accounts["U0GRETA"] = Account(team=TEAM, is_guest=True)

    answer_of(click(by="U0GRETA"))

    assert decision(asked).by == "U0GRETA"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (click, NO_GROUPS),
        (lambda: clicked(OF_A_SISTER, **PLACES), NO_ACCOUNT),
    ],
)
def test_where_slack_cannot_say_whose_account_it_is_nothing_counts(asked, monkeypatch, event, said):
    ruled_by(asked)
    monkeypatch.setattr(Light, "account", slack_is_silent)

    answer_of(event())

    assert decision(asked) is None
    assert told(asked) == [said]


def slack_is_silent(self, user):
    raise SlackUnavailable("users.info: timed out")
