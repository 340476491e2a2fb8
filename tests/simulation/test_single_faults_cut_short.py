"""Every single fault, at every place of the stories that people, ECS or others cut short."""

import pytest

from simulator.fault_enumeration import with_each_fault
from simulator.stories import STORIES
from tests.simulation.test_single_faults_at_ends import HERE as AT_ENDS
from tests.simulation.test_single_faults_of_pushes import HERE as OF_PUSHES

HERE = tuple(name for name in STORIES if name not in {*AT_ENDS, *OF_PUSHES})


@pytest.mark.parametrize("name", HERE)
def test_no_single_fault_breaks_what_must_hold(name):
    assert with_each_fault(name).violations == {}
