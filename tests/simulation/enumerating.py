"""Runs a story once with every single fault at every place, none left out."""

from tests.simulation.outside import installed
from tests.simulation.places import single_faults
from tests.simulation.simulation import Fate, Simulation
from tests.simulation.stories import STORIES


def without_faults(story):
    """Run a story as it is, and remember its places."""
    with installed():
        return Simulation(story, trace=True).run()


def with_each_fault(name):
    """Run a story with each of its faults; return what did not hold, fault → violations."""
    base = without_faults(STORIES[name])
    broken = {}
    with installed():
        for fault in single_faults(base):
            run = Simulation(STORIES[name], Fate(fault)).run()
            assert run.happened == {fault}, f"{fault} was not met"
            if run.violations:
                broken[str(fault)] = run.violations
    return broken
