"""What AWS does by itself in a scenario, and services that are set up in other ways.

What is set up for a scenario is put back once that has ended: a sandbox plays several. Tested in
`tests/e2e/test_scenarios.py`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from handlers.domain.model.rollout import Rollout, Stage
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.instance_scenarios import blame_problems
from sandbox.world.deployment_configuration import (
    CircuitBreaker,
    DeploymentConfiguration,
    EarlySuccess,
)
from sandbox.world.world_records import Service

AS_USUAL: Final = DeploymentConfiguration(
    circuit_breaker=CircuitBreaker(enable=True, rollback=True)
)
EARLY: Final = replace(AS_USUAL, early_success=EarlySuccess(healthy_percent=50, cleanup_after=300))
WITHOUT_BREAKER: Final = replace(AS_USUAL, circuit_breaker=CircuitBreaker())


def maintain_host_of_red(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Have AWS maintain the host of red's tasks, while red is watched."""
    red = rollout.colors.get("red")
    if red is None or red.stage is not Stage.VERIFYING:
        return False
    with sandbox.lock:
        (task, *_) = _service(sandbox, rollout.application, "red").active_tasks()
        if task.instance is None:
            raise RuntimeError(f"{task.id} runs on no instance")
        sandbox.world.maintain_host(task.instance)
    return True


def maintenance_problems(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Say of which colors the release was blamed for tasks that had to move."""
    with sandbox.lock:
        moved = [task for task in sandbox.world.tasks().values() if task.leaves_for]
    return blame_problems(rollout) if moved else ["no task was moved"]


def fail_interface_of_red(sandbox: Sandbox, application: str) -> None:
    """Begin when the next network interface of red's tasks will not come."""
    with sandbox.lock:
        _service(sandbox, application, "red").interfaces_to_fail = 1


def configure(configuration: DeploymentConfiguration) -> Callable[[Sandbox, str], None]:
    """Return what begins with every service set up so."""

    def prepare(sandbox: Sandbox, application: str) -> None:
        with sandbox.lock:
            for color in sandbox.applications[application].services:
                _service(sandbox, application, color).configuration = configuration

    return prepare


def old_tasks_problems(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Say where an early success was taken for the end, and set the services up as usual."""
    configure(AS_USUAL)(sandbox, rollout.application)
    with sandbox.lock:
        services = [_service(sandbox, rollout.application, color) for color in rollout.colors]
        left = [each.name for each in services if len(each.deployments) > 1]
    return [f"old tasks of {name} serve beside those of the release" for name in left]


def without_breaker_problems(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Say what was wrong about the end of a crash loop, and set the services up as usual."""
    configure(AS_USUAL)(sandbox, rollout.application)
    words = "no circuit breaker of ECS ends that"
    return [] if words in rollout.cause else [f"the cause is {rollout.cause}, expected: … {words}"]


def hand_red_to_code_deploy(sandbox: Sandbox, application: str) -> None:
    """Begin when red is deployed by CodeDeploy."""
    with sandbox.lock:
        _service(sandbox, application, "red").controller = "CODE_DEPLOY"


def kind_problems(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Say what was wrong about the refusal, and hand red back to ECS."""
    with sandbox.lock:
        _service(sandbox, rollout.application, "red").controller = "ECS"
    is_named = "is deployed by CODE_DEPLOY" in rollout.cause
    return [] if is_named else [f"the cause is {rollout.cause}, expected the controller's name"]


def _service(sandbox: Sandbox, application: str, color: str) -> Service:
    configured, world = sandbox.applications[application], sandbox.world
    return world.service(world.cluster(configured.cluster), configured.services[color])
