"""The groups that are remembered, in the rollouts' table under keys that no rollout can have."""

from typing import Final, Unpack

from handlers.domain.model.group import Group, Member, MemberChanges, Part
from handlers.domain.model.rollout import Board
from handlers.gateways.board_records import KEPT, BoardRecords
from handlers.gateways.dynamodb_items import Item, from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed

GROUPS: Final = "group:"
"""What groups have in place of an application, by whose name rollouts are listed."""


class GroupRecords(BoardRecords[Group]):
    """The groups of rollouts."""

    kind = "group"

    def create(self, group: Group) -> Group:
        """Record a new group; if it was recorded before, return what was."""
        expires = int((group.started + KEPT).timestamp())
        keys = {"id": self._key(group.id), "name": group.id, "application": GROUPS}
        item = {**to_item(group), **keys, "expires": expires}
        try:
            self._table.put(item, "attribute_not_exists(id)")
        except ConditionFailed:
            return self.read(group.id)
        return group

    def newest(self, most: int) -> list[Group]:
        """Return the groups that were started last, newest first."""
        return self._newest(GROUPS, most)

    def mark_failed_once(self, group: str, application: str) -> Group:
        """Record which application failed, unless one has."""
        return self._change(group, {"failed?": application})

    def record_arrival(self, group: str, application: str, *, color: str, token: str) -> Group:
        """Record the color that an application has come to, and the token by which it waits."""
        here = f"members.{application}"
        return self._change(group, {f"{here}.color": color, f"{here}.token": token})

    def record_board(self, group: str, application: str, board: Board) -> Group:
        """Record where an application's board is, which the group's board is to link to."""
        changes: dict[str, object] = {f"members.{application}.board": board}
        return self._change(group, changes | {"board_is_behind": True})

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
        return self._change_if(group, paths, still)[0]

    def _key(self, group: str) -> str:
        return f"{GROUPS}{group}"

    def _record(self, item: Item) -> Group:
        return from_item(Group, {**item, "id": item["name"]})
