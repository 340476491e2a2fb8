"""Runs a story once with every single fault at every injection point, or with a seeded sample of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from simulator.fault_plan import FaultPlan
from simulator.faults import Fault
from simulator.injection_points import sampled_faults, single_faults
from simulator.simulated_gateways import installed
from simulator.simulated_story import SimulatedStory
from simulator.simulation import Simulation
from simulator.stories import ALL

BY_NAME = {story.name: story for story in ALL}


@dataclass(frozen=True)
class Enumeration:
    """The result of a story's runs with one fault each."""

    played: int
    """Runs with a fault, each with one of its own."""
    listed: int
    """All faults of the story, of which these were played."""
    violations: dict[str, list[str]]
    """Fault → what did not hold; empty where everything did."""


def without_faults(story: SimulatedStory) -> Simulation:
    """Run a story as it is, traced."""
    with installed():
        return Simulation(story, trace=True).run()


def with_each_fault(
    name: str, *, functions: Collection[str] = (), part: int = 0, parts: int = 1
) -> Enumeration:
    """Run a story with each of its faults, or with every `parts`-th from number `part` on.

    With `functions`, only the faults at their calls and invocations.
    """
    listed = list(single_faults(without_faults(BY_NAME[name]), functions=functions))
    return _played(name, listed[part::parts], len(listed))


def with_sampled_faults(name: str, *, functions: Collection[str] = ()) -> Enumeration:
    """Run a story with one fault of each kind that it has; equal on every machine."""
    base = without_faults(BY_NAME[name])
    return _played(
        name,
        sampled_faults(base, functions=functions),
        len(list(single_faults(base, functions=functions))),
    )


def _played(name: str, faults: Sequence[Fault], listed: int) -> Enumeration:
    found = {}
    with installed():
        for fault in faults:
            run = Simulation(BY_NAME[name], FaultPlan(fault)).run()
            assert run.fault_plan.injected == {fault}, f"{fault} was not met"
            if run.violations:
                found[str(fault)] = run.violations
    return Enumeration(len(faults), listed, found)
