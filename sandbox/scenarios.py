"""What may happen to a rollout in the sandbox: each story, told as data, and its right end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from handlers.domain.rollout import Rollout, Stage
from handlers.slack.actions import Action
from sandbox.events import AT_ONCE, Fate, arrives_at_once
from sandbox.sandbox import Sandbox
from sandbox.world.world import ServiceChange

Meanwhile = Callable[[Sandbox, Rollout], bool]
"""What someone else does; called at each look until it says that it is done."""


def _nothing(_sandbox: Sandbox, _rollout: Rollout) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One story."""

    says: str
    outcome: str
    error: str
    status: str
    ends_on: Literal["release", "previous"]
    tag: str = "v1.42.0"
    answers: Mapping[str, Action | None] = field(default_factory=dict)
    """Color → what bob answers, None for nothing; he approves what is not named."""
    fate: Fate = arrives_at_once
    meanwhile: Meanwhile = _nothing
    then: Action | None = None
    """What bob presses on the board once the rollout has ended."""


def _loses_reds_events(event: Mapping[str, Any]) -> Sequence[float]:
    return () if event["resources"][0].endswith("/api-red") else AT_ONCE


def _someone_deploys_red(sandbox: Sandbox, rollout: Rollout) -> bool:
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


def _someone_stops_it(sandbox: Sandbox, rollout: Rollout) -> bool:
    """Stop the execution while it asks about yellow, with red on the new release."""
    yellow = rollout.colors.get("yellow")
    if yellow is None or yellow.stage is not Stage.ASKING:
        return False
    sandbox.client("stepfunctions").stop_execution(
        executionArn=rollout.execution, cause="Stopped by an operator."
    )
    return True


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "happy": Scenario(
        says="every color is approved and healthy",
        outcome="completed",
        error="",
        status="SUCCEEDED",
        ends_on="release",
    ),
    "reject-yellow": Scenario(
        says="yellow is refused: red goes back",
        answers={"yellow": Action.REJECT},
        outcome="rejected",
        error="Rejected",
        status="FAILED",
        ends_on="previous",
    ),
    "crash-on-red": Scenario(
        says="the new tasks exit: ECS's circuit breaker rolls the service back",
        tag="v1.43.0-crash",
        outcome="rolled_back",
        error="RolledBackByEcs",
        status="FAILED",
        ends_on="previous",
    ),
    "unhealthy-yellow": Scenario(
        says="yellow's targets never become healthy: ECS gives up, and red goes back too",
        tag="v1.43.0-unhealthy-on-yellow",
        outcome="rolled_back",
        error="RolledBackByEcs",
        status="FAILED",
        ends_on="previous",
    ),
    "lost-event": Scenario(
        says="ECS's events about red never arrive: the bounded look-again finds out",
        fate=_loses_reds_events,
        outcome="completed",
        error="",
        status="SUCCEEDED",
        ends_on="release",
    ),
    "overtaken": Scenario(
        says="someone else deploys red meanwhile: never a success, red is put back",
        meanwhile=_someone_deploys_red,
        outcome="superseded",
        error="Superseded",
        status="FAILED",
        ends_on="previous",
    ),
    "stop": Scenario(
        says="the execution is stopped while yellow is asked about; bob presses Roll back",
        answers={"yellow": None},
        meanwhile=_someone_stops_it,
        then=Action.ROLL_BACK,
        outcome="aborted",
        error="",
        status="ABORTED",
        ends_on="previous",
    ),
}
"""Name → story."""
