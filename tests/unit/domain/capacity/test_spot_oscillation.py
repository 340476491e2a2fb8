"""The two groups in one loop, in virtual time: on-demand follows the load that spot takes from it.

On-demand scales on the share of the cluster that is in use, as ECS's and EC2's auto-scaling do.
Every spot instance lowers that share, so that on-demand shrinks, so that spot shrinks, and so on:
this is where a follower that answers to everything at once swings for ever.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from handlers.domain.capacity.spot_policy import Fleet, next_target
from handlers.domain.config.clusters import SpotPolicy

MINUTES = 600
SETTLED = 240
"""Minutes after the last change of load, in which everything must have come to rest."""
LAUNCHING = 3
"""Minutes from a target to an instance in service."""
EVERY = 10
"""Minutes between two looks of the schedule."""
BUSY_AT = 0.75

STEADY = SpotPolicy(ratio=1.0, least=0, most=60, step=5, hysteresis=1)
"""As the file says unless told otherwise."""
EAGER = replace(STEADY, step=60, hysteresis=0)


@dataclass
class Loop:
    """Load in instances; on-demand between thresholds, one at a time; spot by the policy."""

    policy: SpotPolicy
    idle_at: float = 0.55
    on_demand: int = 6
    spot: int = 6
    aims: list = field(default_factory=list)
    """On-demand and spot target, minute by minute."""
    cools_until: int = 0
    coming: list = field(default_factory=list)

    def run(self, load, interrupted=()):
        wanted, target = self.on_demand, self.spot
        for minute in range(MINUTES):
            landed = [change for due, change in self.coming if due == minute]
            for d, s in landed:
                self.on_demand, self.spot = self.on_demand + d, self.spot + s
            if minute in interrupted and self.spot:
                self.spot -= 1
                self.coming.append((minute + LAUNCHING, (0, 1)))
            share = load(minute) / max(1, self.on_demand + self.spot)
            change = (share > BUSY_AT) - (share < self.idle_at and wanted > 1)
            if change and minute >= self.cools_until:
                wanted, self.cools_until = wanted + change, minute + 5
                self.coming.append((minute + LAUNCHING, (change, 0)))
            changed = any(d for d, _ in landed)
            if changed or minute % EVERY == 0:
                fleet = Fleet(target=target, fulfilled=float(self.spot))
                move = next_target(self.policy, self.on_demand, fleet)
                if move.is_change:
                    self.coming.append((minute + LAUNCHING, (0, move.after - move.before)))
                    target = move.after
            self.aims.append((wanted, target))
        return self

    def turns(self, since=0):
        """Count how often the spot target turned from rising to falling, or back."""
        targets = [target for _, target in self.aims[since:]]
        ways = [b > a for a, b in pairwise(targets) if a != b]
        return sum(a is not b for a, b in pairwise(ways))

    def moves(self, since):
        return sum(a != b for a, b in pairwise(self.aims[since:]))


def a_peak(minute):
    return 20 if 60 <= minute < 180 else 8


def a_ripple(minute):
    """Sway by two instances' worth within every quarter of an hour."""
    return 10 + (1 if minute % 15 < 7 else -1)


def a_step_to(load):
    return lambda minute: 8 if minute < 60 else load


@pytest.mark.parametrize("load", range(3, 31))
def test_after_any_change_of_load_both_groups_come_to_rest(load):
    loop = Loop(STEADY).run(a_step_to(load))

    assert loop.moves(since=MINUTES - SETTLED) == 0


def test_after_a_peak_both_groups_come_to_rest():
    assert Loop(STEADY).run(a_peak).moves(since=MINUTES - SETTLED) == 0


@pytest.mark.parametrize("load", range(3, 31))
def test_a_change_of_load_is_followed_without_swinging(load):
    assert Loop(STEADY).run(a_step_to(load)).turns() <= 1


def test_a_ripple_of_load_moves_the_fleet_hardly_ever():
    loop = Loop(STEADY).run(a_ripple)

    assert loop.turns() <= 1


def test_interruptions_do_not_set_it_swinging():
    loop = Loop(STEADY).run(a_step_to(16), interrupted=range(100, 400, 7))

    assert loop.turns() <= 2
    assert loop.moves(since=MINUTES - 120) == 0


@pytest.mark.parametrize("load", [3, 5, 6, 8])
def test_hysteresis_is_what_brings_a_narrow_loop_to_rest(load):
    with_it = Loop(STEADY, idle_at=0.68).run(a_step_to(load))
    without = Loop(EAGER, idle_at=0.68).run(a_step_to(load))

    assert with_it.moves(since=MINUTES - SETTLED) == 0
    assert without.turns(since=MINUTES - SETTLED) > 20


def test_many_spot_instances_for_each_other_one_swing_a_small_cluster():
    greedy = Loop(replace(EAGER, ratio=3.0)).run(a_step_to(7))

    assert greedy.turns(since=MINUTES - SETTLED) > 20
