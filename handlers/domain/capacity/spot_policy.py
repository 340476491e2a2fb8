"""The target of a spot fleet that follows the on-demand instances of a cluster.

Spot follows on-demand: so many units for each on-demand instance in service, within bounds, in
steps, and small differences are left alone, so that two groups that react to each other's load
do not chase each other (`tests/unit/domain/capacity/test_spot_oscillation.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import ceil

from handlers.domain.config.clusters import SpotPolicy


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """A spot fleet request, an EC2 fleet or an Auto Scaling group at one moment."""

    target: int
    fulfilled: float
    """How much of it there is."""
    busy: str = ""
    """Why it must be left alone now; empty when it may be changed."""
    least: int = 0
    """Bounds of its own, which no change may leave."""
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class TargetChange:
    """The next target, and why."""

    before: int
    after: int
    why: str

    @property
    def is_change(self) -> bool:
        return self.before != self.after


def next_target(policy: SpotPolicy, on_demand: int, fleet: Fleet, needed: int = 0) -> TargetChange:
    """Return the next target.

    Args:
        policy: the cluster's.
        on_demand: on-demand instances in service.
        fleet: as it is now.
        needed: units that running tasks need; the target is not lowered below them.
    """
    before, goal = fleet.target, _bounded(_goal(policy, on_demand), policy, fleet)
    why = f"{on_demand} on-demand in service ask for {goal}, the target is {before}"
    if fleet.busy:
        return TargetChange(before=before, after=before, why=f"{why}; left alone: {fleet.busy}")
    is_within = _bounded(before, policy, fleet) == before
    if is_within and abs(goal - before) <= policy.hysteresis:
        return TargetChange(before=before, after=before, why=f"{why}; near enough")
    after = max(before - policy.step, min(before + policy.step, goal))
    if after < before and after < needed:
        after = min(before, needed)
        why = f"{why}; running tasks need {needed} while a rollout is open"
    return TargetChange(before=before, after=after, why=why)


def units_needed_by_tasks(fleet: Fleet, tasks: Mapping[str, int], on_demand: Iterable[str]) -> int:
    """Return the units of the fleet's target that the tasks on spot instances need.

    AWS chooses which instance a smaller fleet loses, so every instance with a task counts.

    Args:
        fleet: as it is.
        tasks: EC2 instance of the cluster → its tasks.
        on_demand: the instances that are not spot.
    """
    others = set(on_demand)
    spot = [count for instance, count in tasks.items() if instance not in others]
    if not spot:
        return 0
    # Instances of a weighted fleet count for more than one unit each.
    units = max(1.0, fleet.fulfilled / len(spot))
    return ceil(units * sum(count > 0 for count in spot))


def _goal(policy: SpotPolicy, on_demand: int) -> int:
    # As written in the file: in binary, 30 times 0.1 is more than 3.
    exact = Decimal(str(policy.ratio)) * on_demand
    return int(exact.to_integral_value(ROUND_CEILING))


def _bounded(value: int, policy: SpotPolicy, fleet: Fleet) -> int:
    most = policy.most if fleet.most is None else min(policy.most, fleet.most)
    return max(fleet.least, min(most, max(policy.least, value)))
