"""Every way in which an answer may or may not count, below its doors."""

import pytest

from handlers import runtime
from handlers.domain.approvals.approval import answer_key, approval_decision
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules, OnExpiry
from handlers.domain.history.audit import Actor, EventKind
from handlers.domain.model.errors import SlackUnavailable, Transient
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Stage
from handlers.request_approval import lambda_handler as request_approval
from handlers.services import approvals
from handlers.services.approvals import Reply
from handlers.services.snapshot import take_snapshot
from tests.support.builders import (
    NOW,
    OLD,
    OTHER,
    a_color,
    a_decision,
    a_deployment,
    a_rollout,
    after,
    an_application,
    an_approval,
)
from tests.support.fake_ecs import FakeEcs, settled_services
from tests.support.handler_gateways import Light

QUESTION = "question-red"
NOTHING_MORE = Reply(counts=True)


def by(person, source="slack"):
    return Actor(id=person, source=source)


def approve(person, question=QUESTION, source="slack"):
    return approvals.answer_question(
        runtime.context(), question, DecisionOutcome.APPROVED, by(person, source)
    )


def reject(person, reason=""):
    return approvals.answer_question(
        runtime.context(), QUESTION, DecisionOutcome.REJECTED, by(person), reason
    )


@pytest.fixture
def asking(outside):
    """Ask about red, by rules that a test may set."""

    def ask(rules=None, **given):
        by_color = dict.fromkeys(("red", "yellow", "green"), rules or ApprovalRules())
        outside.apps = {"api": an_application(rules=by_color)}
        before = a_deployment(id="ecs-svc/before", task_definition=OLD)
        outside.ecs = FakeEcs(*settled_services(before))
        red = a_color("red", approval=QUESTION, stage=Stage.ASKING)
        rollout = outside.rollouts.create(a_rollout(red, board=None))
        shown = take_snapshot(rollout, outside.ecs, outside.balancers)
        outside.approvals.ask(an_approval(id=QUESTION, **({"evidence": shown} | given)))
        return outside

    return ask


def decision(outside, question=QUESTION):
    return outside.approvals.get(question).decision


def kinds(outside):
    return [entry.kind for entry in outside.audit.entries("api-v1.42.0-1")]


def test_one_approval_decides_where_one_is_enough(asking):
    outside = asking()

    assert approve("U0BOB") == NOTHING_MORE

    assert decision(outside) == a_decision("approved", by="U0BOB", source="slack")
    assert outside.rollout.colors["red"].decision == decision(outside)
    assert outside.executions.answers == {"token-1": {"outcome": "approved"}}
    assert kinds(outside) == [EventKind.DECIDED]


def test_the_first_of_two_approvers_is_told_what_is_still_needed(asking):
    outside = asking(ApprovalRules(required=2))

    reply = approve("U0BOB")

    assert reply == Reply(counts=True, text="Your approval counts. Still needed: 1 more approval.")
    assert decision(outside) is None
    assert outside.rollout.colors["red"].approved_by == ("U0BOB",)
    assert outside.executions.answers == {}
    assert kinds(outside) == [EventKind.ANSWERED]


def test_the_second_of_two_approvers_decides_for_both(asking):
    outside = asking(ApprovalRules(required=2))
    approve("U0BOB")
    outside.time = after(minutes=5)

    assert approve("U0DAVE") == NOTHING_MORE

    found = decision(outside)
    assert (found.by, found.others, found.at) == ("U0DAVE", ("U0BOB",), after(minutes=5))
    assert outside.executions.answers == {"token-1": {"outcome": "approved"}}


def test_either_of_two_approvers_clicking_again_is_told_nothing(asking):
    outside = asking(ApprovalRules(required=2))
    approve("U0BOB")
    approve("U0DAVE")
    noted = dict(outside.audit.records)

    assert (approve("U0BOB"), approve("U0DAVE")) == (NOTHING_MORE, NOTHING_MORE)
    assert outside.audit.records == noted


def test_one_person_is_not_two_approvers(asking):
    outside = asking(ApprovalRules(required=2))
    approve("U0BOB")
    outside.time = after(minutes=5)

    approve("U0BOB")

    assert decision(outside) is None
    assert list(outside.approvals.get(QUESTION).answers) == ["U0BOB"]


def test_somebody_of_the_group_must_be_among_them(asking):
    outside = asking(ApprovalRules(must_include=("S0SRE",)))
    outside.groups = {"S0SRE": ("U0DAVE",)}

    reply = approve("U0BOB")

    told = "Your approval counts. Still needed: somebody of <!subteam^S0SRE>."
    assert reply == Reply(counts=True, text=told)
    assert approve("U0DAVE") == NOTHING_MORE
    assert decision(outside).others == ("U0BOB",)


def test_membership_counts_as_it_was_when_the_approval_was_given(asking):
    outside = asking(ApprovalRules(required=2, must_include=("S0SRE",)))
    outside.groups = {"S0SRE": ("U0DAVE",)}
    approve("U0DAVE")
    outside.groups = {"S0SRE": ()}

    approve("U0BOB")

    assert decision(outside).outcome == "approved"


def test_one_rejection_is_enough_however_many_must_approve(asking):
    outside = asking(ApprovalRules(required=3))
    approve("U0BOB")

    assert reject("U0DAVE", "checkout is slow") == NOTHING_MORE

    found = decision(outside)
    assert (found.outcome, found.by, found.reason) == ("rejected", "U0DAVE", "checkout is slow")
    assert outside.executions.answers == {"token-1": {"outcome": "rejected"}}
    assert outside.audit.details(EventKind.DECIDED) == ["rejected: checkout is slow"]


def test_whoever_asked_may_not_approve_and_may_reject(asking):
    outside = asking()

    refused = approve("U0CAROL")

    assert not refused.counts
    assert refused.text.startswith("You asked for this rollout, so somebody else must approve it.")
    assert kinds(outside) == [EventKind.REFUSED_CLICK]
    assert reject("U0CAROL").counts


def test_whoever_asked_may_approve_where_the_rules_say_so(asking):
    outside = asking(ApprovalRules(requester_may_approve=True))

    assert approve("U0CAROL").counts
    assert decision(outside).by == "U0CAROL"


def test_a_stranger_is_told_who_may_and_it_is_noted(asking):
    outside = asking(ApprovalRules(users=("U0BOB",), groups=("S0SRE",)))

    for refused in (approve("U0EVE"), reject("U0EVE")):
        told = "You may not answer for api. <@U0BOB>, <!subteam^S0SRE> may."
        assert refused == Reply(counts=False, text=told)
    assert decision(outside) is None
    assert set(kinds(outside)) == {EventKind.REFUSED_CLICK}


def slack_is_silent(monkeypatch):
    def members(self, group):
        raise SlackUnavailable("usergroups.users.list: timed out")

    monkeypatch.setattr(Light, "members", members)


@pytest.mark.parametrize(
    "rules", [ApprovalRules(groups=("S0SRE",)), ApprovalRules(must_include=("S0SRE",))]
)
def test_where_slack_cannot_say_who_is_in_a_group_nobody_is(asking, rules, monkeypatch):
    outside = asking(rules)
    outside.groups = {"S0SRE": ("U0DAVE",)}
    slack_is_silent(monkeypatch)

    assert approve("U0DAVE") == Reply(counts=False, text=approvals.NO_GROUPS)
    assert reject("U0DAVE") == Reply(counts=False, text=approvals.NO_GROUPS)
    assert decision(outside) is None


def test_a_role_is_in_no_group_of_slacks_and_slack_is_not_asked(asking, monkeypatch):
    role = "arn:aws:iam::123456789012:role/on-call"
    outside = asking(ApprovalRules(users=(role,), groups=("S0SRE",)))
    slack_is_silent(monkeypatch)

    assert approve(role, source="api").counts
    assert decision(outside).by == role


def test_what_holds_no_more_asks_again_and_says_what_changed(asking):
    outside = asking()
    outside.ecs.overtake("api-green", OTHER)

    reply = approve("U0BOB")

    changed = "Someone changed green: it runs api:99 now."
    told = f"Not counted: {changed} The question is asked again."
    assert reply == Reply(counts=False, text=told)
    assert (decision(outside).outcome, decision(outside).reason) == ("ask_again", changed)
    assert outside.rollout.colors["red"].decision is None
    assert outside.executions.answers == {"token-1": {"outcome": "ask_again"}}
    assert outside.audit.details(EventKind.STALE_CLICK) == [changed]


def test_a_stale_click_that_is_delivered_twice_is_told_and_noted_once(asking):
    outside = asking()
    outside.ecs.overtake("api-green", OTHER)

    first = approve("U0BOB")
    outside.time = after(minutes=1)

    assert approve("U0BOB") == first
    assert len(outside.audit.details(EventKind.STALE_CLICK, EventKind.REFUSED_CLICK)) == 1


def test_a_stale_click_of_one_and_a_click_of_another_are_two(asking):
    outside = asking()
    outside.ecs.overtake("api-green", OTHER)
    approve("U0BOB")

    assert "is being asked again" in approve("U0DAVE").text
    assert len(outside.audit.details(EventKind.REFUSED_CLICK)) == 1


def test_what_holds_no_more_can_still_be_rejected(asking):
    outside = asking()
    outside.ecs.overtake("api-green", OTHER)

    assert reject("U0BOB").counts
    assert decision(outside).outcome == "rejected"


def test_the_next_look_puts_a_new_question_in_place_of_a_stale_one(asking):
    outside = asking()
    outside.ecs.overtake("api-green", OTHER)
    approve("U0BOB")

    request_approval({"rollout": "api-v1.42.0-1", "color": "red", "token": "token-2"}, None)

    red = outside.rollout.colors["red"]
    assert red.approval != QUESTION
    assert approve("U0BOB", red.approval).counts
    assert outside.executions.answers["token-2"] == {"outcome": "approved"}


def test_what_could_not_be_checked_does_not_count(asking, monkeypatch):
    def throttled(*_):
        raise Transient("describe services: ThrottlingException")

    outside = asking()
    monkeypatch.setattr(outside.ecs, "services", throttled)

    reply = approve("U0BOB")

    assert not reply.counts
    assert "could not be checked" in reply.text
    assert decision(outside).outcome == "ask_again"


def test_an_answer_after_the_expiry_does_not_count(asking):
    outside = asking(until=NOW)

    for refused in (approve("U0BOB"), reject("U0BOB")):
        assert refused.text == "This question has expired; the rollout is being ended."
    assert decision(outside) is None


def test_an_answer_after_the_expiry_counts_where_the_question_keeps_waiting(asking):
    outside = asking(ApprovalRules(on_expiry=OnExpiry.KEEP_WAITING), until=NOW)

    assert approve("U0BOB").counts
    assert decision(outside).outcome == "approved"


@pytest.mark.parametrize(
    ("stands", "told"),
    [
        (a_decision("approved", by="U0ALICE"), "<@U0ALICE> was first: approved."),
        (a_decision("rejected", by="U0ALICE"), "<@U0ALICE> was first: rejected."),
        (a_decision("expired", by="shingo"), "This question had already expired."),
        (a_decision("withdrawn", by="U0CAROL"), "This question was withdrawn by <@U0CAROL>."),
        (a_decision("ask_again"), "This question is being asked again, since something changed."),
        (
            a_decision("stopped_with_group", reason="web, of the same release, failed"),
            "This question was closed, because web, of the same release, failed.",
        ),
    ],
)
def test_after_a_decision_everyone_else_learns_which(asking, stands, told):
    outside = asking()
    outside.approvals.decide(QUESTION, stands)

    assert approve("U0DAVE") == Reply(counts=False, text=told)
    assert decision(outside) == stands
    assert outside.audit.details(EventKind.REFUSED_CLICK) == [told]


def test_a_question_that_is_not_known_or_not_configured_any_more_is_told(asking):
    outside = asking()

    assert approve("U0BOB", "question-of-last-year").text == approvals.UNKNOWN
    outside.apps = {}
    assert approve("U0BOB").text == approvals.UNKNOWN
    assert decision(outside) is None


def test_a_decision_whose_token_is_gone_stands_and_the_next_look_picks_it_up(asking):
    outside = asking()
    outside.executions.gone.add("token-1")
    assert approve("U0BOB") == NOTHING_MORE
    assert outside.executions.answers == {}

    request_approval({"rollout": "api-v1.42.0-1", "color": "red", "token": "token-2"}, None)

    assert outside.executions.answers == {"token-2": {"outcome": "approved"}}
    assert outside.rollout.colors["red"].decision.by == "U0BOB"


def test_a_decision_that_died_before_the_machine_woke_is_carried_through_by_its_repeat(asking):
    outside = asking()
    outside.approvals.decide(QUESTION, a_decision("approved", by="U0BOB"))

    assert approve("U0BOB") == NOTHING_MORE

    assert outside.executions.answers == {"token-1": {"outcome": "approved"}}
    assert outside.rollout.colors["red"].decision.by == "U0BOB"


def test_ids_are_keys_of_a_record_and_no_two_people_share_one():
    alike = ["role/on-call", "role/on_call", "role/on.call"]

    keys = {answer_key(f"arn:aws:iam::123456789012:{each}") for each in alike}

    assert len(keys) == 3
    assert all(key.replace("_", "").isalnum() for key in keys)


def test_approvals_that_arrive_at_one_moment_make_one_decision_whoever_completes_it():
    given = [ApprovalAnswer(by=person, at=NOW) for person in ("U0DAVE", "U0BOB")]

    made = {approval_decision(ApprovalRules(required=2), order) for order in (given, given[::-1])}

    (only,) = made
    assert (only.by, only.others, only.outcome) == ("U0DAVE", ("U0BOB",), "approved")
