"""The stages of a rollout, drawn for a terminal."""

from datetime import UTC, datetime
from typing import Final

from rich.table import Table

from handlers.domain.durations import in_words
from handlers.domain.rollout import ColorProgress, Rollout, Stage, short_name

_STYLES: Final = {
    Stage.WAITING: "dim",
    Stage.ASKING: "bold cyan",
    Stage.DEPLOYING: "bold",
    Stage.VERIFYING: "bold",
    Stage.RELEASED: "green",
    Stage.FAILED: "red",
    Stage.GOING_BACK: "yellow",
    Stage.PUT_BACK: "yellow",
    Stage.STRANDED: "bold red",
}


def stages(rollout: Rollout) -> Table:
    """Draw a line a color: where it is, for how long, what it runs."""
    table = Table(title=f"{rollout.application} {rollout.release.name}", title_justify="left")
    for heading in ("", "color", "stage", "since", "runs", ""):
        table.add_column(heading)
    for progress in rollout.colors.values():
        table.add_row(
            f"[{progress.color}]●[/]",
            progress.color,
            f"[{_STYLES[progress.stage]}]{progress.stage.replace('_', ' ')}[/]",
            _since(progress, rollout),
            short_name(rollout.runs(progress.color)),
            progress.detail[:60],
        )
    return table


def _since(progress: ColorProgress, rollout: Rollout) -> str:
    reached = progress.times.get(progress.stage)
    if reached is None or not rollout.is_open:
        return ""
    return in_words(datetime.now(UTC) - reached)
