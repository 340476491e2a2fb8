"""What is said of a rollout, its colors and its end."""

import pytest

from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Stage
from handlers.slack.messages import rollout_text
from tests.support.builders import (
    a_color,
    a_decision,
    a_doubt,
    a_released_color,
    a_rollout,
    an_ended_rollout,
)


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
    assert rollout_text.requester_line(a_rollout(requested_by=requested_by)) == said


@pytest.mark.parametrize("outcome", sorted(set(RolloutOutcome) - {RolloutOutcome.INVALID_INPUT}))
def test_every_end_is_told_in_words_and_with_its_cause(outcome):
    told = rollout_text.outcome_line(an_ended_rollout(outcome=outcome, cause="Because."))

    assert told.endswith("* Because.")
    assert not told.startswith(f"*{outcome}*")


def test_an_outcome_from_a_later_version_is_told_as_it_is():
    told = rollout_text.outcome_line(an_ended_rollout(outcome="postponed", cause="Because."))

    assert told == "*postponed* Because."


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_of_a_color_is_told_in_words(stage):
    color = a_color("red", stage=stage, changed=True)

    line = rollout_text.color_line(a_rollout(color), color)

    assert line.startswith("*red* ")
    assert "_" not in line


def test_a_color_line_says_what_it_runs_and_who_approved():
    red = a_released_color("red", decision=a_decision(by="U0ALICE", others=("U0BOB",)))

    line = rollout_text.color_line(a_rollout(red), red)

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

    assert rollout_text.color_line(a_rollout(red), red) == f"*red* runs the release · api:42{said}"


def test_several_who_kept_an_unclear_color_are_all_named():
    doubt = a_doubt(decision=a_decision(by="U0ALICE", others=("U0BOB",)))

    said = rollout_text.health_answer(a_color("red", doubt=doubt))

    assert said == "kept by <@U0BOB> and <@U0ALICE> though unclear"


def test_a_color_in_trouble_says_why():
    red = a_color("red", stage=Stage.FAILED, changed=True, detail="tasks failed to start.")

    line = rollout_text.color_line(a_rollout(red), red)

    assert line == "*red* failed\ntasks failed to start."
