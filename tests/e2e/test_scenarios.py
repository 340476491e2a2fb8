"""The scenarios of `make demo` that the committed configuration tells, on the real sandbox.

One sandbox plays them one after the other, so that its functions start cold only once.
"""

from dataclasses import replace
from functools import cache

import pytest

from sandbox.scenarios.actions import BATCH
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.group_scenarios import GROUP_SCENARIOS, run_group
from tests.support.playing import (
    ACCELERATION,
    BRIEFLY,
    GOOD,
    a_name,
    locks,
    looking,
    patient_sandbox,
    play,
    tag_of,
)

pytestmark = pytest.mark.wire

FILLING = "no-room"
PLAIN = [
    name
    for name, story in SCENARIOS.items()
    if not story.has_rules and story.people_acceleration == 1 and not story.is_about_health
    if name != FILLING
]
"""The others set rules of their own or are about health, and have a file of their own.

The one that fills the cluster comes last, and makes room again.
"""


@pytest.fixture(scope="module")
def sandbox():
    with patient_sandbox(ACCELERATION, settings={"api": BRIEFLY, "web": BRIEFLY}) as running:
        yield running


@pytest.fixture(scope="module")
def played(sandbox):
    """Give a function that plays a scenario, or says what came of it when it was played before."""

    @cache
    def once(name):
        before = sandbox.runs("api")
        return before, play(sandbox, name)

    return once


@pytest.mark.parametrize("name", PLAIN)
def test_a_scenario_ends_rightly_and_leaves_no_lock(sandbox, played, name):
    _, run = played(name)

    assert run.problems == []
    assert looking(lambda: locks(sandbox) == [])


@pytest.mark.parametrize("name", PLAIN)
def test_all_colors_run_one_revision_or_each_its_previous(played, name):
    before, run = played(name)

    assert run.result.previous == before
    assert run.result.colors == before or len(set(run.result.colors.values())) == 1


@pytest.mark.parametrize(
    ("name", "error"), [("crash-on-red", "RolledBackByEcs"), ("overtaken", "Superseded")]
)
def test_what_only_looks_stable_is_never_a_success(played, name, error):
    before, run = played(name)

    assert (run.result.execution_status, run.result.error) == ("FAILED", error)
    assert run.result.colors == before
    assert [one["color"] for one in run.result.decisions] == ["red"]


@pytest.fixture
def room_again(sandbox):
    yield
    sandbox.client("ecs").delete_service(cluster="recipes", service=BATCH, force=True)


@pytest.mark.usefixtures("room_again")
def test_a_full_cluster_refuses_at_once_and_says_what_is_needed_and_what_is_left(sandbox):
    before = sandbox.runs("api")

    run = play(sandbox, FILLING)

    assert run.problems == []
    assert run.result.colors == before
    assert "red, yellow, green: one more task needs 256 CPU units and 512 MiB" in run.result.cause
    assert "(m6i.xlarge), has 0 CPU units and " in run.result.cause
    assert "UpdateService" not in run.result.ecs_calls


@pytest.mark.parametrize("name", GROUP_SCENARIOS)
def test_several_applications_end_rightly_as_one_release_and_leave_no_lock(sandbox, name):
    story = GROUP_SCENARIOS[name]
    if story.tag in GOOD:
        runs = {tag_of(sandbox, application) for application in story.applications}
        story = replace(story, tag=next(tag for tag in GOOD if tag not in runs))

    run = run_group(sandbox, name, story, execution=a_name())

    assert run.problems == []
    assert looking(lambda: locks(sandbox) == [])
