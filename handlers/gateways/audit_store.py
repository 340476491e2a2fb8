"""The audit's table: items are put once, and never changed or deleted."""

from handlers.domain.history.audit import AuditEntry, chronological
from handlers.gateways.dynamodb_items import from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table


class Audit:
    """The append-only table, by rollout and event."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, entry: AuditEntry) -> None:
        """Add an entry. Idempotent: of an event that is written again, the first entry stays."""
        try:
            item = {**to_item(entry), "event": entry.event}
            self._table.put(item, "attribute_not_exists(rollout)")
        except ConditionFailed:
            return

    def entries(self, rollout: str) -> list[AuditEntry]:
        """Return what happened to a rollout, in order."""
        return chronological(from_item(AuditEntry, item) for item in self._table.all_of(rollout))
