"""What happens to the cluster's instances in a scenario, and whether it went rightly.

Tested in `tests/e2e/test_scenarios.py`.
"""

import math
import time
from collections.abc import Callable
from typing import Final

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import Rollout, Stage
from sandbox.host.sandbox import Sandbox
from sandbox.world.example_fleets import ON_DEMAND, SPOT
from sandbox.world.example_world import CLUSTER
from sandbox.world.instance_fleets import InstancePool
from sandbox.world.scheduler import DRAINED
from sandbox.world.world_records import ContainerInstance

NOTICE: Final = 1_000_000.0
"""World seconds, so many that no machine is too slow: the handlers' clock is not accelerated.

The instance goes when its tasks have moved (`drain_problems`)."""
TIMEOUT_SECONDS: Final = 300.0
"""Seconds in which what follows must have followed."""
_POLL_SECONDS: Final = 0.05
_ADDED: Final = 2


def add_spot_instances(sandbox: Sandbox, _application: str) -> None:
    """Begin when spot instances have just come, which the next tasks are placed on."""
    with sandbox.lock:
        fleet = sandbox.world.fleets.pools[SPOT]
        wanted = fleet.target + _ADDED
        sandbox.world.fleets.resize(SPOT, wanted)
    wait_until(sandbox, lambda: len(fleet.in_service()) == wanted)


def interrupt_while_red_is_verified(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Have EC2 want the instance back that red runs on, while red is watched."""
    return _interrupt_at(sandbox, rollout, "red", Stage.VERIFYING)


def interrupt_while_yellow_is_asked(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Have EC2 want the instance back that red runs on, while yellow is asked about."""
    return _interrupt_at(sandbox, rollout, "yellow", Stage.ASKING)


def scale_out_on_demand(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Let the on-demand group grow by so much, while yellow is asked about, that spot must too."""
    spot = sandbox.clusters[CLUSTER].spot
    if spot is None or not _is_at(rollout, "yellow", Stage.ASKING):
        return False
    with sandbox.lock:
        fleets = sandbox.world.fleets
        wanted = math.ceil((fleets.pools[SPOT].target + 1) / spot.policy.ratio)
        fleets.resize(ON_DEMAND, wanted)
    return True


def drain_problems(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Say what was not right about an interruption: its tasks moved before the instance went."""
    host = sandbox.world.fleets.interrupted[-1]
    if not wait_until(sandbox, lambda: not host.tasks):
        return [f"{host.ec2_id} was interrupted and its tasks are still there"]
    with sandbox.lock:
        sandbox.world.fleets.terminate(host.ec2_id)
    problems = []
    if not sandbox.ecs_calls.calls["UpdateContainerInstancesState"]:
        problems.append(f"{host.ec2_id} was never drained")
    ends = _stop_reasons(sandbox, host)
    problems += [f"a task was lost: {reason}" for reason in ends if reason.startswith("Host EC2")]
    if DRAINED not in ends:
        problems.append(f"no task was moved from {host.ec2_id}: {ends}")
    return problems + blame_problems(rollout)


def spot_fleet_problems(sandbox: Sandbox, _rollout: Rollout) -> list[str]:
    """Say what was not right after a scale-out: the spot fleet has what its policy says."""
    pools = sandbox.world.fleets.pools
    spot = sandbox.clusters[CLUSTER].spot
    if spot is None or not wait_until(sandbox, lambda: _is_filled(pools[ON_DEMAND])):
        return ["the on-demand group did not grow"]
    wanted = math.ceil(spot.policy.ratio * pools[ON_DEMAND].target)
    fleet = pools[SPOT]
    if not wait_until(sandbox, lambda: fleet.target == wanted and _is_filled(fleet)):
        return [f"the spot fleet aims at {fleet.target}, expected {wanted}"]
    return []


def wait_until(sandbox: Sandbox, is_so: Callable[[], bool]) -> bool:
    """Look until it is so, or patience ends; return whether it is."""
    until = time.monotonic() + TIMEOUT_SECONDS
    while not is_so() and time.monotonic() < until:
        sandbox.pause(_POLL_SECONDS)
    return is_so()


def _interrupt_at(sandbox: Sandbox, rollout: Rollout, color: str, stage: Stage) -> bool:
    if not _is_at(rollout, color, stage):
        return False
    red = rollout.colors["red"]
    with sandbox.lock:
        world = sandbox.world
        tasks = world.service(world.cluster(red.cluster), red.service).active_tasks()
        hosts = {task.instance.ec2_id for task in tasks if task.instance is not None}
        spot = [each.ec2_id for each in world.fleets.pools[SPOT].in_service()]
        on_spot = [ec2_id for ec2_id in spot if ec2_id in hosts]
        if not on_spot:
            raise RuntimeError(f"none of red's tasks runs on a spot instance: {hosts}")
        world.fleets.interrupt(on_spot[0], NOTICE)
    return True


def _is_at(rollout: Rollout, color: str, stage: Stage) -> bool:
    progress = rollout.colors.get(color)
    return progress is not None and progress.stage is stage


def _is_filled(pool: InstancePool) -> bool:
    return pool.state == "active" and len(pool.in_service()) == pool.target


def _stop_reasons(sandbox: Sandbox, host: ContainerInstance) -> list[str]:
    """Say why each task ended that ran on an instance."""
    with sandbox.lock:
        tasks = list(sandbox.world.tasks().values())
    return [task.stopped_reason for task in tasks if task.instance is host]


def blame_problems(rollout: Rollout) -> list[str]:
    """Say of which colors the release was blamed for tasks that had to move."""
    found = {
        color: each.verdict
        for color, progress in rollout.colors.items()
        for each in (progress.evidence.results if progress.evidence else ())
        if each.check == "restarts"
    }
    if not found:
        return ["nothing was verified"]
    blamed = {color: v for color, v in found.items() if v is not Verdict.HEALTHY}
    return [f"restarts of {color}: found {verdict}" for color, verdict in blamed.items()]
