"""The waits: which task token the next event about a service, an image or a turn wakes.

Tested in `test_record_stores.py`.
"""

from datetime import timedelta
from typing import Final

from handlers.domain.model.lock_and_wait import Wait
from handlers.gateways.dynamodb_items import from_item, to_item
from handlers.gateways.dynamodb_table import Table

KEPT: Final = timedelta(days=14)
"""How long a wait is kept: as long as an execution can be redriven."""


class Waits:
    """The table of waits."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, wait: Wait) -> None:
        """Remember what waits for this service now, in place of what did."""
        expires = int((wait.since + KEPT).timestamp())
        self._table.put({**to_item(wait), "expires": expires})

    def get(self, service: str) -> Wait | None:
        """Return what waits for this service (ARN), if anything did of late."""
        item = self._table.get(service)
        return from_item(Wait, item) if item else None
