import pytest

from handlers.domain.approvals.approval import (
    already_decided,
    answer_key,
    entitled_people,
    mention,
    refusal,
)
from handlers.domain.config.approval_rules import ApprovalRules, OnExpiry, Person
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision
from handlers.domain.model.step_input import parse_step
from tests.support.builders import NOW, a_decision, after, an_approval

NAMED = ApprovalRules(users=("U0ALICE", "U0BOB"))


def refused(
    approval, rules=NAMED, *, by="U0BOB", outcome=DecisionOutcome.APPROVED, now=NOW, groups=()
):
    person = Person(id=by, groups=frozenset(groups))
    return refusal(approval, rules, person, outcome, now)


def test_anyone_may_answer_where_nobody_is_named():
    assert refused(an_approval(), ApprovalRules(), by="U0ANYONE") == ""


def test_a_named_person_may_answer():
    assert refused(an_approval()) == ""


def test_the_people_of_a_named_group_may_answer():
    rules = ApprovalRules(groups=("S0SRE",))

    assert refused(an_approval(), rules, by="U0DAVE", groups=["S0SRE"]) == ""


def test_a_stranger_is_told_who_may_answer():
    rules = ApprovalRules(users=("U0ALICE", "U0BOB"), groups=("S0SRE",))

    assert (
        refused(an_approval(), rules, by="U0EVE")
        == "You may not answer for api. <@U0ALICE>, <@U0BOB>, <!subteam^S0SRE> may."
    )


def test_whoever_asked_for_a_rollout_may_not_approve_it():
    question = an_approval(requester="U0BOB")

    said = refused(question)

    assert said == (
        "You asked for this rollout, so somebody else must approve it. <@U0ALICE>, <@U0BOB> may."
    )


def test_whoever_asked_for_a_rollout_may_reject_it():
    assert refused(an_approval(requester="U0BOB"), outcome=DecisionOutcome.REJECTED) == ""


def test_whoever_asked_may_approve_where_the_rules_say_so():
    rules = ApprovalRules(users=("U0BOB",), requester_may_approve=True)

    assert refused(an_approval(requester="U0BOB"), rules) == ""


def test_an_answer_counts_until_the_question_expires_and_not_then():
    question = an_approval(until=after(hours=8))

    assert refused(question, now=after(hours=7, minutes=59, seconds=59)) == ""
    assert (
        refused(question, now=after(hours=8))
        == "This question has expired; the rollout is being ended."
    )


def test_a_question_that_keeps_waiting_takes_an_answer_at_any_time():
    rules = ApprovalRules(on_expiry=OnExpiry.KEEP_WAITING)

    assert refused(an_approval(until=after(hours=8)), rules, now=after(days=3)) == ""


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (a_decision("approved", by="U0ALICE"), "<@U0ALICE> was first: approved."),
        (a_decision("rejected", by="U0ALICE"), "<@U0ALICE> was first: rejected."),
        (a_decision("expired", by="shingo"), "This question had already expired."),
        (a_decision("withdrawn", by="U0CAROL"), "This question was withdrawn by <@U0CAROL>."),
        (
            a_decision("ask_again"),
            "This question is being asked again, since something changed.",
        ),
    ],
    ids=lambda value: value.outcome if isinstance(value, Decision) else "",
)
def test_whoever_is_second_is_told_what_was_first(standing, told):
    assert refused(an_approval(decision=standing)) == told
    assert already_decided(standing) == told


def test_a_question_that_anyone_may_answer_says_so():
    assert entitled_people(ApprovalRules()) == "Anyone else in the workspace may."


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        ("U024BE7LH", "<@U024BE7LH>"),
        ("W024BE7LH", "<@W024BE7LH>"),
        ("arn:aws:iam::123456789012:role/on-call", "role/on-call"),
        ("nightly build", "nightly build"),
        ("Ulrike", "Ulrike"),
        ("", "someone"),
    ],
)
def test_a_slack_user_is_mentioned_and_anyone_else_named(person, shown):
    assert mention(person) == shown


@pytest.mark.parametrize(
    "name", ["<!channel>", "<!here> ", "<@U0BOB>", "<https://evil.example|ok>"]
)
def test_a_name_that_someone_made_up_is_no_markup(name):
    assert "<" not in mention(name)


def test_people_are_kept_apart_by_names_that_a_record_can_be_addressed_by():
    role = answer_key("arn:aws:iam::123456789012:role/on-call")

    assert role.replace("_", "").isalnum()
    assert role != answer_key("arn:aws:iam::123456789012:role/oncall")
    assert answer_key("U0BOB") == answer_key("U0BOB") != answer_key("U0BO")


def test_people_whose_ids_differ_in_punctuation_alone_are_two_people():
    assert answer_key("arn:aws:iam::1:role/on-call") != answer_key("arn:aws:iam::1:role/on.call")


def test_neither_a_step_nor_a_question_shows_its_token():
    step = parse_step({"rollout": "api-1", "color": "red", "token": "AQCsecret"})
    question = an_approval(token="AQCsecret")

    assert step.token == question.token == "AQCsecret"
    assert "AQCsecret" not in repr(step) + repr(question)


def test_a_step_that_does_not_wait_has_no_token():
    assert parse_step({"rollout": "api-1", "color": "red"}).token == ""
