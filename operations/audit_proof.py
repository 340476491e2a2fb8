"""Whether the audit's table holds what was written: compared with the lines of the functions' log.

A function can add lines to the log and change or remove none; of the table's items a put can
overwrite one. So the first line of an entry says what the item is to hold
(docs/decisions/audit-and-log.md).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from handlers.domain.history.audit import AuditEntry, place_of
from handlers.gateways.audit_store import LINE
from handlers.gateways.dynamodb_items import Item, from_item

LOG_GROUP: Final = "HandlersLog"
"""Logical name of the functions' log group."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of the log that tells of an entry."""

    place: str
    """Which entry it is."""
    name: str
    """What people call it: rollout, kind and color."""
    rollout: str
    application: str
    digest: str
    is_first: bool
    """Whether the table took it; of several with one event it took the first."""
    ingested: datetime
    """When CloudWatch had it, which nobody else can say."""


def read_lines(logs: Any, group: str) -> list[Told]:  # noqa: ANN401 - a boto3 client
    """Return all lines of a log group that tell of entries, in the order in which they came."""
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=f'"{LINE}"'
    )
    found = (_told(event) for page in pages for event in page["events"])
    return sorted(filter(None, found), key=lambda told: told.ingested)


def findings(items: Iterable[Item], told: Iterable[Told], application: str = "") -> Iterator[str]:
    """Name every entry that was changed, removed, or written by something else, a line each.

    Args:
        items: those of the table, all or one rollout's.
        told: lines about the same, in the order in which they came.
        application: of which alone, where it is one's.
    """
    lines = [line for line in told if application in {"", line.application}]
    stored = {place_of(item["rollout"]["S"], item["event"]["S"]): item for item in items}
    written: dict[str, str] = {}
    for line in lines:
        if line.is_first:
            # Lines of the same entry that come later are of whoever overwrote it.
            written.setdefault(line.place, line.digest)
    # Where the answer of a first attempt was lost, its writer took its own item for another's.
    tried = {(line.place, line.digest) for line in lines}
    for place, name in {line.place: line.name for line in lines}.items():
        if place not in stored:
            yield f"{name}: is in the log and not in the table any more"
        elif written.get(place, _digest(stored[place])) != _digest(stored[place]):
            yield f"{name}: is not as it was written"
    since = min((line.ingested for line in lines), default=None)
    for place, item in stored.items():
        is_told = place in written or (place, _digest(item)) in tried
        if not is_told and since and _at(item) >= since and _is_of(item, application):
            name = f"{item['rollout']['S']} {item['event']['S']}"
            yield f"{name}: is in the table, and the log does not say who wrote it"


def _told(event: Mapping[str, Any]) -> Told | None:
    """Read a line; None where it is not one of ours."""
    try:
        line = json.loads(event["message"])
        said = line["audited"] if line["message"] == LINE else {}
        return Told(
            place=said["place"],
            name=" ".join(filter(None, (said["rollout"], said["kind"], said["color"]))),
            rollout=said["rollout"],
            application=said["application"],
            digest=said["digest"],
            is_first=said["first"],
            ingested=datetime.fromtimestamp(event["ingestionTime"] / 1_000, UTC),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _digest(item: Item) -> str:
    """Return an item's digest; none where it is no entry any more."""
    try:
        entry = from_item(AuditEntry, item)
    except (ValueError, KeyError, TypeError):
        return ""
    return entry.digest


def _at(item: Item) -> datetime:
    """Return when an entry says that it was; now, where it does not say."""
    try:
        return from_item(AuditEntry, item).at
    except (ValueError, KeyError, TypeError):
        return datetime.now(UTC)


def _is_of(item: Item, application: str) -> bool:
    return application in {"", item.get("application", {}).get("S")}
