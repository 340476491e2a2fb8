"""What the records of rollouts and of groups have in common: a board, a sweep and one end.

Tested in `test_rollout_store.py` and `test_group_store.py`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final, Generic, TypeVar

from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import GroupOutcome, RolloutOutcome
from handlers.domain.model.rollout import Board
from handlers.gateways.dynamodb_items import Item
from handlers.gateways.dynamodb_table import ConditionFailed, Table

KEPT: Final = timedelta(days=730)
"""How long a rollout or a group is remembered."""
R = TypeVar("R")


class BoardRecords(Generic[R]):
    """The records of one kind; of each its id is given, which is its execution's name."""

    kind: ClassVar[str]

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, record: str, /) -> R | None:
        item = self._table.get(self._key(record))
        return self._record(item) if item else None

    def read(self, record: str, /) -> R:
        """Read one that must be there.

        Raises:
            NotThere: it is not.
        """
        found = self.get(record)
        if found is None:
            raise NotThere(f"there is no record of {self.kind} {record}")
        return found

    def set_board_once(self, record: str, board: Board, /) -> R:
        return self._change(record, {"board?": board})

    def replace_board(self, record: str, board: Board, /, *, instead_of: Board) -> R:
        """Record a board in place of one that cannot be edited, unless another has been."""
        return self._change_if(record, {"board": board}, {"board.ts": instead_of.ts})[0]

    def mark_board(self, record: str, /, *, is_behind: bool) -> R:
        """Record whether the board does not say what the record says."""
        return self._change(record, {"board_is_behind": is_behind})

    def mark_swept(self, record: str, /) -> R:
        """Record that the sweeper has checked what has ended for leftovers."""
        return self._change(record, {"is_mended": True})

    def close(
        self, record: str, /, *, outcome: RolloutOutcome | GroupOutcome, cause: str, now: datetime
    ) -> R | None:
        """End it, once; return None when it had ended before.

        Its board is behind from then on, until somebody has drawn the end.
        """
        changes = {"outcome": outcome, "cause": cause, "ended": now, "board_is_behind": True}
        try:
            item = self._table.update(self._key(record), changes, "outcome = :open", open="")
        except ConditionFailed:
            return None
        return self._record(item)

    def _key(self, record: str) -> str:
        return record

    def _record(self, item: Item) -> R:
        raise NotImplementedError

    def _newest(self, application: str, most: int) -> list[R]:
        items = self._table.newest("by-application", "application", application, most)
        return [self._record(item) for item in items]

    def _change(self, record: str, paths: Mapping[str, object]) -> R:
        return self._record(self._table.update(self._key(record), paths))

    def _change_if(
        self, record: str, paths: Mapping[str, object], still: Mapping[str, object]
    ) -> tuple[R, bool]:
        """Change what still stands so; return how it then stands, and whether this changed it."""
        try:
            return self._record(self._table.update(self._key(record), paths, seen=still)), True
        except ConditionFailed:
            return self.read(record), False
