"""Runs random combinations of faults: `make soak RUNS=… SEED=… MINUTES=…`.

Without RUNS and MINUTES, a SEED is replayed and its trace is printed.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from handlers.domain.model.outcomes import RolloutOutcome
from simulator import group_machine
from simulator.faults import AtCall, AtClick, AtEvent, AtInvocation
from simulator.injection_points import kinds_at
from simulator.random_faults import RandomFaultPlan
from simulator.simulated_gateways import CALLS, installed
from simulator.simulation import Simulation, machine
from simulator.stepfunctions.asl_definition import Map

WORKERS = int(os.environ.get("WORKERS") or 2)
BATCH = 100
"""Runs that a worker makes at a time."""
NOT_SIMULATED = {
    RolloutOutcome.INVALID_INPUT: "refused before anything happens",
}


@dataclass
class Seen:
    """What was covered by some runs."""

    runs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    states: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)
    call_faults: set[tuple[str, str]] = field(default_factory=set)
    """Outside calls and the faults that they met."""
    violations: dict[int, list[str]] = field(default_factory=dict)
    """Seed → what did not hold."""

    def add(self, other: "Seen") -> None:
        """Add what other runs covered."""
        self.runs += other.runs
        self.faults += other.faults
        self.states |= other.states
        self.outcomes |= other.outcomes
        self.call_faults |= other.call_faults
        self.violations |= other.violations


def one(seed: int, *, trace: bool = False) -> Simulation:
    """Make the run of a seed."""
    chance = RandomFaultPlan(seed)
    return Simulation(chance.story, chance, trace=trace).run()


def batch(first: int, runs: int) -> Seen:
    """Make the runs of some seeds."""
    seen = Seen()
    with installed():
        for seed in range(first, first + runs):
            try:
                run = one(seed)
            except Exception as error:  # noqa: BLE001 - the simulation itself broke: named, with its seed
                seen.violations[seed] = [f"the simulation broke: {error!r}"]
                continue
            _note(seen, run)
            if run.violations:
                seen.violations[seed] = run.violations
    return seen


def _note(seen: Seen, run: Simulation) -> None:
    seen.runs += 1
    seen.faults.update(str(fault.kind) for fault in run.fault_plan.injected)
    seen.call_faults |= run.fault_plan.call_faults
    seen.outcomes |= {r.outcome for r in run.outside.rollouts.records.values()}
    for execution in (*run.executions(), *run.groups.executions()):
        seen.states |= {
            event.details["name"]
            for event in execution.history
            if event.kind.endswith("StateEntered")
        }


def batches(seed: int, runs: int, until: float) -> Iterator[tuple[int, int]]:
    """Cut the runs into batches, until there are enough or time is over."""
    for number in count():
        begun = number * BATCH
        if (runs and begun >= runs) or (until and time.monotonic() > until):
            return
        yield seed + begun, min(BATCH, runs - begun) if runs else BATCH


def soak(seed: int, runs: int, minutes: float) -> Seen:
    """Make all runs, and print the progress."""
    seen, started = Seen(), time.monotonic()
    until = started + 60 * minutes if minutes else 0.0
    with ProcessPoolExecutor(WORKERS) as pool:
        coming = batches(seed, runs, until)
        working = {
            pool.submit(batch, *each) for _, each in zip(range(2 * WORKERS), coming, strict=False)
        }
        while working:
            done, working = wait(working, return_when=FIRST_COMPLETED)
            working |= {pool.submit(batch, *each) for _, each in zip(done, coming, strict=False)}
            for found in (each.result() for each in done):
                seen.add(found)
                for number, said in found.violations.items():
                    print(f"\r\033[KSEED={number}: {said[0]}", file=sys.stderr)
            took = time.monotonic() - started
            line = f"{seen.runs:,} runs, {seen.runs / took:,.0f} a second, "
            print(f"\r{line}{len(seen.violations)} violations", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report(seen, time.monotonic() - started)
    return seen


def report(seen: Seen, took: float) -> None:
    """Print what was covered, and name what was not."""
    states = set(_all_states())
    outcomes = {str(each) for each in RolloutOutcome if each not in NOT_SIMULATED}
    possible = {
        (f"{port}.{method}", str(kind))
        for port, methods in CALLS.items()
        for method in methods
        for kind in kinds_at(f"{port}.{method}", is_first=True)
    }
    print(f"{seen.runs:,} runs in {took:.0f} s: {seen.runs / took:,.0f} a second\n")
    print("faults")
    kinds = [kind for each in (AtCall, AtInvocation, AtEvent, AtClick) for kind in each]
    for kind in kinds:
        print(f"  {seen.faults[str(kind)]:>9,}  {kind}")
    print("\ncovered")
    _covered("states", seen.states & states, states)
    _covered("outcomes", seen.outcomes & outcomes, outcomes)
    _covered("calls x faults", seen.call_faults & possible, possible)
    print(f"\n{len(seen.violations)} violations")
    for seed, said in sorted(seen.violations.items())[:20]:
        print(f"  SEED={seed}: {said[0]}")


def _covered(what: str, met: AbstractSet[Any], all_: AbstractSet[Any]) -> None:
    print(f"  {what}: {len(met)} of {len(all_)}")
    for each in sorted(map(str, all_ - met)):
        print(f"      not: {each}")


def _all_states() -> Iterator[str]:
    scopes = [machine().scope, group_machine.machine().scope]
    while scopes:
        for name, state in scopes.pop().states.items():
            yield name
            scopes += getattr(state, "branches", ())
            scopes += [state.iterator] if isinstance(state, Map) else []


def replay(seed: int) -> Simulation:
    """Make the run of a seed, and print its trace."""
    with installed():
        run = one(seed, trace=True)
    print(f"seed {seed}: {run.story.name}")
    print("\n".join(run.trace or ()))
    for said in run.violations:
        print(f"VIOLATION {said}")
    return run


def main() -> int:
    """Do what the environment asks for."""
    seed = int(os.environ.get("SEED") or 1)
    runs, minutes = int(os.environ.get("RUNS") or 0), float(os.environ.get("MINUTES") or 0)
    if os.environ.get("SEED") and not runs and not minutes:
        return bool(replay(seed).violations)
    return bool(soak(seed, runs or (0 if minutes else 1_000), minutes).violations)


if __name__ == "__main__":
    sys.exit(main())
