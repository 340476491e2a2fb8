"""The rollouts that are remembered: one item each, changed attribute by attribute.

Steps that run side by side (three colors going back at once) change different
attributes, so none undoes another's change.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Unpack

from handlers.domain.model.colors import COLORS
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.prerequisite import Awaited
from handlers.domain.model.rollout import (
    Board,
    ColorChanges,
    ColorProgress,
    Decision,
    Rollout,
    Stage,
)
from handlers.gateways.dynamodb_items import Item, from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table

KEPT: Final = timedelta(days=730)
"""How long a rollout is remembered."""


class Rollouts:
    """The table of rollouts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, rollout: Rollout) -> Rollout:
        """Record a new rollout; if it was recorded before, return what was."""
        expires = int((rollout.started + KEPT).timestamp())
        try:
            self._table.put({**to_item(rollout), "expires": expires}, "attribute_not_exists(id)")
        except ConditionFailed:
            return self.get(rollout.id) or rollout
        return rollout

    def begin(self, rollout: Rollout, waited: Awaited) -> Rollout:
        """Record what preparing found for a rollout that had waited for this.

        If it waits for something else by now, or for nothing more, return what is recorded.
        """
        names = ("release", "colors", "changes", "despite", "known_bad", "awaits")
        found = to_item(rollout)
        changes = {name: found.get(name) for name in names}
        still = {"awaits.kind": waited.kind, "awaits.since": waited.since}
        try:
            return _read(self._table.update(rollout.id, changes, seen=still))
        except ConditionFailed:
            return self.get(rollout.id) or rollout

    def get(self, rollout: str) -> Rollout | None:
        item = self._table.get(rollout)
        return _read(item) if item else None

    def read(self, rollout: str) -> Rollout:
        """Read one rollout that must be there.

        Raises:
            NotThere: it is not.
        """
        found = self.get(rollout)
        if found is None:
            raise NotThere(f"there is no record of rollout {rollout}")
        return found

    def record_revision(self, rollout: str, revision: str) -> Rollout:
        """Record the task definition (ARN) that carries the release."""
        return self._change(rollout, {"release.revision": revision})

    def ask_rollback_once(self, rollout: str, decision: Decision) -> Rollout:
        """Record that the rollout is to go back, unless that is on record already."""
        return self._change(rollout, {"roll_back_asked?": decision})

    def set_board_once(self, rollout: str, board: Board, /) -> Rollout:
        return self._change(rollout, {"board?": board})

    def mark_board(self, rollout: str, /, *, is_behind: bool) -> Rollout:
        """Record whether the board does not say what the record says."""
        return self._change(rollout, {"board_is_behind": is_behind})

    def mark_swept(self, rollout: str) -> Rollout:
        """Record that the sweeper has checked the ended rollout for leftovers."""
        return self._change(rollout, {"is_mended": True})

    def change_color(
        self, rollout: str, color: str, *, now: datetime, **changes: Unpack[ColorChanges]
    ) -> Rollout:
        """Set attributes of one color, noting when it first reached its stage."""
        return self._change(rollout, _of_color(color, changes, now))

    def settle_color(
        self, rollout: str, seen: ColorProgress, *, now: datetime, **changes: Unpack[ColorChanges]
    ) -> tuple[Rollout, bool]:
        """Change a color of an open rollout that is still where it was seen: stage and deployment.

        Returns:
            The rollout as it then stands, and whether this call changed it.
        """
        here = f"colors.{seen.color}"
        still = {
            "outcome": "",
            f"{here}.stage": seen.stage,
            f"{here}.deployment": seen.deployment,
        }
        return self._change_if(rollout, _of_color(seen.color, changes, now), still)

    def decide_color(self, rollout: str, color: str, decision: Decision) -> None:
        """Put an answer about a color on the record of an open rollout.

        One that has ended keeps what it ended with: a late click must not change it under its
        board.
        """
        changes = _of_color(color, {"decision": decision}, decision.at)
        self._change_if(rollout, changes, {"outcome": ""})

    def ask_about(
        self, rollout: str, seen: ColorProgress, *, now: datetime, **changes: Unpack[ColorChanges]
    ) -> Rollout:
        """Record a question about a color, unless that or the whole rollout has moved on since.

        Two runs of a handler make one question: the record names the one that counts.
        """
        here = f"colors.{seen.color}"
        still = {
            "outcome": "",
            f"{here}.stage": seen.stage,
            f"{here}.approval": seen.approval,
            f"{here}.doubt.id": seen.doubt.id if seen.doubt else None,
        }
        return self._change_if(rollout, _of_color(seen.color, changes, now), still)[0]

    def reopen(self, rollout: Rollout) -> Rollout:
        """Take up a rollout again whose execution was ended from outside and then redriven.

        What people were asked was withdrawn when it ended, so it is to be asked anew.
        """
        paths: dict[str, object] = {
            "outcome": "",
            "cause": "",
            "ended": None,
            "is_mended": False,
        }
        for color in rollout.colors.values():
            if color.approval and color.decision is None:
                paths[f"colors.{color.color}.approval"] = ""
            if color.doubt and color.doubt.decision is None:
                paths[f"colors.{color.color}.doubt"] = None
        return _read(self._table.update(rollout.id, paths, seen={"outcome": rollout.outcome}))

    def record_doubt_approvals(
        self, rollout: str, color: str, doubt: str, approved_by: tuple[str, ...], *, now: datetime
    ) -> Rollout:
        """Record who has approved so far, while people are asked by this question."""
        return self._change_doubt(rollout, color, doubt, {"doubt.approved_by": approved_by}, now)

    def decide_doubt(
        self, rollout: str, color: str, doubt: str, decision: Decision, stage: Stage | None
    ) -> Rollout:
        """Record the answer about an unclear verdict, while people are asked by this question.

        An answer that comes twice, or that a handler brings late, changes nothing.

        Args:
            rollout: its id.
            color: its name.
            doubt: the question's id.
            decision: the answer.
            stage: where the color goes on; None where it stays.
        """
        changes: dict[str, object] = {"doubt.decision": decision}
        if stage is not None:
            changes["stage"] = stage
        return self._change_doubt(rollout, color, doubt, changes, decision.at)

    def close(
        self, rollout: str, *, outcome: RolloutOutcome, cause: str, now: datetime
    ) -> Rollout | None:
        """End the rollout, once; return None when it had ended before.

        Its board is behind from then on, until somebody has drawn the end.
        """
        changes = {"outcome": outcome, "cause": cause, "ended": now, "board_is_behind": True}
        try:
            item = self._table.update(rollout, changes, "outcome = :open", open="")
        except ConditionFailed:
            return None
        return _read(item)

    def _change(self, rollout: str, paths: Mapping[str, object]) -> Rollout:
        return _read(self._table.update(rollout, paths))

    def _change_doubt(
        self, rollout: str, color: str, doubt: str, changes: Mapping[str, object], now: datetime
    ) -> Rollout:
        here = f"colors.{color}"
        still = {"outcome": "", f"{here}.stage": Stage.UNCLEAR, f"{here}.doubt.id": doubt}
        return self._change_if(rollout, _of_color(color, changes, now), still)[0]

    def _change_if(
        self, rollout: str, paths: Mapping[str, object], still: Mapping[str, object]
    ) -> tuple[Rollout, bool]:
        """Change a rollout that still stands so; return how it then stands, and whether it did."""
        try:
            return _read(self._table.update(rollout, paths, seen=still)), True
        except ConditionFailed:
            return self.read(rollout), False

    def newest(self, application: str, most: int) -> list[Rollout]:
        """Return an application's rollouts, newest first."""
        items = self._table.newest("by-application", "application", application, most)
        return [_read(item) for item in items]


def _of_color(color: str, changes: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return the changes of one color by their paths, with when it first reached its stage."""
    paths = {f"colors.{color}.{name}": value for name, value in changes.items()}
    if "stage" in changes:
        paths[f"colors.{color}.times.{changes['stage']}?"] = now
    return paths


def _read(item: Item) -> Rollout:
    """Read a rollout, its colors in the order of a release: DynamoDB's maps keep none."""
    colors = item["colors"]["M"]
    known = {color: colors[color] for color in COLORS if color in colors}
    return from_item(Rollout, {**item, "colors": {"M": known | colors}})
