"""What a terminal shows of a rollout: how it begins, and its stages as they happen.

Tested in `tests/e2e/test_serve.py`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from handlers.domain.model.durations import in_words
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from sandbox.scenarios.scenario import Scenario

_STYLES: Final = {
    Stage.WAITING: "dim",
    Stage.ASKING: "bold cyan",
    Stage.DEPLOYING: "bold",
    Stage.VERIFYING: "bold",
    Stage.UNCLEAR: "bold yellow",
    Stage.RELEASED: "green",
    Stage.FAILED: "red",
    Stage.GOING_BACK: "yellow",
    Stage.PUT_BACK: "yellow",
    Stage.STRANDED: "bold red",
}
_NARROW: Final = 46
"""Characters of a color's detail that fit beside its other columns in 80."""

_BY_HAND: Final = (
    "[bold]Open the channel in a browser.[/] alice has asked for a rollout. There, choose to be "
    "[bold]bob[/], and press [bold]Approve[/] or [bold]Reject[/] for each color. "
    "Ctrl-C ends it all."
)


def opening(
    name: str, scenario: Scenario, document: Mapping[str, str], address: str, *, by_hand: bool
) -> RenderableType:
    """Say where the channel is, what was started, and what is to be done now.

    Args:
        name: the scenario's.
        scenario: what happens.
        document: the execution's input.
        address: of the channel's page.
        by_hand: whether people answer.
    """
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_row("The Slack channel", Text(address, "bold underline"))
    facts.add_row("Scenario", Text.assemble((name, "bold"), f": {scenario.description}"))
    facts.add_row("start-execution", Text(json.dumps(document)))
    lines: list[RenderableType] = [facts]
    if by_hand:
        lines += ["", _BY_HAND]
    return Panel(Group(*lines), expand=False, border_style="dim")


def stages(rollout: Rollout, page: str = "") -> RenderableType:
    """Draw a line a color: where it is, for how long, what it runs.

    Args:
        rollout: as it is recorded now.
        page: where its questions are answered; empty where nobody needs to be told.
    """
    title = f"[bold]{rollout.application} {rollout.release.name}[/]"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("", "color", "stage", "since", "runs", ""):
        table.add_column(heading)
    for progress in rollout.colors.values():
        table.add_row(
            f"[{progress.color}]●[/]",
            progress.color,
            f"[{_STYLES[progress.stage]}]{progress.stage.replace('_', ' ')}[/]",
            _since(progress, rollout),
            short_name(rollout.runs(progress.color)),
            progress.detail[:_NARROW],
        )
    asking = [c.color for c in rollout.colors.values() if c.stage is Stage.ASKING]
    if not (page and asking and rollout.is_open):
        return table
    waits = f"[bold cyan]▶[/] Shingo asks about [bold]{asking[0]}[/]: answer as bob at {page}"
    return Group(table, waits)


def _since(progress: ColorProgress, rollout: Rollout) -> str:
    reached = progress.times.get(progress.stage)
    if reached is None or not rollout.is_open:
        return ""
    return in_words(datetime.now(UTC) - reached)
