"""Runs a story once with every single fault at every place, or with a seeded sample of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from simulator.fault_plan import Fate
from simulator.faults import Fault
from simulator.injection_points import sampled_faults, single_faults
from simulator.simulated_gateways import installed
from simulator.simulation import Simulation
from simulator.stories import ALL, SimulatedStory

BY_NAME = {story.name: story for story in ALL}


@dataclass(frozen=True)
class Enumeration:
    """What a story's runs with one fault each came to."""

    played: int
    """Runs with a fault, each with one of its own."""
    listed: int
    """Faults that there are in the story: all of them, of which these were played."""
    violations: dict[str, list[str]]
    """Fault → what did not hold; empty where everything did."""


def without_faults(story: SimulatedStory) -> Simulation:
    """Run a story as it is, and remember its places."""
    with installed():
        return Simulation(story, trace=True).run()


def with_each_fault(
    name: str, *, of: Collection[str] = (), part: int = 0, parts: int = 1
) -> Enumeration:
    """Run a story with each of its faults, or with every `parts`-th from number `part` on.

    With `of`, only those of these functions are tried, where they are called.
    """
    listed = list(single_faults(without_faults(BY_NAME[name]), of=of))
    return _played(name, listed[part::parts], len(listed))


def with_sampled_faults(name: str, *, of: Collection[str] = ()) -> Enumeration:
    """Run a story with one fault of each kind that it has; equal on every machine."""
    base = without_faults(BY_NAME[name])
    return _played(name, sampled_faults(base, of=of), len(list(single_faults(base, of=of))))


def _played(name: str, faults: Sequence[Fault], listed: int) -> Enumeration:
    found = {}
    with installed():
        for fault in faults:
            run = Simulation(BY_NAME[name], Fate(fault)).run()
            assert run.fate.happened == {fault}, f"{fault} was not met"
            if run.violations:
                found[str(fault)] = run.violations
    return Enumeration(len(faults), listed, found)
