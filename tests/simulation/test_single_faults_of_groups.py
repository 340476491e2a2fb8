"""Every single fault, at every place of the group's own steps, of several applications as one."""

import pytest

from simulator.fault_enumeration import with_each_fault, without_faults
from simulator.group_machine import GROUP
from simulator.stories import GROUPS

OWN = (
    "PrepareGroup",
    "BeginApplication",
    "RolloutMachine",
    "SettleApplication",
    "FinishGroup",
    "FollowGroup",
    "RequestApproval",
    "SweepRollouts",
)
"""What deals with groups; what else their rollouts do is in the stories of one application."""


@pytest.mark.parametrize("name", GROUPS)
def test_without_faults_each_group_ends_as_it_says_and_everything_holds(name):
    run = without_faults(GROUPS[name])

    assert run.violations == []
    assert run.outside.group_records.records[GROUP].outcome == GROUPS[name].outcome


@pytest.mark.parametrize("name", GROUPS)
def test_no_single_fault_breaks_what_must_hold(name):
    assert with_each_fault(name, of=OWN).violations == {}
