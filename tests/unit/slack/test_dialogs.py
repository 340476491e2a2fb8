"""The dialog that asks why: what it says will happen, and what Slack takes."""

import json

import pytest

from handlers.domain.admission.rollout_request import MAX_REASON
from handlers.slack.action_ids import REASON, REJECT_DIALOG
from handlers.slack.dialogs import MAX_TITLE, reject_dialog
from tests.support.builders import (
    OTHER,
    a_color,
    a_doubt,
    a_doubted_color,
    a_release,
    a_released_color,
    a_rollout,
)

QUESTION = "f1Kq-0WcRXt2o9YbYB0nVbUX"


def said_in(dialog):
    return dialog["blocks"][0]["text"]["text"]


def test_it_says_that_nothing_goes_back_before_anything_was_changed():
    dialog = reject_dialog(a_rollout(), "red", QUESTION)

    assert said_in(dialog) == (
        "api v1.42.0 will not go to red, and the rollout ends.\n"
        "No color was changed yet, so nothing needs to go back."
    )


def test_it_says_which_colors_go_back_to_what():
    red = a_released_color("red")
    yellow = a_released_color("yellow", previous=OTHER)

    dialog = reject_dialog(a_rollout(red, yellow), "green", QUESTION)

    assert said_in(dialog).splitlines()[1:] == [
        "*red* goes back to api:41.",
        "*yellow* goes back to api:99.",
    ]


def test_of_a_color_that_is_unclear_it_says_that_the_release_does_not_stay():
    red = a_doubted_color("red", doubt=a_doubt(id=QUESTION))

    dialog = reject_dialog(a_rollout(red), "red", QUESTION)

    assert said_in(dialog) == (
        "api v1.42.0 does not stay on red, and the rollout ends.\n*red* goes back to api:41."
    )
    assert (dialog["title"]["text"], dialog["submit"]["text"]) == ("Roll back red", "Roll back")


def test_an_earlier_doubt_about_a_color_does_not_change_its_other_question():
    dialog = reject_dialog(a_rollout(a_doubted_color("red")), "red", QUESTION)

    assert (dialog["title"]["text"], dialog["submit"]["text"]) == ("Reject red", "Reject")


def test_it_carries_the_questions_id_and_no_token():
    dialog = reject_dialog(a_rollout(), "red", QUESTION)

    assert dialog["private_metadata"] == QUESTION
    assert dialog["callback_id"] == REJECT_DIALOG
    assert "token" not in json.dumps(dialog)


def test_it_asks_for_a_reason_as_long_as_the_record_takes():
    element = reject_dialog(a_rollout(), "red", QUESTION)["blocks"][1]["element"]

    assert (element["type"], element["action_id"]) == ("plain_text_input", REASON)
    assert element["max_length"] == MAX_REASON


@pytest.mark.parametrize("doubt", [None, a_doubt(id=QUESTION)], ids=["deploy", "health"])
@pytest.mark.parametrize("color", ["red", "yellow", "green", "a-color-of-a-very-long-name"])
def test_it_keeps_within_slacks_limits(color, doubt):
    """https://docs.slack.dev/reference/views: title, submit and close 24, metadata 3,000."""
    rollout = a_rollout(
        a_released_color("red"), a_color(color, doubt=doubt), release=a_release(name="v" * 128)
    )

    dialog = reject_dialog(rollout, color, QUESTION)

    assert MAX_TITLE == 24
    assert all(len(dialog[key]["text"]) <= 24 for key in ("title", "submit", "close"))
    assert len(said_in(dialog)) <= 3000
    assert len(dialog["private_metadata"]) <= 3000
    assert len(dialog["blocks"][1]["element"]["placeholder"]["text"]) <= 150
