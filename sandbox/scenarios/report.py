"""What came of a rollout in the sandbox: for people as a table, for programs as one JSON line.

Tested in `tests/e2e/test_scenarios.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from handlers.domain.history.audit import AuditEntry
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout, Stage, short_name
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.scenario import ANY, ANYBODY, Scenario
from sandbox.stories.right_end import outcome_problems, revision_problems


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
    evidence: Mapping[str, Mapping[str, str]]
    """Color → check → verdict, of the last look."""
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


def evidence(rollout: Rollout) -> dict[str, dict[str, str]]:
    """List what each check found in the last look at each color."""
    return {
        progress.color: {each.check: each.verdict for each in progress.evidence.results}
        for progress in rollout.colors.values()
        if progress.evidence
    }


def wrong(result: Result, scenario: Scenario) -> list[str]:
    """Say in what the result differs from the scenario's right end; nothing when it is right."""
    problems = outcome_problems(vars(result), scenario.outcome) + revision_problems(
        scenario.applications[0],
        result.colors,
        result.previous,
        is_released=scenario.outcome == RolloutOutcome.COMPLETED,
    )
    for color, check, verdict in scenario.evidence:
        seen = result.evidence.get(color, {})
        if verdict not in (seen.values() if check == ANY else [seen.get(check)]):
            problems.append(f"{check} of {color}: found {seen}, expected {verdict}")
    found = iter(result.audit)
    for kind, who in scenario.audit:
        start = f"{kind} " if who == ANYBODY else f"{kind} {who} "
        if not any(line.startswith(start) for line in found):
            problems.append(f"the audit lacks {kind} by {who}, in its place: {result.audit}")
            break
    return problems


def entry_line(entry: AuditEntry) -> str:
    """Write an audit entry in one line."""
    return f"{entry.kind} {entry.actor} {entry.color}: {entry.detail}"


def untold(sandbox: Sandbox, scenario: Scenario, since: int = 0) -> list[str]:
    """Say who was not told, alone, what they should have been.

    Args:
        sandbox: where.
        scenario: what should have been told.
        since: how many messages the channel had when it began.
    """
    said = sandbox.workspace.timeline.messages[since:]
    missing = []
    for name, words in scenario.told.items():
        person = "" if name == ANYBODY else sandbox.workspace.person(name).id
        private = [line for line in said if line.audience and person in {"", line.audience}]
        if not any(words in line.text for line in private):
            missing.append(f"{name} was not told {words!r}")
    return missing


def print_summary(
    console: Console, rollout: Rollout, result: Result, known: Mapping[str, str]
) -> None:
    """Show which revision each color runs, what was decided by whom, how long each part took.

    Args:
        console: where.
        rollout: as it is recorded.
        result: as it was measured.
        known: what else people call a revision (`api:2`, by its image's tag) or a user id.
    """
    title = f"[bold]{rollout.application} {rollout.release.name}: {result.outcome}[/]"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in _HEADINGS:
        table.add_column(heading)
    for color, progress in rollout.colors.items():
        decision, times = progress.decision, progress.times
        table.add_row(
            color,
            _called(short_name(progress.previous), known),
            _called(result.colors.get(color, ""), known),
            f"{decision.outcome} by {known.get(decision.by, decision.by)}" if decision else "",
            _between(times, Stage.ASKING, decision.at if decision else None),
            _between(times, Stage.DEPLOYING, times.get(Stage.VERIFYING)),
            _between(times, Stage.GOING_BACK, times.get(Stage.PUT_BACK)),
        )
    console.print(table)
    if result.cause:
        console.print(result.cause, markup=False)
    asked = sum(result.ecs_calls.values())
    console.print(
        f"{result.execution_status} {result.error} in {result.seconds} s, with "
        f"{result.state_transitions} state transitions and {asked} calls to ECS.".replace("  ", " ")
    )


_HEADINGS: Final = ("color", "ran", "runs now", "decided", "answer", "deploy", "back")


def _called(name: str, known: Mapping[str, str]) -> str:
    return f"{name} {known.get(name, '')}".strip()


def _between(times: Mapping[str, datetime], start: str, end: datetime | None) -> str:
    if end is None or start not in times:
        return ""
    return f"{(end - times[start]).total_seconds():.1f} s"
