import pytest

from handlers.domain.model.rollout import Stage, short_name
from tests.support.builders import NEW, OLD, a_color, a_rollout, an_ended_rollout


@pytest.mark.parametrize(
    ("stage", "changed", "runs"),
    [
        (Stage.WAITING, False, OLD),
        (Stage.ASKING, False, OLD),
        (Stage.DEPLOYING, True, ""),
        (Stage.VERIFYING, True, NEW),
        (Stage.RELEASED, True, NEW),
        (Stage.FAILED, False, OLD),
        (Stage.FAILED, True, ""),
        (Stage.GOING_BACK, True, ""),
        (Stage.PUT_BACK, True, OLD),
        (Stage.STRANDED, True, ""),
    ],
)
def test_the_record_says_what_a_color_runs_only_where_it_knows(stage, changed, runs):
    rollout = a_rollout(a_color("red", stage=stage, changed=changed))

    assert rollout.runs("red") == runs


def test_a_color_that_someone_else_deployed_is_not_said_to_run_its_previous_revision():
    overtaken = a_color("red", stage=Stage.FAILED, changed=False, outcome="superseded")

    assert a_rollout(overtaken).runs("red") == ""


def test_changed_colors_are_those_that_were_or_may_have_been_touched():
    rollout = a_rollout(a_color("red", changed=True), a_color("green", changed=True))

    assert [color.color for color in rollout.changed_colors] == ["red", "green"]


def test_a_rollout_is_open_until_it_has_an_outcome():
    assert a_rollout().is_open
    assert not an_ended_rollout(outcome="rejected").is_open


def test_a_revision_is_called_by_family_and_number():
    assert short_name(OLD) == "api:41"
    assert short_name("api:41") == "api:41"
    assert short_name("") == ""
