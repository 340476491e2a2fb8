"""The scenarios of `make demo` about health, on the real sandbox, at the same time.

Each has an application of its own, so that their bakes pass side by side. The one in which
CloudWatch is down is played alone: all of them would be blind.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.scenarios.catalogue import SCENARIOS
from tests.support.playing import patient_sandbox, play

pytestmark = pytest.mark.wire

ABOUT_HEALTH = [name for name, story in SCENARIOS.items() if story.is_about_health]
BLINDING = "metrics-down"
SETTINGS = {"namespace": "Recipes", "verification": {"alarms": ["{service}-5xx"]}}


@pytest.fixture(scope="module")
def sandbox():
    with patient_sandbox(settings=dict.fromkeys(ABOUT_HEALTH, SETTINGS)) as running:
        yield running


@pytest.fixture(scope="module")
def played(sandbox):
    """Play them all; say what each ran before, and what came of it."""
    before = {name: sandbox.runs(name) for name in ABOUT_HEALTH}

    def once(name):
        return before[name], play(sandbox, name, application=name)

    together = [name for name in ABOUT_HEALTH if name != BLINDING]
    with ThreadPoolExecutor(len(together)) as crowd:
        runs = dict(zip(together, crowd.map(once, together), strict=True))
    return runs | {BLINDING: once(BLINDING)}


@pytest.mark.parametrize("name", ABOUT_HEALTH)
def test_a_scenario_about_health_ends_rightly_with_its_evidence(played, name):
    _, run = played[name]

    assert run.problems == []


@pytest.mark.parametrize("name", ABOUT_HEALTH)
def test_what_is_not_healthy_leaves_every_color_as_it_was(played, name):
    before, run = played[name]

    is_new = run.result.outcome == "completed"
    assert (run.result.colors == before) is not is_new
    assert len(set(run.result.colors.values())) == 1


def test_the_evidence_is_shown_in_the_thread_and_on_the_board(sandbox, played):
    said = list(sandbox.workspace.timeline.messages)

    boards = [str(m.blocks) for m in said if m.blocks]
    assert any("errors" in board and "control" in board for board in boards)
    assert any("memory" in m.text and "unhealthy" in m.text for m in said if m.thread)
