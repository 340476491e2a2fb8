"""The scenarios of `make demo` that set rules of their own for questions, on the real sandbox.

Rules belong to an application, so a sandbox can hold as many as it has applications; how soon
questions are looked at again belongs to the sandbox.
"""

from collections import defaultdict
from contextlib import ExitStack

import pytest

from sandbox.sandbox import running_sandbox
from sandbox.scenarios import SCENARIOS
from tests.wire.playing import ACCELERATION, play

pytestmark = pytest.mark.wire

APPLICATIONS = ("api", "web")
RULED = {n: s for n, s in SCENARIOS.items() if s.approvals or s.people_acceleration != 1}


def places():
    """Give each scenario a place: how soon people are asked again, which sandbox, which rules."""
    rules = defaultdict(list)
    for scenario in RULED.values():
        of_its_kind = rules[scenario.people_acceleration]
        if scenario.approvals not in of_its_kind:
            of_its_kind.append(scenario.approvals)
    return {
        name: (s.people_acceleration, *divmod(rules[s.people_acceleration].index(s.approvals), 2))
        for name, s in RULED.items()
    }


PLACES = places()
ORDER = sorted(RULED, key=lambda name: PLACES[name])


@pytest.fixture(scope="module")
def sandbox_of():
    """Give a function from a scenario to a sandbox with its rules, and to its application there."""
    with ExitStack() as stack:
        running = {}

        def find(name):
            hurry, number, place = PLACES[name]
            if (hurry, number) not in running:
                stack.close()
                settings = {
                    APPLICATIONS[PLACES[other][2]]: {"approvals": dict(scenario.approvals)}
                    for other, scenario in RULED.items()
                    if PLACES[other][:2] == (hurry, number)
                }
                opening = running_sandbox(
                    ACCELERATION, settings=settings, people_acceleration=hurry
                )
                running.clear()
                running[hurry, number] = stack.enter_context(opening)
            return running[hurry, number], APPLICATIONS[place]

        yield find


@pytest.mark.parametrize("name", ORDER)
def test_a_scenario_with_rules_of_its_own_ends_rightly(sandbox_of, name):
    sandbox, application = sandbox_of(name)
    before = sandbox.runs(application)

    run = play(sandbox, name, application)

    assert run.problems == []
    assert run.result.previous == before
    assert run.result.colors == before or len(set(run.result.colors.values())) == 1
