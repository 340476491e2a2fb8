"""Every single fault, at every place of the stories that go to an end by themselves."""

import pytest

from handlers.domain.model.outcomes import ERRORS
from simulator.fault_enumeration import with_each_fault, without_faults
from simulator.stories import LONG, OF_ONE

HERE = ("happy", "unhealthy", "withdrawn", "unclear", "expired")


@pytest.mark.parametrize("story", [*OF_ONE, LONG], ids=lambda story: story.name)
def test_without_faults_each_story_ends_as_it_says_and_everything_holds(story):
    run = without_faults(story)

    assert run.violations == []
    assert outcome_of(run) == story.outcome


def outcome_of(run):
    """Read it off the record, or off the execution's error where nothing was begun."""
    record = run.outside.rollouts.records.get("api-1")
    errors = {error: outcome for outcome, error in ERRORS.items()}
    return record.outcome if record else errors[run.executions()[0].error]


@pytest.mark.parametrize("name", HERE)
def test_no_single_fault_breaks_what_must_hold(name):
    assert with_each_fault(name).violations == {}
