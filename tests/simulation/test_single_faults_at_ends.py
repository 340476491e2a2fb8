"""Every single fault, at every place of the stories that go to an end by themselves."""

import pytest

from tests.simulation.enumerating import with_each_fault, without_faults
from tests.simulation.stories import LONG, OF_ONE

HERE = ("happy", "unhealthy", "withdrawn", "unclear", "expired")


@pytest.mark.parametrize("story", [*OF_ONE, LONG], ids=lambda story: story.name)
def test_without_faults_each_story_ends_as_it_says_and_everything_holds(story):
    run = without_faults(story)

    assert run.violations == []
    assert run.outside.rollouts.records["api-1"].outcome == story.outcome


@pytest.mark.parametrize("name", HERE)
def test_no_single_fault_breaks_what_must_hold(name):
    assert with_each_fault(name) == {}
