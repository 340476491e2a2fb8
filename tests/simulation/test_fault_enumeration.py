"""A sample of a story's faults, and its parts, are the same on every machine and leave none out."""

from types import SimpleNamespace

from simulator.fault_enumeration import with_each_fault, with_sampled_faults, without_faults
from simulator.faults import AtEvent, Fault
from simulator.injection_points import sampled_faults, single_faults
from simulator.stories import STORIES


def test_a_sample_has_one_fault_of_every_kind():
    run = without_faults(STORIES["happy"])

    sample = sampled_faults(run)

    listed = list(single_faults(run))
    assert [fault.kind for fault in sample] == list(dict.fromkeys(fault.kind for fault in listed))
    assert set(sample) <= set(listed)


def test_a_sample_is_the_same_in_every_process():
    events = SimpleNamespace(points=[("event", "SERVICE_DEPLOYMENT_COMPLETED")] * 100)

    sample = sampled_faults(SimpleNamespace(story=STORIES["happy"], fault_plan=events))

    assert sample == [
        Fault(AtEvent.LOST, 55),
        Fault(AtEvent.LATE, 79),
        Fault(AtEvent.DOUBLED, 65),
        Fault(AtEvent.OVERTAKEN, 44),
        Fault(AtEvent.FOREIGN, 77),
    ]


def test_a_sample_says_how_many_it_is_of():
    sample = with_sampled_faults("no input")

    assert (sample.violations, sample.played < sample.listed) == ({}, True)


def test_parts_play_every_fault_once():
    whole = with_each_fault("no input")
    parts = [with_each_fault("no input", part=number, parts=3) for number in range(3)]

    assert sum(part.played for part in parts) == whole.played == whole.listed
    assert {part.listed for part in parts} == {whole.listed}
