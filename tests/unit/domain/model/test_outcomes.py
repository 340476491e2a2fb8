import pytest

from handlers.domain.model.outcomes import (
    DecisionOutcome,
    DeploymentOutcome,
    GroupOutcome,
    RolloutOutcome,
)

KINDS = [RolloutOutcome, DeploymentOutcome, DecisionOutcome, GroupOutcome]


def test_a_rollout_can_end_in_whatever_ends_a_deployment():
    assert {str(each) for each in DeploymentOutcome} <= {str(each) for each in RolloutOutcome}


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_of_a_later_version_is_read_as_it_is(kind):
    word = kind("postponed")

    assert isinstance(word, kind)
    assert word == f"{word}" == "postponed"
    assert word not in set(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nothing", ["", None, 1])
def test_what_is_no_word_is_no_outcome(kind, nothing):
    with pytest.raises(ValueError, match="is not a valid"):
        kind(nothing)
