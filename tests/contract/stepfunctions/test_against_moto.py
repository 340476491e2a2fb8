"""The double against moto's interpreter: small definitions, and the whole rollout."""

import copy

import pytest

from handlers.domain.model.colors import COLORS
from handlers.domain.model.verification_settings import Reaction
from tests.support.moto_interpreter import Raises
from tests.support.stepfunctions.other_interpreters import SCENARIOS, walk

ANSWERED_INSIDE = "an answered token"
"""moto lets the state wait until its function has returned, so it records TaskSubmitted."""
CUT = "a branch that fails"
"""AWS records TaskStateAborted for the failed task too (test_rules_parallel.py); moto does not."""
INTERLEAVED = "branches"
"""moto runs branches in threads, whose events come in any order."""
SAME_HISTORY = sorted(SCENARIOS.keys() - {ANSWERED_INSIDE, CUT, INTERLEAVED})
INPUT = {"application": "api", "tag": "v1.42.0"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_double_goes_where_moto_goes(moto, scenario):
    definition, answers, given = SCENARIOS[scenario]

    here, history = walk(definition, answers, given)
    there = moto.walk(definition, answers, given)

    assert outside(here, definition) == outside(there, definition)
    assert sorted(here.visited) == sorted(there.visited)
    assert (here.status, here.error, here.output) == (there.status, there.error, there.output)
    if scenario in SAME_HISTORY:
        assert history == moto.history()


def outside(walked, definition):
    """The states that were entered, but for those of branches."""
    return [name for name in walked.visited if name in definition["States"]]


def every_state(machine):
    for state in machine["States"].values():
        yield state
        for branch in state.get("Branches", ()):
            yield from every_state(branch)


@pytest.fixture(scope="module")
def hasty(definition):
    """The committed definition with pauses that moto's real time can bear."""
    machine = copy.deepcopy(definition)
    for state in every_state(machine):
        if state["Type"] == "Wait":
            state["Seconds"] = 0
        for retried in state.get("Retry", ()):
            retried["IntervalSeconds"] = 1
            retried["MaxAttempts"] = 1
    return machine


def script(finish="completed", **changes):
    """What the functions of a rollout answer that goes well, but for what is changed."""
    error = "" if finish == "completed" else "Rejected"
    end = {"outcome": finish, "error": error, "cause": "as scripted", "colors": {}}
    answers = {
        "PrepareRollout": [{"rollout": "r", "application": "api", "outcome": "ready", "cause": ""}],
        "FinishRollout": [end],
    }
    for color in COLORS:
        answers[f"RequestApproval {color}"] = [{"outcome": "approved"}]
        answers[f"DeployColor {color}"] = [{"outcome": "completed"}]
        answers[f"VerifyColor {color}"] = [{"verdict": "healthy", "reaction": Reaction.GO_ON}]
        answers[f"RollBackColor {color}"] = [{"outcome": "put_back"}]
    return answers | {called.replace("_", " "): turns for called, turns in changes.items()}


def looks(*reactions):
    return [{"verdict": "watching", "reaction": reaction} for reaction in reactions]


ROLLOUTS = {
    "goes well": script(),
    "watched": script(
        VerifyColor_red=looks(Reaction.LOOK_AGAIN, Reaction.LOOK_AGAIN, Reaction.GO_ON)
    ),
    "rejected at red": script("rejected", RequestApproval_red=[{"outcome": "rejected"}]),
    "rejected at yellow": script("rejected", RequestApproval_yellow=[{"outcome": "rejected"}]),
    "asked again": script(
        RequestApproval_green=[{"outcome": "ask_again"}, {"outcome": "approved"}]
    ),
    "not deployed": script("rejected", DeployColor_green=[{"outcome": "failed"}]),
    "unhealthy": script("rejected", VerifyColor_red=looks(Reaction.ROLL_BACK)),
    "an unknown outcome": script("a word of tomorrow"),
    "invalid input": script(PrepareRollout=[{"outcome": "invalid_input", "cause": "no such tag"}]),
    "not prepared": script("rejected", PrepareRollout=[Raises("KeyError")]),
    "prepared at last": script(PrepareRollout=[Raises("Transient"), *script()["PrepareRollout"]]),
    "a fault while asking": script("rejected", RequestApproval_red=[Raises("KeyError")]),
    "a fault on the way back": script(
        "rejected", DeployColor_red=[{"outcome": "failed"}], RollBackColor_red=[Raises("KeyError")]
    ),
    "a fault at the end": script(FinishRollout=[Raises("KeyError")]),
}


def given_to(walked):
    """What each function was given, in order, but for tokens, causes and an execution's names."""
    given = {}
    for name, payload in walked.payloads:
        given.setdefault(name, []).append(without({"token", "execution", "Cause"}, payload))
    return given


def without(names, value):
    if not isinstance(value, dict):
        return value
    return {key: without(names, each) for key, each in value.items() if key not in names}


@pytest.mark.parametrize("rollout", ROLLOUTS)
def test_a_rollout_goes_the_same_way_on_both(moto, hasty, rollout):
    here, _ = walk(hasty, ROLLOUTS[rollout], INPUT)
    there = moto.walk(hasty, ROLLOUTS[rollout], INPUT)

    assert outside(here, hasty) == outside(there, hasty)
    assert sorted(here.visited) == sorted(there.visited)
    assert (here.status, here.error, here.output) == (there.status, there.error, there.output)
    assert given_to(here) == given_to(there)


def test_a_rollout_that_goes_well_meets_every_color_in_order(hasty):
    walked, _ = walk(hasty, ROLLOUTS["goes well"], INPUT)

    asked = [name for name in walked.visited if name.startswith("Approve ")]
    assert walked.status == "SUCCEEDED"
    assert asked == [f"Approve {color}" for color in COLORS]
