"""Every single fault, at every place of every story; of a sample, one of each kind."""

import pytest

from handlers.domain.model.outcomes import ERRORS, RolloutOutcome
from simulator.fault_enumeration import with_each_fault, with_sampled_faults, without_faults
from simulator.group_machine import GROUP
from simulator.group_stories import GROUPS
from simulator.simulation import NEWER
from simulator.stories import LONG, OF_ONE, STORIES
from tests.support.sample import say_played
from tests.support.simulated_stories import WITH_FAULTS, functions_of

PARTS = 4
"""Tests that share a story's faults, so that none of them takes minutes."""
SINGLE_FAULTS = "single faults"


@pytest.mark.parametrize("story", [*OF_ONE, LONG], ids=lambda story: story.name)
def test_without_faults_each_story_ends_as_it_says_and_everything_holds(story):
    run = without_faults(story)

    assert run.violations == []
    assert outcome_of(run) == story.outcome


def outcome_of(run):
    """Read it off the record, or off the execution's error where nothing was begun."""
    first = run.executions()[0]
    records = [r for r in run.outside.rollouts.records.values() if r.execution == first.arn]
    errors = {error: outcome for outcome, error in ERRORS.items()}
    # A story may begin with a record of the same name, of long ago.
    newest = max(records, key=lambda record: record.started, default=None)
    return newest.outcome if newest else errors[first.error]


@pytest.mark.parametrize("name", GROUPS)
def test_without_faults_each_group_ends_as_it_says_and_everything_holds(name):
    run = without_faults(GROUPS[name])

    assert run.violations == []
    assert run.outside.group_records.records[GROUP].outcome == GROUPS[name].outcome


@pytest.mark.parametrize(
    ("name", "end"),
    [("pushed again", RolloutOutcome.EXPIRED), ("its turn", RolloutOutcome.REJECTED)],
)
def test_the_newer_of_two_pushes_waits_its_turn_and_then_asks(name, end):
    run = without_faults(STORIES[name])

    (newer,) = (execution for execution in run.executions() if execution.name == NEWER)
    visited = newer.visited()
    assert visited.index("Wait for its turn") < visited.index("Approve red")
    assert run.outside.rollouts.records[NEWER].outcome == end


@pytest.mark.sample
@pytest.mark.parametrize("name", WITH_FAULTS)
def test_no_fault_of_a_sample_breaks_what_must_hold(name, record_property):
    ran = with_sampled_faults(name, functions=functions_of(name))

    say_played(record_property, SINGLE_FAULTS, ran.played, ran.listed)
    assert ran.violations == {}


@pytest.mark.prove
@pytest.mark.parametrize("name", WITH_FAULTS)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_single_fault_breaks_what_must_hold(name, part, record_property):
    ran = with_each_fault(name, functions=functions_of(name), part=part, parts=PARTS)

    say_played(record_property, SINGLE_FAULTS, ran.played, 0 if part else ran.listed)
    assert ran.violations == {}
