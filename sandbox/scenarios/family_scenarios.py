"""A task definition family for each color, and whether a rollout leaves each its own.

Tested in `tests/e2e/test_scenarios_ruled.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers.domain.model.rollout import Rollout
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.instance_scenarios import wait_until
from sandbox.world.example_world import own_definition, tags
from sandbox.world.service_requests import ServiceChange


def give_families(sandbox: Sandbox, application: str) -> None:
    """Begin when each color runs a family of its own, as the usual Terraform modules make them."""
    configured = sandbox.applications[application]
    with sandbox.lock:
        world = sandbox.world
        cluster = world.cluster(configured.cluster)
        services = {c: world.service(cluster, s) for c, s in configured.services.items()}
        for color, service in services.items():
            own = own_definition(service.primary.task_definition.content, color)
            made = world.register_task_definition(own, tags(own["family"]))
            world.update_service(service, ServiceChange(task_definition=made.arn))
    wait_until(
        sandbox,
        lambda: all(
            len(each.deployments) == 1 and each.primary.rollout == "COMPLETED"
            for each in services.values()
        ),
    )


def families_kept(sandbox: Sandbox, rollout: Rollout) -> list[str]:
    """Return where a color runs more of another definition than the release's images."""
    with sandbox.lock:
        known = sandbox.world.task_definitions
        runs = sandbox.runs(rollout.application)
        pairs = {
            color: (known.find(progress.previous).content, known.find(runs[color]).content)
            for color, progress in rollout.colors.items()
        }
    return [
        f"{color} runs {runs[color]}, which changes more than images"
        for color, (before, after) in pairs.items()
        if _without_images(before) != _without_images(after)
    ]


def _without_images(content: Mapping[str, Any]) -> dict[str, Any]:
    containers = [{**each, "image": ""} for each in content["containerDefinitions"]]
    return {**content, "containerDefinitions": containers}
