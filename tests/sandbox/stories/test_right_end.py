"""What a right end is: the outcome said, the revisions run, and nothing left over."""

import pytest

from handlers.domain.model.outcomes import ENDS_WELL, ERRORS, GroupOutcome, RolloutOutcome
from sandbox.stories.right_end import (
    execution_end,
    leftovers,
    live_buttons,
    outcome_problems,
    revision_problems,
)

PREVIOUS = {"red": "api:1", "yellow": "api:1", "green": "api:1"}
RELEASED = dict.fromkeys(PREVIOUS, "api:2")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (RolloutOutcome.COMPLETED, ("SUCCEEDED", "")),
        (RolloutOutcome.REJECTED, ("FAILED", "Rejected")),
        (RolloutOutcome.ABORTED, ("ABORTED", "")),
        (RolloutOutcome.TIMED_OUT, ("TIMED_OUT", "")),
        (GroupOutcome.FAILED, ("FAILED", "GroupFailed")),
    ],
)
def test_an_outcome_has_one_execution_status_and_error(outcome, expected):
    assert execution_end(outcome) == expected


def test_an_execution_succeeds_exactly_where_a_rollout_ends_well():
    for outcome in RolloutOutcome:
        assert (execution_end(outcome)[0] == "SUCCEEDED") is (outcome in ENDS_WELL)
        assert bool(execution_end(outcome)[1]) is (outcome in ERRORS)


def test_an_outcome_that_is_not_the_right_one_is_named():
    found = {"outcome": "completed", "error": "", "execution_status": "SUCCEEDED"}

    assert outcome_problems(found, "completed") == []
    assert outcome_problems(found, "rejected") == [
        "outcome is 'completed', expected 'rejected'",
        "error is '', expected 'Rejected'",
        "execution_status is 'SUCCEEDED', expected 'FAILED'",
    ]


@pytest.mark.parametrize(
    ("runs", "is_released", "is_right"),
    [
        (RELEASED, True, True),
        (RELEASED, False, False),
        (PREVIOUS, False, True),
        (PREVIOUS, True, False),
        (RELEASED | {"green": "api:3"}, True, False),
        (PREVIOUS | {"red": "api:2"}, False, False),
    ],
)
def test_all_colors_run_one_new_revision_or_each_its_previous_one(runs, is_released, is_right):
    problems = revision_problems("api", runs, PREVIOUS, is_released=is_released)

    assert (problems == []) is is_right


OWN = {"red": "api-red:1", "yellow": "api-yellow:4", "green": "api-green:1"}
NEXT = {"red": "api-red:2", "yellow": "api-yellow:5", "green": "api-green:2"}


@pytest.mark.parametrize(
    ("runs", "is_released", "is_right"),
    [
        (NEXT, True, True),
        (NEXT | {"green": OWN["green"]}, True, False),
        (dict.fromkeys(OWN, "api-green:2"), True, False),
        (NEXT | {"red": "api-red:1"}, True, False),
        (OWN, False, True),
        (NEXT, False, False),
    ],
)
def test_colors_with_families_of_their_own_run_a_new_one_of_each(runs, is_released, is_right):
    problems = revision_problems("api", runs, OWN, is_released=is_released)

    assert (problems == []) is is_right


def test_a_lock_and_an_open_question_are_left_over():
    assert list(leftovers()) == []
    assert list(leftovers(["api"], ["red of api-1"])) == [
        "api is still locked",
        "the question about red of api-1 is still open",
    ]


def test_no_button_may_be_left_but_the_one_that_rolls_back_what_can_be():
    def board(action):
        button = {"action_id": action, "value": "api-1"}
        return [{"type": "section"}, {"type": "actions", "elements": [button]}]

    assert live_buttons(board("approve")) == ["approve api-1"]
    assert live_buttons(board("roll_back")) == ["roll_back api-1"]
    assert live_buttons(board("roll_back"), {"api-1"}) == []
    assert live_buttons(board("approve"), {"api-1"}) == ["approve api-1"]
