"""What others do before and during a scenario's rollout. Tested in `tests/e2e`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from handlers.domain.model.rollout import Rollout, Stage
from sandbox.host.event_delivery import AT_ONCE
from sandbox.host.sandbox import Sandbox
from sandbox.world.service_requests import ServiceChange, ServiceRequest

PUSHES: Final = ("v1.44.0", "v1.44.1", "v1.44.2")
"""Tags that are not there when a sandbox begins: builds that end during a scenario."""
BATCH: Final = "nightly-batch"
_PLACED_WITHIN: Final = timedelta(seconds=5)
"""In which ECS has placed a service's tasks."""


def keep_world(_sandbox: Sandbox, _application: str) -> None:
    """Begin with everything as it is."""


def lower_traffic(sandbox: Sandbox, application: str) -> None:
    """Begin when hardly anybody is awake: six requests a minute."""
    with sandbox.lock:
        sandbox.world.traffic.rates[application] = 6


def fire_red_alarm(sandbox: Sandbox, application: str) -> None:
    """Begin while an alarm of red fires."""
    with sandbox.lock:
        sandbox.world.alarms.force_state(f"{application}-red-5xx")


def fill_cluster(sandbox: Sandbox, application: str) -> None:
    """Begin while a nightly batch has all the room that a task of the application would need."""
    with sandbox.lock:
        world, configured = sandbox.world, sandbox.applications[application]
        cluster = world.cluster(configured.cluster)
        like = world.service(cluster, configured.services["red"]).primary.task_definition
        batch = world.register_task_definition({**like.content, "family": BATCH})
        left = sum(item.remaining_cpu // batch.cpu for item in cluster.instances.values())
        world.create_service(
            cluster, ServiceRequest(name=BATCH, task_definition=batch.arn, desired_count=left)
        )
        world.advance(world.now + _PLACED_WITHIN)


def take_metrics_down(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Take CloudWatch down as red is deployed, and bring it back once people are asked about it."""
    red = rollout.colors.get("red")
    if red is not None and red.stage is Stage.DEPLOYING:
        sandbox.world.telemetry.availability = "down"
    if red is not None and red.stage is Stage.UNCLEAR:
        sandbox.world.telemetry.availability = "ok"
        return True
    return False


def do_nothing(_sandbox: Sandbox, _rollout: Rollout) -> bool:
    """Let nothing happen meanwhile."""
    return True


def no_problems(_sandbox: Sandbox, _rollout: Rollout) -> list[str]:
    """Expect nothing else to have come of it."""
    return []


def lose_events_of_red(event: Mapping[str, Any]) -> Sequence[float]:
    """Lose every event about red."""
    return () if event["resources"][0].endswith("-red") else AT_ONCE


def deploy_red_by_hand(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Deploy a revision of one's own to red, as soon as Shingo's deployment is under way."""
    red = rollout.colors.get("red")
    if red is None or red.stage is not Stage.DEPLOYING or not red.deployment:
        return False
    with sandbox.lock:
        world = sandbox.world
        service = world.service(world.cluster(red.cluster), red.service)
        content = {**service.primary.task_definition.content, "cpu": "512"}
        hotfix = world.register_task_definition(content)
        world.update_service(service, ServiceChange(task_definition=hotfix.arn))
    return True


def stop_execution(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Stop the execution while it asks about yellow, with red on the new release."""
    if not _asks_about(rollout, "yellow"):
        return False
    sandbox.client("stepfunctions").stop_execution(
        executionArn=rollout.execution, cause="Stopped by an operator."
    )
    return True


def redeploy_green(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Redeploy green as it is, while people look at yellow's question."""
    if not _asks_about(rollout, "yellow"):
        return False
    green = rollout.colors["green"]
    with sandbox.lock:
        world = sandbox.world
        service = world.service(world.cluster(green.cluster), green.service)
        world.update_service(service, ServiceChange(force_new_deployment=True))
    return True


def take_slack_down(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Take Slack down as red is being deployed, and bring it back once yellow is asked about."""
    if rollout.colors and rollout.colors["red"].stage is Stage.DEPLOYING:
        sandbox.workspace.availability = "down"
    if _asks_about(rollout, "yellow"):
        sandbox.workspace.availability = "ok"
        return True
    return False


def finish_build(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Push the image once the board says that it is waited for."""
    what = rollout.awaits.what if rollout.awaits else ""
    if not what or not sandbox.board_says(f"waiting for {what} to be pushed"):
        return False
    sandbox.push(rollout.application, rollout.release.name)
    return True


def fail_scan(sandbox: Sandbox, rollout: Rollout) -> bool:
    """End the scan of the image, badly, once the board says that it is waited for."""
    if not rollout.awaits or not sandbox.board_says(
        f"waiting for the scan of {rollout.awaits.what}"
    ):
        return False
    sandbox.scan(rollout.application, rollout.awaits.digest, {"CRITICAL": 1, "MEDIUM": 4})
    return True


def double_push_events(event: Mapping[str, Any]) -> Sequence[float]:
    """Have ECR tell twice of every push."""
    return (*AT_ONCE, *AT_ONCE) if event["source"] == "aws.ecr" else AT_ONCE


def push_newer_images(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Push a newer image while red is asked about, and the next once a color has changed.

    That one is waited for, until its board says that it waits its turn.
    """
    tag, turn = rollout.release.name, f"waiting its turn: {rollout.id} has"
    if tag == PUSHES[0] and _asks_about(rollout, "red"):
        sandbox.push(rollout.application, PUSHES[1])
        return True
    if tag == PUSHES[1] and rollout.changed_colors:
        if PUSHES[2] not in sandbox.tags.values():
            sandbox.push(rollout.application, PUSHES[2])
        return sandbox.board_says(turn)
    return tag == PUSHES[2]


def _asks_about(rollout: Rollout, color: str) -> bool:
    progress = rollout.colors.get(color)
    return progress is not None and progress.stage is Stage.ASKING
