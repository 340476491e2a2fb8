"""A color whose verdict is unclear, walked: people are asked whether it may keep the release."""

import pytest

from handlers.domain.model.colors import COLORS
from tests.unit.workflows.test_rollout_walked import (
    APPROVED,
    BACK,
    HEALTHY,
    UNCLEAR,
    hasty,
    script,
    walk,
    without_questions,
)

__all__ = ["hasty", "walk"]


def doubted(color, *answers, looks=(UNCLEAR,), finish="completed"):
    """Everything goes well, but for a color's looks and what people answer about it."""
    asked = [APPROVED, *({"outcome": answer} for answer in answers)]
    turns = {f"RequestApproval_{color}": asked, f"VerifyColor_{color}": list(looks)}
    return script(finish, **turns)


@pytest.mark.parametrize("color", COLORS)
def test_an_unclear_color_goes_on_when_people_say_so(walk, color):
    walked = walk(doubted(color, "approved"))

    assert walked.status == "SUCCEEDED"
    assert walked.visited.count(f"Ask about {color}") == 1
    asked = [p for name, p in walked.payloads if name == f"RequestApproval {color}"]
    assert [each["about"] for each in asked] == ["release", "health"]


def test_to_look_again_verifies_anew(walk):
    walked = walk(doubted("red", "look_again", looks=[UNCLEAR, HEALTHY]))

    assert walked.status == "SUCCEEDED"
    assert walked.visited.count("Verify red") == 2
    assert walked.visited.count("Ask about red") == 1


def test_a_question_may_be_asked_again(walk):
    walked = walk(doubted("red", "ask_again", "approved"))

    assert walked.status == "SUCCEEDED"
    assert walked.visited.count("Ask about red") == 2


@pytest.mark.parametrize("answer", ["rejected", "expired", "withdrawn", "roll_back", "tomorrow"])
@pytest.mark.parametrize("color", COLORS)
def test_every_other_answer_puts_every_color_back(walk, color, answer):
    walked = walk(doubted(color, answer, finish="rejected"))

    assert (walked.status, walked.error) == ("FAILED", "Rejected")
    assert without_questions(walked.visited)[-7:] == [
        f"Ask about {color}",
        *BACK,
        "Finish rollout",
        "Rejected",
    ]
