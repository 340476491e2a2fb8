"""The audit's table: items are put once, and never changed or deleted."""

from handlers.domain.history.audit import Entry, in_order
from handlers.gateways.dynamodb_table import ConditionFailed, Table, from_item, to_item


class Audit:
    """The append-only table, by rollout and event."""

    def __init__(self, table: Table) -> None:
        """Keep it in this table."""
        self._table = table

    def note(self, entry: Entry) -> None:
        """Add an entry; of one event that is written again, the first stays as it is."""
        try:
            item = {**to_item(entry), "event": entry.event}
            self._table.put(item, "attribute_not_exists(rollout)")
        except ConditionFailed:
            return

    def entries(self, rollout: str) -> list[Entry]:
        """Return what happened to a rollout, in order."""
        return in_order(from_item(Entry, item) for item in self._table.all_of(rollout))
