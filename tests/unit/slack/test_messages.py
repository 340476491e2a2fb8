"""What is said to people, and that what others wrote is never markup in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.model.outcomes import DeploymentOutcome, RolloutOutcome, Verdict
from handlers.domain.model.rollout import Stage
from handlers.slack import messages
from tests.support.builders import (
    NEW,
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
RULES = ApprovalRules(
    users=("U0ALICE", "arn:aws:iam::123456789012:role/on-call"), groups=("S0SRE",)
)


def test_a_question_says_what_where_until_when_and_what_then():
    red = a_color("red", until=UNTIL)

    asked = messages.question(a_rollout(red), red)

    assert asked == (
        f"*Deploy api v1.42.0 to red?* Expires {messages.moment(UNTIL)}: then it is rejected."
    )


def test_a_question_says_what_is_known_and_what_goes_back():
    green = a_color("green", until=UNTIL)
    rollout = a_rollout(a_released_color("red"), a_released_color("yellow"), green)

    asked = messages.question(rollout, green)

    assert "red and yellow already run it and look healthy." in asked
    assert asked.endswith("then it is rejected, and red and yellow go back.")


def test_a_color_that_was_kept_though_unclear_is_not_called_healthy():
    kept = a_doubted_color(
        "red", stage=Stage.RELEASED, doubt=a_doubt(decision=a_decision(by="U0ALICE"))
    )
    rollout = a_rollout(kept, a_released_color("yellow"))

    asked = messages.question(rollout, a_color("green"))

    assert asked == (
        "*Deploy api v1.42.0 to green?* red and yellow already run it. "
        "red was kept by <@U0ALICE> though unclear."
    )


def test_a_color_whose_last_look_was_not_healthy_is_not_called_healthy():
    red = a_released_color("red", evidence=an_evidence(verdict=Verdict.NO_DATA))

    asked = messages.question(a_rollout(red), a_color("yellow"))

    assert asked.endswith("red already runs it. The last look at red: no data.")


def test_a_color_that_was_looked_at_again_and_is_healthy_is_called_healthy():
    doubt = a_doubt(decision=a_decision("look_again"))
    red = a_released_color("red", evidence=an_evidence(), doubt=doubt)

    asked = messages.question(a_rollout(red), a_color("yellow"))

    assert asked.endswith("red already runs it and looks healthy.")


def test_a_question_that_keeps_waiting_says_so():
    green = a_color("green", until=UNTIL, keeps_waiting=True)

    asked = messages.question(a_rollout(a_released_color("red"), green), green)

    assert "red already runs it and looks healthy." in asked
    assert asked.endswith("then it is asked on.")


def test_a_question_that_several_must_answer_says_who_did():
    nobody_yet = a_color("red", required=2)
    one = a_color("red", required=2, approved_by=("U0BOB",))

    assert messages.question(a_rollout(), nobody_yet).endswith("0 of 2 approvals.")
    assert messages.question(a_rollout(), one).endswith("1 of 2 approvals so far: <@U0BOB>.")


def test_a_time_is_told_in_each_readers_own_time_zone():
    stamp = int(UNTIL.timestamp())

    assert (
        messages.moment(UNTIL) == f"<!date^{stamp}^{{date_short_pretty}} {{time}}|23 Nov 17:00 UTC>"
    )


def test_those_who_may_answer_are_called_and_the_channel_only_where_nobody_is_named():
    called = messages.announcement(a_rollout(), an_approval(), RULES)
    open_to_all = messages.announcement(a_rollout(), an_approval(), ApprovalRules())

    assert called == "<@U0ALICE> <!subteam^S0SRE> may api v1.42.0 go to red? Answer on the board."
    assert open_to_all == "may api v1.42.0 go to red? Answer on the board."


def test_a_reminder_says_how_long_it_has_waited_and_until_when():
    reminded = messages.reminder(a_rollout(), an_approval(), RULES, after(hours=2, minutes=5))
    overdue = messages.reminder(a_rollout(), an_approval(), ApprovalRules(), after(hours=9))

    assert reminded == (
        "<@U0ALICE> <!subteam^S0SRE> api v1.42.0 has waited 2 h 5 min for an answer about red. "
        f"It expires {messages.moment(UNTIL)}."
    )
    assert overdue == "api v1.42.0 has waited 9 h for an answer about red."


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
    told = messages.more_needed(rules, [ApprovalAnswer(by="U0BOB", at=NOW)])

    assert told == f"Your approval counts. Still needed: {needed}."


@pytest.mark.parametrize(
    ("requested_by", "said"),
    [
        ("U024BE7LH", "<@U024BE7LH> asked for it: faster search"),
        ("W024BE7LH", "<@W024BE7LH> asked for it: faster search"),
        ("nightly build", "nightly build asked for it: faster search"),
        ("Ulrike", "Ulrike asked for it: faster search"),
        ("", "The API asked for it: faster search"),
    ],
)
def test_who_asked_is_mentioned_when_slack_knows_them(requested_by, said):
    assert messages.asked_by(a_rollout(requested_by=requested_by)) == said


@given(st.text(st.sampled_from("<>&@!U|ab "), max_size=20))
def test_text_of_others_is_never_markup(text):
    red = a_color(
        "red", stage=Stage.FAILED, detail=text, failure=text, decision=a_decision(by=text)
    )
    rollout = an_ended_rollout(red, outcome="failed", cause=text, requested_by=text, reason=text)

    for said in (
        messages.asked_by(rollout),
        messages.color_line(rollout, rollout.colors["red"]),
        messages.ending(rollout),
        messages.final_announcement(rollout),
        messages.question(rollout, a_color("yellow", required=2, approved_by=(text,))),
        messages.deployed("red", DeploymentOutcome.FAILED, text),
        messages.went_back("red", OLD, text),
    ):
        others = said.replace(f"<@{text}>", "") if text.isalnum() else said
        assert "<" not in others
        assert ">" not in others


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"), ("&lt;", "&amp;lt;"), ("*é*", "*é*")],
)
def test_exactly_slacks_three_characters_are_escaped(text, shown):
    assert messages.plain(text) == shown


@pytest.mark.parametrize("outcome", sorted(set(RolloutOutcome) - {RolloutOutcome.INVALID_INPUT}))
def test_every_end_is_told_in_words_and_with_its_cause(outcome):
    told = messages.ending(an_ended_rollout(outcome=outcome, cause="Because."))

    assert told.endswith("* Because.")
    assert not told.startswith(f"*{outcome}*")


def test_an_outcome_from_a_later_version_is_told_as_it_is():
    told = messages.ending(an_ended_rollout(outcome="postponed", cause="Because."))

    assert told == "*postponed* Because."


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_of_a_color_is_told_in_words(stage):
    color = a_color("red", stage=stage, changed=True)

    line = messages.color_line(a_rollout(color), color)

    assert line.startswith("*red* ")
    assert "_" not in line


def test_a_color_line_says_what_it_runs_and_who_approved():
    red = a_released_color("red", decision=a_decision(by="U0ALICE", others=("U0BOB",)))

    line = messages.color_line(a_rollout(red), red)

    assert line == "*red* runs the release · api:42 · approved by <@U0BOB> and <@U0ALICE>"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("approved", " · kept by <@U0BOB> though unclear"),
        ("rejected", " · not kept by <@U0BOB>"),
        ("expired", " · unclear, and nobody answered in time"),
        ("look_again", " · looked at again for <@U0BOB>"),
        ("roll_back", ""),
    ],
)
def test_a_color_line_says_what_was_decided_about_an_unclear_color(outcome, said):
    doubt = a_doubt(decision=a_decision(outcome))
    red = a_released_color("red", decision=None, doubt=doubt)

    assert messages.color_line(a_rollout(red), red) == f"*red* runs the release · api:42{said}"


def test_several_who_kept_an_unclear_color_are_all_named():
    doubt = a_doubt(decision=a_decision(by="U0ALICE", others=("U0BOB",)))

    said = messages.doubt_answered(a_color("red", doubt=doubt))

    assert said == "kept by <@U0BOB> and <@U0ALICE> though unclear"


def test_text_that_is_cut_is_cut_between_what_is_escaped():
    assert messages.clipped("a < b\n```", 20) == "a &lt; b '''"
    assert messages.clipped("<" * 9, 10) == "&lt;&lt;…"


def test_a_color_in_trouble_says_why():
    red = a_color("red", stage=Stage.FAILED, changed=True, detail="tasks failed to start.")

    line = messages.color_line(a_rollout(red), red)

    assert line == "*red* failed\ntasks failed to start."


def test_the_thread_is_told_what_sets_out_and_how_it_ended():
    assert messages.setting_out("red", NEW, returning=False) == "Deploying api:42 to red."
    assert messages.setting_out("red", OLD, returning=True) == "Putting red back to api:41."
    assert (
        messages.deployed("red", DeploymentOutcome.COMPLETED, "")
        == "red is deployed; verifying it."
    )
    rolled_back = messages.deployed("red", DeploymentOutcome.ROLLED_BACK, "tasks failed to start.")
    assert rolled_back.startswith("red: ECS rolled the deployment back.")
    assert rolled_back.endswith(" tasks failed to start.")


def test_the_thread_is_told_what_went_back():
    assert messages.went_back("red", OLD) == "red is back on api:41."
    assert messages.went_back("red", OLD, "No hosts.") == (
        "red could not be put back to api:41: No hosts."
    )
