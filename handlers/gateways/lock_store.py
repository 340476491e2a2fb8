"""The locks, one for each application: which execution is rolling it out.

Tested in `test_record_stores.py`.
"""

from handlers.domain.model.lock_and_wait import Lock
from handlers.gateways.dynamodb_items import from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table


class Locks:
    """The table of locks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, application: str) -> Lock | None:
        item = self._table.get(application)
        return from_item(Lock, item) if item else None

    def all(self) -> list[Lock]:
        """Return every lock that is held."""
        return [from_item(Lock, item) for item in self._table.all()]

    def take(self, lock: Lock, *, instead_of: str = "") -> Lock:
        """Take the lock if it is free, already ours, or held by the execution `instead_of`.

        Returns:
            The lock as it then stands: ours, or the other holder's.
        """
        free = "attribute_not_exists(application) OR execution = :ours OR execution = :gone"
        try:
            self._table.put(to_item(lock), free, ours=lock.execution, gone=instead_of)
        except ConditionFailed:
            return self.get(lock.application) or self.take(lock, instead_of=instead_of)
        return lock

    def free(self, application: str, execution: str) -> None:
        """Free the lock, if this execution holds it; otherwise nothing happens."""
        try:
            self._table.delete(application, "execution = :ours", ours=execution)
        except ConditionFailed:
            return
