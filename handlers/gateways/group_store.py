"""The groups that are remembered, in the rollouts' table under keys that no rollout can have."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Unpack

from handlers.domain.model.errors import NotThere
from handlers.domain.model.group import Group, Member, MemberChanges, Part
from handlers.domain.model.outcomes import GroupOutcome
from handlers.domain.model.rollout import Board
from handlers.gateways.dynamodb_items import Item, from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table

GROUPS: Final = "group:"
"""What groups have in place of an application, by whose name rollouts are listed."""
KEPT: Final = timedelta(days=730)
"""How long a group is remembered."""


class GroupRecords:
    """The groups of rollouts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, group: Group) -> Group:
        """Record a new group; if it was recorded before, return what was."""
        expires = int((group.started + KEPT).timestamp())
        keys = {"id": _key(group.id), "name": group.id, "application": GROUPS}
        item = {**to_item(group), **keys, "expires": expires}
        try:
            self._table.put(item, "attribute_not_exists(id)")
        except ConditionFailed:
            return self.read(group.id)
        return group

    def get(self, group: str) -> Group | None:
        item = self._table.get(_key(group))
        return _read(item) if item else None

    def read(self, group: str) -> Group:
        """Read one group that must be there.

        Raises:
            NotThere: it is not.
        """
        found = self.get(group)
        if found is None:
            raise NotThere(f"there is no record of group {group}")
        return found

    def newest(self, most: int) -> list[Group]:
        """Return the groups that were started last, newest first."""
        items = self._table.newest("by-application", "application", GROUPS, most)
        return [_read(item) for item in items]

    def set_board_once(self, group: str, board: Board, /) -> Group:
        return self._change(group, {"board?": board})

    def mark_board(self, group: str, /, *, is_behind: bool) -> Group:
        """Record whether the board does not say what the record says."""
        return self._change(group, {"board_is_behind": is_behind})

    def mark_swept(self, group: str) -> Group:
        """Record that the sweeper has checked the ended group for leftovers."""
        return self._change(group, {"is_mended": True})

    def mark_failed_once(self, group: str, application: str) -> Group:
        """Record which application failed, unless one has."""
        return self._change(group, {"failed?": application})

    def record_arrival(self, group: str, application: str, *, color: str, token: str) -> Group:
        """Record the color that an application has come to, and the token by which it waits."""
        here = f"members.{application}"
        return self._change(group, {f"{here}.color": color, f"{here}.token": token})

    def clear_token(self, group: str, application: str) -> Group:
        """Record that an application waits for the others no more."""
        return self._change(group, {f"members.{application}.token": ""})

    def move_member(self, group: str, seen: Member, **changes: Unpack[MemberChanges]) -> Group:
        """Set attributes of one application of an open group, while it is where it was seen.

        Of those that fail the first is the group's failure, in the same write.

        Returns:
            The group as it then is: a step that comes late changes nothing.
        """
        here = f"members.{seen.application}"
        paths: dict[str, object] = {f"{here}.{name}": each for name, each in changes.items()}
        if changes.get("part") is Part.FAILED:
            paths["failed?"] = seen.application
        still = {"outcome": "", f"{here}.part": seen.part}
        try:
            return _read(self._table.update(_key(group), paths, seen=still))
        except ConditionFailed:
            return self.read(group)

    def close(
        self, group: str, *, outcome: GroupOutcome, cause: str, now: datetime
    ) -> Group | None:
        """End the group, once; return None when it had ended before.

        Its board is behind from then on, until somebody has drawn the end.
        """
        changes = {"outcome": outcome, "cause": cause, "ended": now, "board_is_behind": True}
        try:
            item = self._table.update(_key(group), changes, "outcome = :open", open="")
        except ConditionFailed:
            return None
        return _read(item)

    def _change(self, group: str, paths: Mapping[str, object]) -> Group:
        return _read(self._table.update(_key(group), paths))


def _key(group: str) -> str:
    return f"{GROUPS}{group}"


def _read(item: Item) -> Group:
    return from_item(Group, {**item, "id": item["name"]})
