"""What one execution can hold, held against the definition that is generated."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.domain.config import machine_budget
from handlers.domain.config.machine_budget import (
    CALLBACK_EVENTS,
    DEPLOYMENT_POLL,
    HEALTH_POLL,
    MACHINE_TIMEOUT,
    OBSERVATION_EVENTS,
    QUESTION_POLL,
    budget_problems,
    longest_rollout,
    most_events,
)
from handlers.domain.model.colors import COLORS
from tests.support.builders import a_verification, an_application

MACHINE = json.loads((Path(__file__).parents[4] / "definitions" / "rollout.asl.json").read_text())
STATES = MACHINE["States"]
EVENTS = {"Wait": 2, "Pass": 2, "Choice": 2}
"""Entered and exited."""
CALLBACK = ".waitForTaskToken"


def events_of(state):
    """Count the events of a state: its own, and of a task scheduled, started and ended as well.

    A callback is submitted, too (API_HistoryEvent).
    """
    if state["Type"] == "Task":
        return 6 if state["Resource"].endswith(CALLBACK) else 5
    return EVENTS[state["Type"]]


def callbacks():
    """List every wait for an answer with the state that leads back to it."""
    found = {name: s for name, s in STATES.items() if s.get("Resource", "").endswith(CALLBACK)}
    back = {s["Branches"][0]["StartAt"]: s for s in STATES.values() if s["Type"] == "Parallel"}
    for parallel in back.values():
        for branch in parallel["Branches"]:
            inner = branch["States"]
            found |= {n: s for n, s in inner.items() if s.get("Resource", "").endswith(CALLBACK)}
    return found


def test_the_machine_ends_when_the_budget_says():
    assert timedelta(seconds=MACHINE["TimeoutSeconds"]) == MACHINE_TIMEOUT


def test_every_wait_for_an_answer_is_looked_at_as_often_as_the_budget_says():
    every = {
        name: timedelta(seconds=state["TimeoutSeconds"]) for name, state in callbacks().items()
    }

    questions = {name for name in every if name.startswith(("Approve", "Ask about"))}
    assert {every[name] for name in questions} == {QUESTION_POLL}
    assert {every[name] for name in every.keys() - questions} == {DEPLOYMENT_POLL}
    assert len(every) == len(COLORS) * 4 + 2


def test_a_turn_of_a_wait_writes_as_many_events_as_the_budget_says():
    for name, state in callbacks().items():
        again = next(c["Next"] for c in state["Catch"] if c["ErrorEquals"] == ["States.Timeout"])
        looked = STATES.get(again, {"Type": "Pass", "Next": name})
        assert looked["Type"] == "Pass"
        assert looked["Next"] == name
        assert events_of(state) + events_of(looked) == CALLBACK_EVENTS


@pytest.mark.parametrize("color", COLORS)
def test_a_turn_of_watching_writes_as_many_events_as_the_budget_says(color):
    wait = STATES[f"Watch {color}"]
    look = STATES[wait["Next"]]
    verdict = STATES[look["Next"]]

    assert timedelta(seconds=wait["Seconds"]) == HEALTH_POLL
    assert f"Watch {color}" in [choice["Next"] for choice in verdict["Choices"]]
    assert sum(map(events_of, (wait, look, verdict))) == OBSERVATION_EVENTS


def test_the_defaults_leave_most_of_the_machine_free():
    application = an_application()

    assert longest_rollout(application) < MACHINE_TIMEOUT / 3
    assert budget_problems("api", application) == []


def watched_for(**duration):
    return an_application(verification=a_verification(bake_at_most=timedelta(**duration)))


def test_all_colors_are_watched_for_as_long_as_the_history_has_room_for():
    assert budget_problems("api", watched_for(hours=10)) == []
    assert len(budget_problems("api", watched_for(hours=12))) == 1
    assert most_events(watched_for(hours=16)) > machine_budget.MAX_HISTORY
