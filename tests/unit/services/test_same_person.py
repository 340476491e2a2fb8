"""One person who comes by several ways: Slack, an IAM role, IAM Identity Center."""

import pytest

from handlers import runtime
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.config.people import Identity, People
from handlers.domain.history.audit import Actor, EventKind, Source
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Stage
from handlers.services import approvals, rollout_actions
from handlers.services.snapshot import take_snapshot
from tests.support.builders import (
    OLD,
    a_color,
    a_deployment,
    a_rollout,
    an_application,
    an_approval,
)
from tests.support.fake_ecs import FakeEcs, settled_services
from tests.support.preparing import TAG, prepared

ROLE = "arn:aws:iam::123456789012:role/on-call"
STS = "arn:aws:sts::123456789012:assumed-role"
SESSION = f"{STS}/on-call/bob"
SSO = f"{STS}/AWSReservedSSO_Deployer_0123456789abcdef/bob@example.com"
WHO = People(ids={"bob": ("U0BOB", SESSION, "sso:bob@example.com")})
QUESTION = "question-red"
ROLLOUT = "api-v1.42.0-1"
COLORS = ("red", "yellow", "green")


def have(outside, rules, who=WHO, **rollout):
    outside.who = who
    outside.apps = {"api": an_application(rules=dict.fromkeys(COLORS, rules))}
    outside.ecs = FakeEcs(*settled_services(a_deployment(id="ecs-svc/before", task_definition=OLD)))
    red = a_color("red", approval=QUESTION, stage=Stage.ASKING, required=rules.required)
    held = outside.hold(a_rollout(red, **rollout))
    shown = take_snapshot(held, outside.ecs, outside.balancers)
    asked = an_approval(id=QUESTION, requester=held.requested_by, evidence=shown)
    outside.approvals.ask(asked)


def answer(by, outcome=DecisionOutcome.APPROVED):
    source = Source.API if by.startswith("arn:") else Source.SLACK
    actor = Actor(id=by, source=source)
    return approvals.answer_question(runtime.context(), QUESTION, outcome, actor)


def withdraw(by):
    actor = Actor(id=by, source=Source.SLACK)
    return rollout_actions.withdraw_rollout(runtime.context(), ROLLOUT, actor)


def two_of(*users, who=WHO):
    return ApprovalRules(users=users, required=2, people=who)


def decided(outside):
    return outside.approvals.get(QUESTION).decision


def noted(outside, kind):
    return [(e.actor, e.caller) for e in outside.audit.entries(ROLLOUT) if e.kind is kind]


@pytest.mark.parametrize("second", [SESSION, SSO, f"{STS}/on-call/another"])
def test_two_ways_of_one_person_are_one_of_those_required(outside, second):
    have(outside, two_of("U0BOB", ROLE, "U0DAVE"))

    answer("U0BOB")
    answer(second)
    assert decided(outside) is None

    answer("U0DAVE")
    assert decided(outside).outcome == "approved"


def test_who_comes_by_a_second_way_is_told_that_they_are_counted_already(outside):
    have(outside, two_of("U0BOB", ROLE, "U0DAVE"))
    answer("U0BOB")

    assert answer(SESSION).text == (
        "You have approved this already, by another way. Your approval counts. Still needed: 1 more "
        "approval."
    )
    assert answer("U0BOB").text == ""


def test_the_board_names_a_person_once_by_mention(outside):
    have(outside, two_of("U0BOB", ROLE, "U0DAVE"), board=None)

    answer(SESSION)
    answer("U0BOB")

    assert outside.rollout.colors["red"].approved_by == ("U0BOB",)
    assert "1 of 2 approvals so far: <@U0BOB>." in str(outside.slack.messages)


@pytest.mark.parametrize("second", ["U0BOB", SESSION, SSO])
def test_the_requester_is_refused_by_each_way(outside, second):
    have(outside, ApprovalRules(users=("U0BOB", ROLE, "U0DAVE"), people=WHO), requested_by="U0BOB")

    reply = answer(second)

    assert not reply.counts
    assert reply.text.startswith("You asked for this rollout")
    assert noted(outside, EventKind.REFUSED_CLICK)[0][0] == "U0BOB"


def test_the_audit_names_the_person_and_the_session_by_which_they_came(outside):
    have(outside, two_of("U0BOB", "U0DAVE"))

    answer(SESSION)
    answer("U0DAVE")

    assert noted(outside, EventKind.ANSWERED) == [("U0BOB", SESSION)]
    assert noted(outside, EventKind.DECIDED) == [("U0DAVE", "")]


def test_sessions_of_a_role_are_people_only_where_the_settings_say_so(outside):
    ann, ben = f"{STS}/on-call/ann", f"{STS}/on-call/ben"
    each = People(identity=Identity.SESSION)
    have(outside, two_of(ROLE, "U0DAVE", who=each), who=each)

    answer(ann)
    answer(ben)

    assert decided(outside).others == (ann,)
    assert noted(outside, EventKind.DECIDED) == [(ben, "")]


def test_sessions_of_a_role_are_one_person_unless_the_settings_say_otherwise(outside):
    have(outside, two_of(ROLE, "U0DAVE"), who=People())

    answer(f"{STS}/on-call/ann")
    answer(f"{STS}/on-call/ben")

    assert decided(outside) is None
    assert noted(outside, EventKind.ANSWERED) == [(ROLE, f"{STS}/on-call/ann")]


def test_an_iam_caller_who_is_in_slack_is_in_their_groups(outside):
    have(outside, ApprovalRules(groups=("S0SRE",), must_include=("S0SRE",), people=WHO))
    outside.groups = {"S0SRE": ["U0BOB"]}

    assert answer(SESSION).counts
    assert decided(outside).by == "U0BOB"


@pytest.mark.parametrize("requester", ["", ROLE, "arn:aws:iam::123456789012:user/ci"])
def test_what_nobody_in_slack_asked_for_is_withdrawn_by_those_who_may_answer(outside, requester):
    have(outside, ApprovalRules(users=("U0BOB",)), who=People(), requested_by=requester)

    stranger = withdraw("U0CAROL")
    assert (stranger.counts, stranger.text) == (
        False,
        "You may not withdraw a rollout of api. <@U0BOB> may.",
    )

    assert withdraw("U0BOB").counts
    assert outside.rollout.roll_back_asked.outcome == "withdrawn"


def test_and_cancelled(outside):
    have(outside, ApprovalRules(users=("U0BOB",)), who=People(), requested_by="")

    said = rollout_actions.cancel_rollout(runtime.context(), "api", "U0BOB")

    assert said.endswith("is being ended.")
    assert outside.rollout.roll_back_asked.by == "U0BOB"


def test_what_somebody_asked_for_by_iam_they_withdraw_in_slack(outside):
    have(outside, ApprovalRules(users=("U0DAVE",), people=WHO), requested_by="U0BOB")

    assert withdraw("U0DAVE").text == "Only <@U0BOB>, who asked for it, may withdraw it."
    assert withdraw("U0BOB").counts


def test_a_rollout_is_recorded_with_the_person_who_asked_and_the_way_they_asked(preparing):
    preparing.who = WHO

    prepared(TAG | {"requestedBy": SESSION})

    rollout = preparing.rollouts.read("api-1")
    assert (rollout.requested_by, rollout.requested_as) == ("U0BOB", SESSION)
    (entry,) = [e for e in preparing.audit.entries("api-1") if e.kind is EventKind.REQUESTED]
    assert (entry.actor, entry.caller) == ("U0BOB", SESSION)
    assert "<@U0BOB> asked for it" in str(preparing.slack.boards()[0])
