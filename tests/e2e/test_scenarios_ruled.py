"""The scenarios of `make demo` that set rules of their own for questions, on the real sandbox.

Rules belong to an application, so each scenario has an application of its own in one sandbox.
"""

import tomllib

import pytest

from handlers.domain.config.people import TABLE as PEOPLE
from operations.package import APPLICATIONS
from sandbox.scenarios.actions import keep_world
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.runner import APPLICATION
from tests.support.playing import ACCELERATION, BRIEFLY, patient_sandbox, play

pytestmark = pytest.mark.wire

RULED = {n: s for n, s in SCENARIOS.items() if s.has_rules or s.people_acceleration != 1}
HURRY = max(scenario.people_acceleration for scenario in RULED.values())
# What expires must not meet functions that have yet to start.
ORDER = sorted(RULED, key=lambda name: "expires_after" in RULED[name].settings.get("approvals", {}))


@pytest.fixture(scope="module")
def sandbox():
    usual = tomllib.loads(APPLICATIONS.read_text())[APPLICATION]["approvals"]
    rules = {
        name: BRIEFLY
        | scenario.settings
        | {"approvals": usual | scenario.settings.get("approvals", {})}
        for name, scenario in RULED.items()
    }
    people = {name: ids for s in RULED.values() for name, ids in s.people.items()}
    rules |= {PEOPLE: people}
    with patient_sandbox(ACCELERATION, settings=rules, people_acceleration=HURRY) as running:
        yield running


@pytest.mark.parametrize("name", ORDER)
def test_a_scenario_with_rules_of_its_own_ends_rightly(sandbox, name):
    before = sandbox.runs(name)

    run = play(sandbox, name, application=name)

    assert run.problems == []
    if RULED[name].prepare is keep_world:
        assert run.result.previous == before
        assert run.result.colors == before or len(set(run.result.colors.values())) == 1
