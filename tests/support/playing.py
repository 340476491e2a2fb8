"""What the tests on the real sandbox share: scenarios to play, and ways to look at what came."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

from handlers.domain.model.rollout import Rollout
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios import group_scenarios
from sandbox.scenarios.actors import Actors
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start
from sandbox.scenarios.runner import Run, run_scenario
from sandbox.scenarios.scenario import Scenario
from tests.support.patience import PATIENCE

ACCELERATION = 120
"""A deployment of two minutes takes a second; the handlers still have time to see it."""
BRIEFLY = group_scenarios.BRIEFLY
GOOD = ("v1.42.0", "v1.42.1")
"""Good releases; whichever does not run is new."""

_numbers = count(1)


@contextmanager
def patient_sandbox(*arguments: Any, **named: Any) -> Iterator[Sandbox]:
    """Run a sandbox in which Slack waits for its app as long as a busy machine may take."""
    with running_sandbox(*arguments, **named) as sandbox:
        sandbox.people.timeout = PATIENCE
        yield sandbox


def a_name() -> str:
    """Return a name that no execution has yet."""
    return f"rollout-{next(_numbers)}"


def tag_of(sandbox: Sandbox, application: str) -> str:
    """Return the image tag that an application's red runs."""
    services = sandbox.view()["services"]
    return next(s["image"] for s in services if s["application"] == application)


def anew(sandbox: Sandbox, name: str, application: str = "api") -> Scenario:
    """Return a scenario with a release that does not run already."""
    scenario = SCENARIOS[name]
    if scenario.tag not in GOOD:
        return scenario
    running = tag_of(sandbox, application)
    return replace(scenario, tag=next(tag for tag in GOOD if tag != running))


def play(sandbox: Sandbox, name: str, application: str = "api") -> Run:
    """Play a scenario in a sandbox that may have played others before."""
    scenario = anew(sandbox, name, application)
    return run_scenario(sandbox, name, scenario, execution=a_name(), application=application)


def play_on(sandbox: Sandbox, execution: str) -> dict[str, Any]:
    """Have bob approve what is left of a rollout, until it ends; return how it ended."""
    return Actors(sandbox, SCENARIOS["happy"], execution, automatic=True).until_ended(
        lambda _: None
    )


def begin(sandbox: Sandbox) -> tuple[str, Rollout]:
    """Start a rollout, and wait until it asks about red; return its execution and its record."""
    scenario = anew(sandbox, "happy")
    execution = start(sandbox, a_name(), scenario.input_for())
    play = Actors(sandbox, scenario, execution, automatic=False)

    def asking() -> Rollout | None:
        rollout = play.rollouts.get(play.name)
        return rollout if rollout and rollout.board and rollout.colors["red"].approval else None

    return execution, looking(asking)


def looking(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Look until a condition gives something, and return that; a busy machine takes long."""
    end = time.monotonic() + seconds
    found = condition()
    while not found and time.monotonic() < end:
        time.sleep(0.02)
        found = condition()
    return found


def stop(sandbox: Sandbox, execution: str) -> None:
    sandbox.client("stepfunctions").stop_execution(executionArn=execution, cause="enough")


def described(sandbox: Sandbox, execution: str) -> Any:
    return sandbox.client("stepfunctions").describe_execution(executionArn=execution)


def locks(sandbox: Sandbox) -> Any:
    """Read the locks that are held."""
    return scanned(sandbox, "Locks")


def scanned(sandbox: Sandbox, table: str) -> Any:
    """Read all items of a table of the template."""
    name = sandbox.stack.tables[table]
    return sandbox.client("dynamodb").scan(TableName=name, ConsistentRead=True)["Items"]
