"""What came of a rollout in the sandbox: for people as a table, for programs as one JSON line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from handlers.domain.audit import Entry
from handlers.domain.durations import in_words
from handlers.domain.rollout import Rollout, Stage, short_name
from sandbox.sandbox import Sandbox
from sandbox.scenarios import ANYBODY, Scenario


@dataclass(frozen=True, kw_only=True)
class Result:
    """Everything that an automatic run is judged by."""

    scenario: str
    outcome: str
    execution_status: str
    error: str
    cause: str
    colors: Mapping[str, str]
    previous: Mapping[str, str]
    decisions: list[dict[str, str]]
    audit: list[str]
    """Each entry in one line: kind, who, color."""
    ecs_calls: Mapping[str, int]
    state_transitions: int
    seconds: float

    def as_json(self) -> str:
        """Write it on one line."""
        return json.dumps(self.__dict__)


def decisions(rollout: Rollout) -> list[dict[str, str]]:
    """List who decided what, in the order of the colors."""
    return [
        {
            "color": progress.color,
            "outcome": progress.decision.outcome,
            "by": progress.decision.by,
            "at": progress.decision.at.isoformat(timespec="seconds"),
            "reason": progress.decision.reason,
        }
        for progress in rollout.colors.values()
        if progress.decision
    ]


def wrong(result: Result, scenario: Scenario) -> list[str]:
    """Say in what the result differs from the scenario's right end; nothing when it is right."""
    expected: dict[str, Any] = {
        "outcome": scenario.outcome,
        "error": scenario.error,
        "execution_status": scenario.status,
    }
    problems = [
        f"{name} is {getattr(result, name)!r}, expected {value!r}"
        for name, value in expected.items()
        if getattr(result, name) != value
    ]
    revisions = set(result.colors.values())
    if scenario.ends_on == "previous" and result.colors != result.previous:
        problems.append(f"colors run {dict(result.colors)}, expected their previous revisions")
    if scenario.ends_on == "release" and (
        len(revisions) != 1 or revisions & set(result.previous.values())
    ):
        problems.append(f"colors run {dict(result.colors)}, expected one new revision")
    found = iter(result.audit)
    for kind, who in scenario.audit:
        start = f"{kind} " if who == ANYBODY else f"{kind} {who} "
        if not any(line.startswith(start) for line in found):
            problems.append(f"the audit lacks {kind} by {who}, in its place: {result.audit}")
            break
    return problems


def entry_line(entry: Entry) -> str:
    """Write an audit entry in one line."""
    return f"{entry.kind} {entry.actor} {entry.color}: {entry.detail}"


def untold(sandbox: Sandbox, scenario: Scenario) -> list[str]:
    """Say who was not told, alone, what they should have been."""
    said = sandbox.workspace.timeline.messages
    missing = []
    for name, words in scenario.told.items():
        person = "" if name == ANYBODY else sandbox.workspace.person(name).id
        private = [line for line in said if line.audience and person in {"", line.audience}]
        if not any(words in line.text for line in private):
            missing.append(f"{name} was not told {words!r}")
    return missing


def print_summary(console: Console, rollout: Rollout, result: Result) -> None:
    """Show which revision each color runs, what was decided by whom, how long each part took."""
    table = Table(title=f"{rollout.application} {rollout.release.name}: {result.outcome}")
    for heading in ("color", "ran", "runs now", "decided", "asked for", "deployed in"):
        table.add_column(heading)
    for color, progress in rollout.colors.items():
        decision = progress.decision
        table.add_row(
            color,
            short_name(progress.previous),
            result.colors.get(color, ""),
            f"{decision.outcome} by {decision.by}" if decision else "nothing",
            _between(progress.times, Stage.ASKING, decision.at if decision else None),
            _between(progress.times, Stage.DEPLOYING, progress.times.get(Stage.VERIFYING)),
        )
    console.print(table)
    if result.cause:
        console.print(result.cause, style="dim", markup=False)


def _between(times: Mapping[str, Any], start: Stage, end: Any) -> str:  # noqa: ANN401 - a time
    return in_words(end - times[start]) if start in times and end else ""
