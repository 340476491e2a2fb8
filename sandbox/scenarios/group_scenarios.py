"""The scenarios of groups in the sandbox, and their runner.

Tested in `tests/e2e/test_ways_in.py`.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from handlers.domain.model.group import Group, IfOneFails, Order, Part
from handlers.domain.model.group import returning_name as back_of
from handlers.domain.model.outcomes import GroupOutcome
from handlers.domain.model.rollout import Rollout
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.group_store import GroupRecords
from handlers.slack.messages.rollout_text import rollout_summary
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actors import POLL_SECONDS, TIMEOUT_SECONDS, Actors, ScenarioTimeoutError
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import end_of, start
from sandbox.stories.right_end import differences, outcome_problems, revision_problems
from sandbox.stories.story import Story

BRIEFLY: Final[Mapping[str, Any]] = {
    "verification": {
        "bake": "1 s",
        "bake_at_most": "2 s",
        "requests": 0,
        "metrics": {
            name: {"off": True} for name in ("requests", "errors", "latency", "memory", "cpu")
        },
        "logs": {"errors": {"off": True}},
    }
}
"""Settings of scenarios about something else: only tasks, targets and alarms are verified."""


def group_input(
    order: Order = Order.IN_ORDER, if_one_fails: IfOneFails = IfOneFails.STOP
) -> dict[str, str]:
    """Return the input of a group beside its applications."""
    return {"order": order, "ifOneFails": if_one_fails}


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupScenario(Story):
    """A story of a group in the sandbox."""

    description: str
    outcome: str = GroupOutcome.COMPLETED
    applications: tuple[str, ...] = ("web", "api")
    reason: str = "faster search"
    group: Mapping[str, str] | None = field(default_factory=group_input)
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Application → where it ends, where that is not `completed`."""


GROUP_SCENARIOS: Final[Mapping[str, GroupScenario]] = {
    "two-applications": GroupScenario(
        description="web and api as one release, color by color together",
        group=group_input(Order.IN_STEP),
    ),
    "group-failure": GroupScenario(
        description="web completes, then api's tasks exit: web goes back too",
        tag="v1.43.0-crash-in-api",
        group=group_input(if_one_fails=IfOneFails.ROLL_BACK),
        outcome=GroupOutcome.FAILED,
        parts={"web": Part.PUT_BACK, "api": Part.FAILED},
    ),
    "group-stopped": GroupScenario(
        description="api's tasks exit while web goes along: web is taken back half-way",
        tag="v1.43.0-crash-in-api",
        group=group_input(Order.IN_STEP),
        outcome=GroupOutcome.FAILED,
        parts={"web": Part.FAILED, "api": Part.FAILED},
    ),
}
"""Name → scenario."""


@dataclass(frozen=True, kw_only=True)
class GroupRun:
    """The result of a group, and its differences from the right end."""

    group: Group | None
    result: Mapping[str, Any]
    problems: list[str]


def run_group(
    sandbox: Sandbox,
    name: str,
    scenario: GroupScenario,
    *,
    execution: str = "",
    automatic: bool = True,
    timeout: float = TIMEOUT_SECONDS,
    show: Callable[[Group], None] = lambda _: None,
) -> GroupRun:
    """Start a group, and play its people until its execution has ended.

    Raises:
        ScenarioTimeoutError: an automatic run did not end in time.
    """
    sandbox.ecs_calls.calls.clear()
    before = {each: sandbox.runs(each) for each in scenario.applications}
    began = time.monotonic()
    arn = start(sandbox, execution or f"demo-{name}", scenario.input_for())
    until = began + timeout if automatic else math.inf
    described, group = _until_ended(sandbox, arn, until, show)
    result = {
        "scenario": name,
        **end_of(described, group),
        "applications": {m.application: m.part for m in group.in_turn} if group else {},
        "colors": {each: sandbox.runs(each) for each in scenario.applications},
        "previous": before,
        "ecs_calls": dict(sandbox.ecs_calls.calls),
        "seconds": round(time.monotonic() - began, 1),
    }
    return GroupRun(
        group=group, result=result, problems=_problems(sandbox, group, result, scenario)
    )


def _until_ended(
    sandbox: Sandbox, arn: str, until: float, show: Callable[[Group], None]
) -> tuple[Mapping[str, Any], Group | None]:
    """Have people answer until a group's execution has ended; without a limit, others do.

    Raises:
        ScenarioTimeoutError: it has not ended in time.
    """
    groups = GroupRecords(Table(sandbox.client("dynamodb"), sandbox.stack.tables["Rollouts"]))
    automatic = until < math.inf
    machine, actors_by_rollout = sandbox.client("stepfunctions"), dict[str, Actors]()
    while True:
        group = groups.get(arn.rsplit(":", 1)[-1])
        if group is not None:
            show(group)
            _answer_open(sandbox, group, actors_by_rollout, automatic=automatic)
        described = machine.describe_execution(executionArn=arn)
        if described["status"] != "RUNNING":
            break
        if time.monotonic() > until:
            left = "; ".join(
                rollout_summary(r) for actors in actors_by_rollout.values() if (r := _open(actors))
            )
            raise ScenarioTimeoutError(f"{arn} has not ended in time: {left}")
        time.sleep(POLL_SECONDS)
    return described, groups.get(arn.rsplit(":", 1)[-1])


def _answer_open(
    sandbox: Sandbox, group: Group, actors_by_rollout: dict[str, Actors], *, automatic: bool
) -> None:
    """Have bob answer the open questions of every open rollout."""
    *place, machine, _ = group.execution.split(":")
    for member in (*group.of(Part.OPEN), *group.of(Part.GOING_BACK)):
        is_back = member.part is Part.GOING_BACK
        name = back_of(group.id, member.application) if is_back else member.rollout
        arn = ":".join([*place, f"{machine.removesuffix('-group')}-rollout", name])
        actors = actors_by_rollout.setdefault(
            name, Actors(sandbox, SCENARIOS["happy"], arn, automatic)
        )
        rollout = _open(actors)
        if rollout is not None:
            actors.act(rollout)


def _open(actors: Actors) -> Rollout | None:
    rollout = actors.rollouts.get(actors.name)
    return rollout if rollout is not None and rollout.is_open else None


def _problems(
    sandbox: Sandbox, group: Group | None, result: Mapping[str, Any], scenario: GroupScenario
) -> list[str]:
    parts = {each: scenario.parts.get(each, Part.COMPLETED) for each in scenario.applications}
    problems = outcome_problems(result, scenario.outcome)
    problems += differences(result, {"applications": parts})
    for name, part in parts.items():
        colors, is_released = (
            (result[key][name] for key in ("colors", "previous")),
            part is Part.COMPLETED,
        )
        problems += revision_problems(name, *colors, is_released=is_released)
    return problems + _announcement_problems(sandbox, group)


def _announcement_problems(sandbox: Sandbox, group: Group | None) -> list[str]:
    """Return whether the group's end is not said once on its board and once in a message."""
    if group is None or group.board is None:
        return ["the group has no board"]
    said = [m for m in sandbox.workspace.timeline.messages if group.cause and group.cause in m.text]
    own = [m for m in said if m.ts == group.board.ts]
    announced = [m for m in said if m not in own]
    if len(own) != 1 or len(announced) != 1:
        return [f"its end is said {len(said)} times, {len(own)} of them on its board"]
    return []
