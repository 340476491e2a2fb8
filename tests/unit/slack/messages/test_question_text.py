"""What people are asked about a release, and that what others wrote is never markup in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.approvals.approval import Subject
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.model.outcomes import DeploymentOutcome, Verdict
from handlers.domain.model.rollout import AskedQuestion, Stage
from handlers.slack.messages import deployment_text, markup, question_text, rollout_text
from tests.support.builders import (
    NOW,
    OLD,
    a_color,
    a_decision,
    a_doubt,
    a_doubted_color,
    a_released_color,
    a_rollout,
    after,
    an_approval,
    an_ended_rollout,
    an_evidence,
)

UNTIL = after(hours=8)


def test_a_question_says_what_where_until_when_and_what_then():
    red = a_color("red", until=UNTIL)

    asked = question_text.release_question(a_rollout(red), red)

    assert asked == (
        f"*Deploy api v1.42.0 to red?* Expires {markup.moment(UNTIL)}: then it is rejected."
    )


def test_a_question_says_what_is_known_and_what_goes_back():
    green = a_color("green", until=UNTIL)
    rollout = a_rollout(a_released_color("red"), a_released_color("yellow"), green)

    asked = question_text.release_question(rollout, green)

    assert "red and yellow already run it and look healthy." in asked
    assert asked.endswith("then it is rejected, and red and yellow go back.")


def test_a_color_that_was_kept_though_unclear_is_not_called_healthy():
    kept = a_doubted_color(
        "red", stage=Stage.RELEASED, doubt=a_doubt(decision=a_decision(by="U0ALICE"))
    )
    rollout = a_rollout(kept, a_released_color("yellow"))

    asked = question_text.release_question(rollout, a_color("green"))

    assert asked == (
        "*Deploy api v1.42.0 to green?* red and yellow already run it. "
        "red was kept by <@U0ALICE> though unclear."
    )


def test_a_color_whose_last_look_was_not_healthy_is_not_called_healthy():
    red = a_released_color("red", evidence=an_evidence(verdict=Verdict.NO_DATA))

    asked = question_text.release_question(a_rollout(red), a_color("yellow"))

    assert asked.endswith("red already runs it. The last look at red: no data.")


def test_a_color_that_was_looked_at_again_and_is_healthy_is_called_healthy():
    doubt = a_doubt(decision=a_decision("look_again"))
    red = a_released_color("red", evidence=an_evidence(), doubt=doubt)

    asked = question_text.release_question(a_rollout(red), a_color("yellow"))

    assert asked.endswith("red already runs it and looks healthy.")


def test_a_question_that_keeps_waiting_says_so():
    green = a_color("green", until=UNTIL, keeps_waiting=True)

    asked = question_text.release_question(a_rollout(a_released_color("red"), green), green)

    assert "red already runs it and looks healthy." in asked
    assert asked.endswith("then it is asked on.")


def test_a_question_that_several_must_answer_says_who_did():
    nobody_yet = a_color("red", required=2)
    one = a_color("red", required=2, approved_by=("U0BOB",))

    assert question_text.release_question(a_rollout(), nobody_yet).endswith("0 of 2 approvals.")
    assert question_text.release_question(a_rollout(), one).endswith(
        "1 of 2 approvals so far: <@U0BOB>."
    )


def test_a_reminder_says_how_long_it_has_waited_and_until_when():
    reminded = question_text.reminder(a_rollout(), an_approval(), after(hours=2, minutes=5))
    overdue = question_text.reminder(a_rollout(), an_approval(), after(hours=9))

    assert reminded == (
        "api v1.42.0 for red has waited 2 h 5 min for an answer. "
        f"It expires {markup.moment(UNTIL)}."
    )
    assert overdue == "api v1.42.0 for red has waited 9 h for an answer."


def test_a_reminder_about_a_doubt_says_what_happens_without_an_answer():
    asked = an_approval(about=Subject.HEALTH)

    assert question_text.reminder(a_rollout(), asked, after(hours=2)) == (
        "api v1.42.0 on red is unclear, and has waited 2 h for an answer. "
        f"It is rolled back {markup.moment(UNTIL)}."
    )


@pytest.mark.parametrize(
    ("asked", "requester", "said"),
    [
        (AskedQuestion(), "", "Anyone in the workspace may answer."),
        (
            AskedQuestion(users=("U0BOB",), groups=("S0SRE",)),
            "",
            "<@U0BOB>, <!subteam^S0SRE> may answer.",
        ),
        (
            AskedQuestion(must_include=("S0SRE",)),
            "",
            "Anyone in the workspace may answer; somebody of <!subteam^S0SRE> must approve.",
        ),
        (
            AskedQuestion(users=("U0BOB",)),
            "U0CAROL",
            "<@U0BOB> may answer; <@U0CAROL>, who asked for it, may not approve.",
        ),
        (
            AskedQuestion(requester_may_approve=True),
            "U0CAROL",
            "Anyone in the workspace may answer.",
        ),
    ],
)
def test_a_question_says_who_may_answer(asked, requester, said):
    assert question_text.answerers(a_rollout(requested_by=requester), asked) == said


@pytest.mark.parametrize(
    ("rules", "needed"),
    [
        (ApprovalRules(required=2), "1 more approval"),
        (ApprovalRules(required=3), "2 more approvals"),
        (ApprovalRules(must_include=("S0SRE",)), "somebody of <!subteam^S0SRE>"),
        (
            ApprovalRules(required=2, must_include=("S0SRE",)),
            "1 more approval and somebody of <!subteam^S0SRE>",
        ),
    ],
)
def test_whoever_approves_first_is_told_what_is_still_needed(rules, needed):
    told = question_text.missing_approvals(rules, [ApprovalAnswer(by="U0BOB", at=NOW)])

    assert told == f"Your approval counts. Still needed: {needed}."


@given(st.text(st.sampled_from("<>&@!U|ab "), max_size=20))
def test_text_of_others_is_never_markup(text):
    red = a_color(
        "red", stage=Stage.FAILED, detail=text, failure=text, decision=a_decision(by=text)
    )
    rollout = an_ended_rollout(red, outcome="failed", cause=text, requested_by=text, reason=text)

    for said in (
        rollout_text.requester_line(rollout),
        rollout_text.color_line(rollout, rollout.colors["red"]),
        rollout_text.outcome_line(rollout),
        rollout_text.final_announcement(rollout),
        question_text.release_question(rollout, a_color("yellow", required=2, approved_by=(text,))),
        deployment_text.deployment_ended("red", DeploymentOutcome.FAILED, text),
        deployment_text.color_put_back("red", OLD, text),
    ):
        others = said.replace(f"<@{text}>", "") if text.isalnum() else said
        assert "<" not in others
        assert ">" not in others
