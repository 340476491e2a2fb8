"""Every single fault, at every place of the stories in which an image or a turn is waited for."""

import pytest

from handlers.domain.model.outcomes import RolloutOutcome
from simulator.fault_enumeration import with_each_fault, without_faults
from simulator.simulation import NEWER
from simulator.stories import STORIES

HERE = ("built late", "pushed again", "its turn")


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


@pytest.mark.parametrize("name", HERE)
def test_no_single_fault_breaks_what_must_hold(name):
    assert with_each_fault(name).violations == {}
