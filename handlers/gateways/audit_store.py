"""The audit's table: items are put once, and never changed or deleted.

IAM cannot keep a put from overwriting; so each entry is told of in the log as well, in which lines
can only be added (docs/decisions/audit-and-log.md).
"""

import logging
from typing import Final

from handlers.domain.history.audit import LOG, REQUEST_EVENT, AuditEntry, chronological
from handlers.gateways.dynamodb_items import from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table

LINE: Final = "audit entry"
"""What a line of the log says that tells of an entry."""
_LOG: Final = logging.getLogger(LOG)


def audited(entry: AuditEntry, *, is_first: bool) -> dict[str, object]:
    """Return what the log says of an entry: which it is, its digest, and whether it was taken."""
    return {
        "rollout": entry.rollout,
        "application": entry.application,
        "kind": entry.kind,
        "color": entry.color,
        "place": entry.place,
        "digest": entry.digest,
        "first": is_first,
    }


class Audit:
    """The append-only table, by rollout and event."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, entry: AuditEntry) -> None:
        """Add an entry. Idempotent: of an event that is written again, the first entry stays."""
        is_first = True
        try:
            item = {**to_item(entry), "event": entry.event}
            self._table.put(item, "attribute_not_exists(rollout)")
        except ConditionFailed:
            is_first = False
        _LOG.info(LINE, extra={"audited": audited(entry, is_first=is_first)})

    def request(self, rollout: str) -> AuditEntry | None:
        """Return the entry of a rollout's request, if there is one by now."""
        item = self._table.get(rollout, event=REQUEST_EVENT)
        return from_item(AuditEntry, item) if item else None

    def entries(self, rollout: str) -> list[AuditEntry]:
        """Return what happened to a rollout, in order."""
        return chronological(from_item(AuditEntry, item) for item in self._table.all_of(rollout))
