"""The rollouts that are remembered: one item each, changed attribute by attribute.

Steps that run side by side (three colors going back at once) change different
attributes, so none undoes another's change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Unpack

from handlers.domain.model.colors import COLORS
from handlers.domain.model.prerequisite import Awaited
from handlers.domain.model.rollout import (
    AskedQuestion,
    Board,
    ColorChanges,
    ColorProgress,
    Decision,
    Rollout,
    Stage,
)
from handlers.gateways.board_records import KEPT, BoardRecords
from handlers.gateways.dynamodb_items import Item, from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed

_PREPARED: Final = (
    "release",
    "colors",
    "changes",
    "despite",
    "known_bad",
    "rolls_back",
    "awaits",
    "locked_at",
)
"""What preparing finds, of a record."""


class Rollouts(BoardRecords[Rollout]):
    """The table of rollouts."""

    kind = "rollout"

    def create(self, rollout: Rollout) -> Rollout:
        """Record a new rollout; if it was recorded before, return what was."""
        expires = int((rollout.started + KEPT).timestamp())
        try:
            self._table.put({**to_item(rollout), "expires": expires}, "attribute_not_exists(id)")
        except ConditionFailed:
            return self.get(rollout.id) or rollout
        return rollout

    def begin(self, rollout: Rollout, waited: Awaited | None) -> Rollout:
        """Record what preparing found for a rollout that had waited for this, or was refused.

        If it waits for something else by now, or has begun or ended, return what is recorded.
        """
        found = to_item(rollout)
        changes = {name: found.get(name) for name in _PREPARED}
        still: dict[str, object] = {"outcome": "", "awaits": None}
        still |= {f"colors.{color}": None for color in COLORS}
        if waited is not None:
            still = {"awaits.kind": waited.kind, "awaits.since": waited.since}
        try:
            return self._record(self._table.update(rollout.id, changes, seen=still))
        except ConditionFailed:
            return self.get(rollout.id) or rollout

    def record_revision(self, rollout: str, revision: str, color: str = "") -> Rollout:
        """Record the task definition (ARN) that carries the release, to all colors or to one."""
        where = f"release.by_color.{color}" if color else "release"
        return self._change(rollout, {f"{where}.revision": revision})

    def ask_rollback_once(self, rollout: str, decision: Decision) -> Rollout:
        """Record that the rollout is to go back, unless that is on record already."""
        return self._change(rollout, {"roll_back_asked?": decision})

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
        self,
        rollout: str,
        seen: ColorProgress,
        *,
        now: datetime,
        asked: Mapping[str, AskedQuestion] | None = None,
        **changes: Unpack[ColorChanges],
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
        paths = _of_color(seen.color, changes, now) | _asked_paths(seen, asked or {})
        return self._change_if(rollout, paths, still)[0]

    def record_asked(
        self, rollout: str, seen: ColorProgress, asked: Mapping[str, AskedQuestion]
    ) -> Rollout:
        """Record how people are asked questions that are on record without it.

        Rollouts that began before questions had messages of their own have such.
        """
        here = f"colors.{seen.color}"
        still: dict[str, object] = {f"{here}.approval": seen.approval, f"{here}.stage": seen.stage}
        # Another may have recorded them, and a message with them, since the rollout was read.
        whole = {f"{here}.asked": asked}
        found, is_done = self._change_if(rollout, whole, still | {f"{here}.asked": None})
        if is_done:
            return found
        each = {f"{here}.asked.{name}?": one for name, one in asked.items()}
        return self._change_if(rollout, each, still)[0]

    def set_question_message_once(
        self, rollout: str, color: str, question: str, message: Board, *, gone: Board | None = None
    ) -> Rollout:
        """Record where a question's message is; only one that is gone is replaced."""
        here = f"colors.{color}.asked.{question}.message"
        if gone is None:
            return self._change(rollout, {f"{here}?": message})
        return self._change_if(rollout, {here: message}, {f"{here}.ts": gone.ts})[0]

    def close_question_message(self, rollout: str, color: str, question: str) -> Rollout:
        """Record that a question's message says how it ended."""
        return self._change(rollout, {f"colors.{color}.asked.{question}.is_closed": True})

    def postpone_question(
        self, rollout: str, color: str, question: str, until: datetime, *, is_about_health: bool
    ) -> Rollout:
        """Record when a question expires now, while it is the color's last."""
        here = f"colors.{color}"
        asked, at = ("doubt.id", "doubt.until") if is_about_health else ("approval", "until")
        still = {f"{here}.{asked}": question, "outcome": ""}
        return self._change_if(rollout, {f"{here}.{at}": until}, still)[0]

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
        return self._record(
            self._table.update(rollout.id, paths, seen={"outcome": rollout.outcome})
        )

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

    def _change_doubt(
        self, rollout: str, color: str, doubt: str, changes: Mapping[str, object], now: datetime
    ) -> Rollout:
        here = f"colors.{color}"
        still = {"outcome": "", f"{here}.stage": Stage.UNCLEAR, f"{here}.doubt.id": doubt}
        return self._change_if(rollout, _of_color(color, changes, now), still)[0]

    def newest(self, application: str, most: int) -> list[Rollout]:
        """Return an application's rollouts, newest first."""
        return self._newest(application, most)

    def _record(self, item: Item) -> Rollout:
        """Read a rollout, its colors in the order of a release: DynamoDB's maps keep none."""
        colors = item["colors"]["M"]
        known = {color: colors[color] for color in COLORS if color in colors}
        return from_item(Rollout, {**item, "colors": {"M": known | colors}})


def _asked_paths(seen: ColorProgress, asked: Mapping[str, AskedQuestion]) -> dict[str, object]:
    """Return the changes that add questions to those that were asked about a color.

    DynamoDB sets no attribute of a map that is not there, and older records have none.
    """
    here = f"colors.{seen.color}.asked"
    if seen.asked or not asked:
        return {f"{here}.{name}?": each for name, each in asked.items()}
    return {here: asked}


def _of_color(color: str, changes: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return the changes of one color by their paths, with when it first reached its stage."""
    paths = {f"colors.{color}.{name}": value for name, value in changes.items()}
    if "stage" in changes:
        paths[f"colors.{color}.times.{changes['stage']}?"] = now
    return paths
