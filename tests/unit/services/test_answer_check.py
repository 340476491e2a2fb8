from datetime import timedelta

import pytest

from handlers import runtime
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.account import Account
from handlers.domain.model.errors import SlackUnavailable
from handlers.services.answer_check import MOST_LOOKED_UP, answer_problems
from tests.support.builders import an_application

TEAM = "T0RECIPES"


def application(**colors):
    rules = {color: colors.get(color, ApprovalRules()) for color in ("red", "yellow", "green")}
    return an_application(rules=rules)


def problems(requester="U0CAROL", **colors):
    return answer_problems(runtime.context(), application(**colors), requester)


def test_nothing_is_wrong_where_somebody_can_answer(outside):
    outside.groups = {"S0SRE": ["U0DAVE"]}

    assert (
        problems(red=ApprovalRules(groups=("S0SRE",)), green=ApprovalRules(users=("U0BOB",))) == []
    )


def test_colors_of_one_problem_are_named_together(outside):
    gone = Account(team=TEAM, is_deactivated=True)
    outside.accounts = {"U0BOB": gone, "U0BOT": Account(team=TEAM, is_bot=True)}
    nobody = ApprovalRules(users=("U0BOB", "U0BOT"))

    assert problems(
        red=nobody, green=nobody, yellow=ApprovalRules(groups=("S0EMPTY",), required=2)
    ) == [
        (
            "red, green: 1 approval is needed, and none of those who are named can give one: U0BOB is "
            "deactivated, U0BOT is a bot"
        ),
        (
            "yellow: 2 approvals are needed, and none of those who are named can give one: nobody is in "
            "S0EMPTY"
        ),
    ]


class Counted:
    """Slack, which says the same of everybody and counts how often it is asked."""

    def __init__(self, account=None, people=300):
        self.account_, self.people, self.asked = account, people, []

    def members(self, group):
        self.asked.append(group)
        return frozenset(f"U0{number:04}" for number in range(self.people))

    def account(self, user):
        self.asked.append(user)
        if self.account_ is None:
            raise SlackUnavailable("users.info: timed out")
        return self.account_


@pytest.mark.parametrize(
    "rules", [ApprovalRules(users=("U0BOB",)), ApprovalRules(groups=("S0SRE",))]
)
def test_slack_that_does_not_answer_refuses_nothing_and_is_asked_once(outside, rules):
    outside.people = Counted()

    assert problems(red=rules, yellow=rules, green=rules) == []
    assert len([each for each in outside.people.asked if each.startswith("U")]) == 1


def test_what_is_known_refuses_though_slack_does_not_say_the_rest(outside):
    outside.people = Counted()
    asked = ApprovalRules(users=("U0BOB",))

    found = problems(red=ApprovalRules(users=("U0CAROL",)), yellow=asked, green=asked)

    assert found == [
        (
            "red: 1 approval is needed, and none of those who are named can give one: U0CAROL asked "
            "for it"
        )
    ]


def test_slack_is_asked_about_no_more_than_so_many_and_the_others_count(outside):
    outside.people = Counted(Account(team=TEAM, is_deactivated=True))

    assert problems(red=ApprovalRules(groups=("S0SRE",))) == []
    assert len(outside.people.asked) == MOST_LOOKED_UP + 1


def test_a_named_person_of_another_company_cannot_click_here(outside):
    outside.accounts = {
        "U0OTTO": Account(team="T0OTHER"),
        "U0GRID": Account(team="T9", organization="E1"),
    }

    assert problems(red=ApprovalRules(users=("U0OTTO",))) != []
    assert problems(red=ApprovalRules(users=("U0GRID",))) == []


class Slow(Counted):
    """Slack, which takes four seconds for each answer."""

    def __init__(self, outside):
        super().__init__(Account(team=TEAM, is_deactivated=True))
        self.outside = outside

    def account(self, user):
        self.outside.time += timedelta(seconds=4)
        return super().account(user)


def test_slack_that_is_slow_is_not_asked_for_longer_than_there_is_time(outside):
    outside.people = Slow(outside)
    rules = ApprovalRules(groups=("S0SRE",))

    assert problems(red=rules, yellow=ApprovalRules(groups=("S0WEB",)), green=rules) == []
    assert len([each for each in outside.people.asked if each.startswith("U")]) == 4


def test_everybody_of_a_small_group_is_looked_up_once(outside):
    outside.people = Counted(Account(team=TEAM, is_deactivated=True), people=3)
    rules = ApprovalRules(groups=("S0SRE",))

    assert len(problems(red=rules, yellow=rules, green=rules)) == 1
    assert sorted(outside.people.asked) == ["S0SRE", "U00000", "U00001", "U00002"]
