"""Runs a story once with every single fault at every place, none left out."""

from simulator.fault_plan import Fate
from simulator.injection_points import single_faults
from simulator.simulated_gateways import installed
from simulator.simulation import Simulation
from simulator.stories import ALL

BY_NAME = {story.name: story for story in ALL}


def without_faults(story):
    """Run a story as it is, and remember its places."""
    with installed():
        return Simulation(story, trace=True).run()


def with_each_fault(name, *, of=()):
    """Run a story with each of its faults; return what did not hold, fault → violations.

    With `of`, only those of these functions are tried, where they are called.
    """
    story = BY_NAME[name]
    base = without_faults(story)
    broken = {}
    with installed():
        for fault in single_faults(base, of=of):
            run = Simulation(story, Fate(fault)).run()
            assert run.fate.happened == {fault}, f"{fault} was not met"
            if run.violations:
                broken[str(fault)] = run.violations
    return broken
