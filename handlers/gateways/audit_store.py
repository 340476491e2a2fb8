"""The audit's table: items are put once, and never changed or deleted."""

from handlers.domain.history.audit import REQUEST_EVENT, AuditEntry, chronological
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

    def request(self, rollout: str) -> AuditEntry | None:
        """Return the entry of a rollout's request, if there is one by now."""
        item = self._table.get(rollout, event=REQUEST_EVENT)
        return from_item(AuditEntry, item) if item else None

    def entries(self, rollout: str) -> list[AuditEntry]:
        """Return what happened to a rollout, in order."""
        return chronological(from_item(AuditEntry, item) for item in self._table.all_of(rollout))
