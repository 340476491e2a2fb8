"""A question's message: its answers while it is open, and how it ended once it is not."""

import json

import pytest
from slack_sdk.models.blocks import Block

from handlers.domain.model.rollout import AskedQuestion, Stage
from handlers.slack.action_ids import Action
from handlers.slack.question_blocks import question_message
from tests.support.builders import (
    a_color,
    a_decision,
    a_doubt,
    a_doubted_color,
    a_released_color,
    a_rollout,
    after,
    an_ended_rollout,
    an_evidence,
)

HEALTH = AskedQuestion(is_about_health=True)


def asking(**given):
    usual = {"stage": Stage.ASKING, "approval": "question-yellow", "until": after(hours=8)}
    return a_color("yellow", **(usual | given))


def drawn(progress, question, asked=None, **rollout):
    make = an_ended_rollout if rollout.get("outcome") else a_rollout
    whole = make(a_released_color("red", evidence=an_evidence()), progress, **rollout)
    blocks = question_message(whole, progress, question, asked or AskedQuestion())
    for block in Block.parse_all(blocks):
        block.validate_json()
    return blocks


def buttons(blocks):
    elements = [e for block in blocks if block["type"] == "actions" for e in block["elements"]]
    return {e["action_id"]: (e["text"]["text"], e["value"]) for e in elements}


def test_an_open_question_says_what_who_until_when_what_changes_and_what_was_seen():
    blocks = drawn(asking(), "question-yellow", changes=("app: v1.41.0 → v1.42.0",))

    said = json.dumps(blocks, ensure_ascii=False)
    assert buttons(blocks) == {
        Action.APPROVE: ("Approve yellow", "question-yellow"),
        Action.REJECT: ("Reject …", "question-yellow"),
    }
    for told in (
        "*Deploy api v1.42.0 to yellow?*",
        "app: v1.41.0 → v1.42.0",
        "*red*: *healthy*",
        "Anyone in the workspace may answer",
        "Expires <!date^",
        "|board>",
        "|execution>",
    ):
        assert told in said


def test_an_unclear_color_is_asked_about_with_its_three_answers():
    blocks = drawn(a_doubted_color("yellow"), "doubt-yellow", HEALTH)

    assert buttons(blocks) == {
        Action.APPROVE: ("Go on", "doubt-yellow"),
        Action.LOOK_AGAIN: ("Look again", "doubt-yellow"),
        Action.REJECT: ("Roll back …", "doubt-yellow"),
    }
    assert blocks[0]["text"]["text"].startswith("*Verification of yellow is unclear:*")


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (a_decision(others=("U0DAVE",)), ":white_check_mark: Approved by <@U0DAVE> and <@U0BOB>"),
        (
            a_decision("rejected", reason="not <today>"),
            ":x: Rejected by <@U0BOB>: not &lt;today&gt;",
        ),
        (a_decision("expired", by="shingo"), ":hourglass: Expired: nobody answered in time"),
        (a_decision("withdrawn"), ":heavy_minus_sign: Withdrawn by <@U0BOB>"),
        (
            a_decision("withdrawn", by="shingo", reason="red failed"),
            ":heavy_minus_sign: Withdrawn: red failed",
        ),
        (
            a_decision("stopped_with_group", by="shingo", reason="web failed"),
            ":heavy_minus_sign: Withdrawn: web failed",
        ),
        (a_decision("roll_back"), "<@U0BOB> rolled it back"),
    ],
)
def test_a_question_that_is_over_says_how_and_has_nothing_to_press(decision, said):
    blocks = drawn(asking(decision=decision), "question-yellow")

    assert buttons(blocks) == {}
    assert said in blocks[0]["text"]["text"]
    assert blocks[0]["text"]["text"].startswith("*May api v1.42.0 go to yellow?*")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("approved", "Kept by <@U0BOB> though unclear"),
        ("rejected", "Not kept by <@U0BOB>"),
        ("expired", "nobody answered in time"),
        ("look_again", "Looked at again for <@U0BOB>"),
    ],
)
def test_so_does_one_about_an_unclear_color(outcome, said):
    doubted = a_doubted_color("yellow", doubt=a_doubt("yellow", decision=a_decision(outcome)))

    blocks = drawn(doubted, "doubt-yellow", HEALTH)

    assert (buttons(blocks), said in blocks[0]["text"]["text"]) == ({}, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"roll_back_asked": a_decision("withdrawn", by="U0CAROL")}, "Withdrawn by <@U0CAROL>"),
        ({"outcome": "aborted"}, "Not asked any more: the rollout ended (aborted)."),
    ],
)
def test_a_question_that_fell_away_says_why(given, said):
    blocks = drawn(asking(), "question-yellow", **given)

    assert (buttons(blocks), said in blocks[0]["text"]["text"]) == ({}, True)


def test_a_question_that_is_asked_again_says_so():
    blocks = drawn(asking(approval="question-2"), "question-yellow")

    assert buttons(blocks) == {}
    assert "asked again in a newer message" in blocks[0]["text"]["text"]


def test_what_changes_is_told_of_the_color_that_is_asked_about():
    own = asking(changes=("app: v1 → v2",))

    said = json.dumps(drawn(own, "question-yellow", changes=("other",)), ensure_ascii=False)

    assert "app: v1 → v2" in said
    assert "other" not in said
