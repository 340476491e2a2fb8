"""What is said about a color of which verification could not tell, or that turned bad late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.model.rollout import Stage
from handlers.slack.messages import health_text, markup
from tests.support.builders import (
    a_color,
    a_doubt,
    a_doubted_color,
    a_released_color,
    a_rollout,
    after,
    an_evidence,
)

UNTIL = after(hours=8)


def test_the_question_says_why_until_when_and_what_then():
    red = a_doubted_color("red")

    assert health_text.health_question(a_rollout(red), red, red.doubt) == (
        "*Verification of red is unclear:* Too few requests. *Go on?* "
        f"Expires {markup.moment(UNTIL)}: then red goes back."
    )


def test_every_color_that_was_changed_goes_back():
    yellow = a_doubted_color("yellow")

    asked = health_text.health_question(
        a_rollout(a_released_color("red"), yellow), yellow, yellow.doubt
    )

    assert asked.endswith("then red and yellow go back.")


def test_a_question_that_several_must_answer_says_who_did():
    red = a_doubted_color("red", doubt=a_doubt(required=2, approved_by=("U0BOB",)))

    asked = health_text.health_question(a_rollout(red), red, red.doubt)

    assert " 1 of 2 approvals so far: <@U0BOB>. Expires" in asked


def test_without_evidence_the_question_says_what_was_seen_last():
    red = a_color("red", stage=Stage.UNCLEAR, changed=True, detail="1 of 2 tasks run")
    silent = a_color("red", stage=Stage.UNCLEAR, changed=True)

    assert " is unclear:* 1 of 2 tasks run. *Go on?*" in health_text.health_question(
        a_rollout(red), red, a_doubt()
    )
    assert "*Verification of red is unclear.* *Go on?*" in health_text.health_question(
        a_rollout(silent), silent, a_doubt()
    )


def test_a_late_failure_says_that_the_question_is_withdrawn():
    assert health_text.late_failure("red", "yellow", "errors doubled.") == (
        "red turned unhealthy while yellow was asked about: errors doubled. "
        "The question is withdrawn."
    )


def test_a_late_failure_withdraws_nothing_where_nobody_was_asked():
    assert health_text.late_failure("red", "", "errors doubled") == (
        "red turned unhealthy: errors doubled."
    )


@given(st.text(st.sampled_from("<>&@!U|ab` "), max_size=20) | st.just("<" * 5_000))
def test_text_of_others_is_never_markup_and_never_crowds_the_rest_out(text):
    red = a_doubted_color("red", evidence=an_evidence(detail=text))
    asked = health_text.health_question(a_rollout(red), red, red.doubt)

    for said in (
        asked.replace(markup.moment(UNTIL), ""),
        health_text.late_failure("red", "yellow", text),
    ):
        assert "<" not in said
        assert ">" not in said
        assert len(said) <= 1_000


@pytest.mark.parametrize("end", [".", "!", "?"])
def test_a_sentence_is_not_ended_twice(end):
    assert health_text.late_failure("red", "", f"It fails{end}").endswith(f"It fails{end}")
