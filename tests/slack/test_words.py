import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.outcomes import Outcome, Verdict
from handlers.domain.rollout import Stage
from handlers.slack import words
from tests.builders import (
    NEW,
    OLD,
    a_color,
    a_decision,
    a_released_color,
    a_rollout,
    an_ended_rollout,
)


def test_help_shows_the_command_with_an_application_that_exists():
    text = words.help_text(["web", "api"])

    assert "`/rollout <application> <tag> [reason]`" in text
    assert "/rollout api v1.42.0" in text
    assert text.endswith("Applications: api, web.")


def test_a_question_says_what_where_and_what_a_refusal_does():
    first = words.question(a_rollout(), "red")
    last = words.question(a_rollout(a_released_color("red"), a_released_color("yellow")), "green")

    assert first == "*Deploy api v1.42.0 to red?*"
    assert last == (
        "*Deploy api v1.42.0 to green?* red and yellow already run it and look healthy. "
        "A refusal puts red and yellow back."
    )


def test_people_are_called_by_name_and_the_channel_only_where_nobody_is_named():
    called = words.announcement(a_rollout(), "red", ("U0ALICE", "U0BOB"))
    open_to_all = words.announcement(a_rollout(), "red", ())

    assert called == "<@U0ALICE> <@U0BOB> api v1.42.0: may it go to red? Answer on the board."
    assert open_to_all == "api v1.42.0: may it go to red? Answer on the board."


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
    assert words.asked_by(a_rollout(requested_by=requested_by)) == said


@pytest.mark.parametrize(
    "name", ["<!channel>", "<!here> ", "<@U0BOB>", "<https://evil.example|ok>"]
)
def test_a_name_that_someone_made_up_is_no_markup(name):
    said = words.asked_by(a_rollout(requested_by=name, reason=""))

    assert "<" not in said
    assert "&lt;" in said


@given(st.text(st.sampled_from("<>&@!U|ab "), max_size=20))
def test_text_of_others_is_never_markup(text):
    red = a_color(
        "red", stage=Stage.FAILED, detail=text, failure=text, decision=a_decision(by=text)
    )
    rollout = an_ended_rollout(red, outcome="failed", cause=text, requested_by=text, reason=text)

    for said in (
        words.asked_by(rollout),
        words.color_line(rollout, rollout.colors["red"]),
        words.ending(rollout),
        words.final_announcement(rollout),
        words.question(rollout, "red"),
        words.announcement(rollout, "red", ()),
        words.decided("red", a_decision(by=text, reason=text)),
        words.deployed("red", Outcome.FAILED, text),
        words.verified("red", Verdict.UNHEALTHY, text),
        words.went_back("red", OLD, text),
    ):
        mentions = said.replace(f"<@{text}>", "") if text.isalnum() else said
        assert "<" not in mentions
        assert ">" not in mentions


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"), ("&lt;", "&amp;lt;"), ("*é*", "*é*")],
)
def test_exactly_slacks_three_characters_are_escaped(text, shown):
    assert words.plain(text) == shown


@pytest.mark.parametrize(
    "outcome", sorted(set(Outcome) - {Outcome.APPROVED, Outcome.INVALID_INPUT})
)
def test_every_end_is_told_in_words_and_with_its_cause(outcome):
    told = words.ending(an_ended_rollout(outcome=outcome, cause="Because."))

    assert told.endswith("* Because.")
    assert not told.startswith(f"*{outcome}*")


def test_an_outcome_from_a_later_version_is_told_as_it_is():
    told = words.ending(an_ended_rollout(outcome="postponed", cause="Because."))

    assert told == "*postponed* Because."


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_of_a_color_is_told_in_words(stage):
    color = a_color("red", stage=stage, changed=True)

    line = words.color_line(a_rollout(color), color)

    assert line.startswith("*red* ")
    assert "_" not in line


def test_a_color_line_says_what_it_runs_and_who_approved():
    red = a_released_color("red", decision=a_decision(by="U0ALICE"))

    line = words.color_line(a_rollout(red), red)

    assert line == "*red* runs the release · api:42 · approved by <@U0ALICE>"


def test_a_color_in_trouble_says_why():
    red = a_color("red", stage=Stage.FAILED, changed=True, detail="tasks failed to start.")

    line = words.color_line(a_rollout(red), red)

    assert line == "*red* failed\ntasks failed to start."


def test_the_thread_is_told_who_decided_and_why():
    approved = words.decided("red", a_decision("approved", by="U0BOB"))
    rejected = words.decided("red", a_decision("rejected", by="U0BOB", reason="502s"))
    expired = words.decided("red", a_decision("expired", by="shingo"))

    assert approved == "<@U0BOB> approved red."
    assert rejected == "<@U0BOB> rejected red: 502s"
    assert expired == "Nobody answered for red in time."


def test_the_thread_is_told_what_is_deployed_and_how_it_ended():
    assert words.deploying("red", NEW) == "Deploying api:42 to red."
    assert words.deployed("red", Outcome.COMPLETED, "") == "red is deployed; verifying it."
    rolled_back = words.deployed("red", Outcome.ROLLED_BACK, "tasks failed to start.")
    assert rolled_back.startswith("red: ECS rolled the deployment back.")
    assert rolled_back.endswith(" tasks failed to start.")


@pytest.mark.parametrize(
    ("verdict", "said"), [(Verdict.HEALTHY, "healthy"), (Verdict.NO_DATA, "no data")]
)
def test_the_thread_is_told_what_verification_found(verdict, said):
    assert words.verified("red", verdict, "2 of 2.") == f"red is {said}: 2 of 2."


def test_the_thread_is_told_what_went_back():
    assert words.went_back("red", OLD) == "red is back on api:41."
    assert words.went_back("red", OLD, "No hosts.") == (
        "red could not be put back to api:41: No hosts."
    )
