"""Several applications rolled out as one release: the stories, played to their right ends."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from handlers.domain.model.group import GROUP_ERRORS, Group, IfOneFails, Order, Part
from handlers.domain.model.group import returning_name as back_of
from handlers.domain.model.outcomes import GroupOutcome
from handlers.domain.model.rollout import Rollout
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.group_store import GroupRecords
from handlers.slack.messages.rollout_text import rollout_summary
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actors import POLL_SECONDS, TIMEOUT_SECONDS, Actors, ScenarioTimeoutError
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start

REQUESTER: Final = "U0ALICE"
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
"""Verification for stories about something else: tasks, targets and alarms, and hardly a bake."""


@dataclass(frozen=True, kw_only=True)
class GroupScenario:
    """One story of a group. Bob approves whatever is asked."""

    says: str
    applications: tuple[str, ...] = ("web", "api")
    tag: str = "v1.42.0"
    order: Order = Order.IN_ORDER
    if_one_fails: IfOneFails = IfOneFails.STOP
    outcome: GroupOutcome = GroupOutcome.COMPLETED
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Application → where it ends, where that is not `completed`."""

    @property
    def asked_for(self) -> dict[str, Any]:
        """The input of its execution."""
        return {
            "applications": list(self.applications),
            "tag": self.tag,
            "order": self.order,
            "ifOneFails": self.if_one_fails,
            "requestedBy": REQUESTER,
            "reason": "faster search",
        }


GROUP_SCENARIOS: Final[Mapping[str, GroupScenario]] = {
    "two-applications": GroupScenario(
        says="web and api as one release, color by color together",
        order=Order.IN_STEP,
    ),
    "group-failure": GroupScenario(
        says="web completes, then api's tasks exit: web goes back too",
        tag="v1.43.0-crash-in-api",
        if_one_fails=IfOneFails.ROLL_BACK,
        outcome=GroupOutcome.FAILED,
        parts={"web": Part.PUT_BACK, "api": Part.FAILED},
    ),
    "group-stopped": GroupScenario(
        says="api's tasks exit while web goes along: web is taken back half-way",
        tag="v1.43.0-crash-in-api",
        order=Order.IN_STEP,
        outcome=GroupOutcome.FAILED,
        parts={"web": Part.FAILED, "api": Part.FAILED},
    ),
}
"""Name → story."""


@dataclass(frozen=True, kw_only=True)
class GroupRun:
    """What came of a group, and in what that differs from its right end."""

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
    patience: float = TIMEOUT_SECONDS,
    show: Callable[[Group], None] = lambda _: None,
) -> GroupRun:
    """Start a group, and play its people until its execution has ended.

    Raises:
        ScenarioTimeoutError: an automatic run did not end in time.
    """
    sandbox.ecs_calls.calls.clear()
    before = {each: sandbox.runs(each) for each in scenario.applications}
    began = time.monotonic()
    arn = start(sandbox, execution or f"demo-{name}", scenario.asked_for)
    groups = GroupRecords(Table(sandbox.client("dynamodb"), sandbox.stack.tables["Rollouts"]))
    machine, actors_by_rollout = sandbox.client("stepfunctions"), dict[str, Actors]()
    while True:
        group = groups.get(arn.rsplit(":", 1)[-1])
        if group is not None:
            show(group)
            _play_all(sandbox, group, actors_by_rollout, automatic=automatic)
        described = machine.describe_execution(executionArn=arn)
        if described["status"] != "RUNNING":
            break
        if automatic and time.monotonic() - began > patience:
            left = "; ".join(
                rollout_summary(r) for actors in actors_by_rollout.values() if (r := _open(actors))
            )
            raise ScenarioTimeoutError(f"{name} has not ended within {patience:.0f} s: {left}")
        time.sleep(POLL_SECONDS)
    group = groups.get(arn.rsplit(":", 1)[-1])
    result = {
        "scenario": name,
        "outcome": group.outcome if group else "",
        "execution_status": described["status"],
        "error": described.get("error", "") if described["status"] == "FAILED" else "",
        "cause": group.cause if group else described.get("cause", ""),
        "applications": {m.application: m.part for m in group.in_turn} if group else {},
        "colors": {each: sandbox.runs(each) for each in scenario.applications},
        "previous": before,
        "ecs_calls": dict(sandbox.ecs_calls.calls),
        "seconds": round(time.monotonic() - began, 1),
    }
    return GroupRun(group=group, result=result, problems=_wrong(sandbox, group, result, scenario))


def _play_all(
    sandbox: Sandbox, group: Group, actors_by_rollout: dict[str, Actors], *, automatic: bool
) -> None:
    """Have bob answer what is asked of each rollout that is open."""
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


def _wrong(
    sandbox: Sandbox, group: Group | None, result: Mapping[str, Any], scenario: GroupScenario
) -> list[str]:
    parts = {each: scenario.parts.get(each, Part.COMPLETED) for each in scenario.applications}
    expected = {
        "outcome": scenario.outcome,
        "error": GROUP_ERRORS.get(scenario.outcome, ""),
        "execution_status": "FAILED" if scenario.outcome in GROUP_ERRORS else "SUCCEEDED",
        "applications": parts,
    }
    problems = [
        f"{name} is {result[name]!r}, expected {value!r}"
        for name, value in expected.items()
        if result[name] != value
    ]
    for name, part in parts.items():
        runs, previous = result["colors"][name], result["previous"][name]
        is_new = len(set(runs.values())) == 1 and not set(runs.values()) & set(previous.values())
        if (part is Part.COMPLETED and not is_new) or (
            part is not Part.COMPLETED and runs != previous
        ):
            problems.append(f"{name} runs {runs}, and ran {previous}")
    return problems + _untold(sandbox, group)


def _untold(sandbox: Sandbox, group: Group | None) -> list[str]:
    """Say whether the group lacks its one board, or its one announcement."""
    if group is None or group.board is None:
        return ["the group has no board"]
    said = [m for m in sandbox.workspace.timeline.messages if group.cause and group.cause in m.text]
    own = [m for m in said if m.ts == group.board.ts]
    announced = [m for m in said if m not in own]
    if len(own) != 1 or len(announced) != 1:
        return [f"its end is said {len(said)} times, {len(own)} of them on its board"]
    return []
