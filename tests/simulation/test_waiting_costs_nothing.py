"""Waiting costs nothing: a rollout whose tasks start late takes no more steps and calls."""

from collections import Counter
from dataclasses import replace

import pytest

from sandbox.world.image_behaviour import Behaviour
from simulator.fault_enumeration import without_faults
from simulator.stories import STORIES


def spent(seconds):
    """Roll out an image whose tasks take so long to start; return its states and calls of ECS."""
    slow = replace(STORIES["happy"], image=Behaviour(starts_after_seconds=seconds))
    run = without_faults(slow)
    (execution,) = run.executions()
    assert (run.violations, execution.status) == ([], "SUCCEEDED")
    called = (
        words.partition(" ")[2] for kind, words in run.fault_plan.points if kind.endswith("call")
    )
    return execution.visited(), Counter(call for call in called if call.startswith("ecs."))


@pytest.mark.parametrize("seconds", [30, 60, 300])
def test_neither_calls_nor_transitions_grow_with_waiting(seconds):
    assert spent(seconds) == spent(1)


def test_a_wait_that_is_looked_at_again_costs_one_look_a_color():
    states, calls = spent(1)

    longer, more = spent(600)

    looks = 3
    assert len(longer) - len(states) == 2 * looks
    # Stopped tasks are counted where ECS's breaker forgets failures once a task is healthy.
    assert more - calls == {"ecs.service": looks, "ecs.tasks": looks}
