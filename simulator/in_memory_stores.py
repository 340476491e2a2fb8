"""The real gateways of our tables, on DynamoDB in memory, with all their records to look at."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar, cast

from handlers.domain.approvals.approval import Approval
from handlers.domain.history.audit import AuditEntry, EventKind, chronological
from handlers.domain.model.group import Group
from handlers.domain.model.lock_and_wait import Lock, Wait
from handlers.domain.model.rollout import Rollout
from handlers.gateways.approval_store import Approvals
from handlers.gateways.audit_store import Audit
from handlers.gateways.dynamodb_items import Item, to_item
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.group_store import GROUPS, GroupRecords
from handlers.gateways.lock_store import Locks
from handlers.gateways.rollout_store import Rollouts
from handlers.gateways.wait_store import Waits
from simulator.in_memory_dynamodb import InMemoryDynamoDb

Record = TypeVar("Record")
Answer = TypeVar("Answer")
KEYS: Mapping[str, tuple[str, ...]] = {
    "Rollouts": ("id",),
    "Approvals": ("id",),
    "Deployments": ("id",),
    "Locks": ("application",),
    "Audit": ("rollout", "event"),
}
"""Table → its hash key, and its range key where there is one, as in the template."""
INDEXES = {"Rollouts": {"by-application": ("application", "started")}}


def dynamodb() -> InMemoryDynamoDb:
    """Make all our tables, empty."""
    client = InMemoryDynamoDb()
    for name, keys in KEYS.items():
        indexes = [
            {"IndexName": index, "KeySchema": _schema(names)}
            for index, names in INDEXES.get(name, {}).items()
        ]
        client.create_table(
            TableName=name,
            KeySchema=_schema(keys),
            AttributeDefinitions=[],
            GlobalSecondaryIndexes=indexes,
        )
    return client


def _schema(names: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = zip(names, ("HASH", "RANGE"), strict=False)
    return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]


def _table(client: InMemoryDynamoDb, name: str) -> Table:
    return Table(cast("Any", client), name, KEYS[name][0])


MOST_REMEMBERED = 2_000
_REMEMBERED: dict[str, dict[bytes, Any]] = {}
"""Table → item → the record that the gateway reads of it. Runs with other faults share most."""


class _Answers:
    """What is read of a table as a whole: once, and again once it was written to."""

    def __init__(self, client: InMemoryDynamoDb, table: str) -> None:
        self._writes = partial(client.writes, table)
        self._answers: dict[Any, Any] = {}
        self._answered_at = 0

    def once(self, question: Any, answer: Callable[[], Answer]) -> Answer:
        """Return the answer to a question, which may be one that was given before."""
        if self._answered_at != self._writes():
            self._answers, self._answered_at = {}, self._writes()
        if question not in self._answers:
            self._answers[question] = answer()
        known: Answer = self._answers[question]
        return known


class _Records(_Answers, Generic[Record]):
    """The records of a table, or of a part of it; equal items are read once."""

    def __init__(
        self,
        client: InMemoryDynamoDb,
        table: str,
        read: Callable[[str], Record | None],
        is_ours: Callable[[str], bool] = lambda _: True,
    ) -> None:
        super().__init__(client, table)
        self._stored, self._read, self._is_ours = client.stored(table), read, is_ours
        self._records: dict[bytes, Record] = _REMEMBERED.setdefault(table, {})

    def get(self, key: str) -> Record | None:
        """Return the record of a hash key."""
        stored = self._stored.get((key,))
        if stored is None:
            return None
        return self.record_of(stored, lambda: self._read(key))

    def record_of(self, stored: bytes, read: Callable[[], Record | None]) -> Record:
        """Return what the gateway reads of an item; equal items are read once."""
        found = self._records.get(stored)
        if found is None:
            found = read()
            assert found is not None
            if len(self._records) >= MOST_REMEMBERED:
                self._records.clear()
            self._records[stored] = found
        return found

    def all(self) -> dict[str, Record]:
        """Return every record by its hash key, in the order in which they were first written."""
        return self.once("all", self._all)

    def _all(self) -> dict[str, Record]:
        keys = (key for (key,) in self._stored if self._is_ours(key))
        return {key: record for key in keys if (record := self.get(key)) is not None}


class InMemoryRollouts(Rollouts):
    """The table of rollouts."""

    def __init__(self, *rollouts: Rollout, client: InMemoryDynamoDb | None = None) -> None:
        client = client or dynamodb()
        super().__init__(_table(client, "Rollouts"))
        self._stored = client.stored("Rollouts")
        self._all = _Records(client, "Rollouts", super().get, lambda key: not _is_group(key))
        for rollout in rollouts:
            self.create(rollout)

    def get(self, rollout: str) -> Rollout | None:
        return self._all.get(rollout)

    @property
    def records(self) -> dict[str, Rollout]:
        """Every rollout by its id, as it is recorded now."""
        return self._all.all()

    def newest(self, application: str, most: int) -> list[Rollout]:
        read = super().newest
        return self._all.once((application, most), lambda: read(application, most))

    def _record(self, item: Item) -> Rollout:
        read = super()._record
        # An item was just read or written, so it is as it is stored.
        return self._all.record_of(self._stored[(item["id"]["S"],)], lambda: read(item))

    def overwrite(self, rollout: Rollout) -> None:
        """Record a rollout in place of whatever was recorded."""
        self._table.put(to_item(rollout))


class InMemoryGroups(GroupRecords):
    """The groups of rollouts, in the same table."""

    def __init__(self, *groups: Group, client: InMemoryDynamoDb | None = None) -> None:
        client = client or dynamodb()
        super().__init__(_table(client, "Rollouts"))
        read = super().get
        self._all = _Records(
            client, "Rollouts", lambda key: read(key.removeprefix(GROUPS)), _is_group
        )
        for group in groups:
            self.create(group)

    def get(self, group: str) -> Group | None:
        return self._all.get(f"{GROUPS}{group}")

    @property
    def records(self) -> dict[str, Group]:
        """Every group by its id, as it is recorded now."""
        return self._all.once("ids", lambda: {each.id: each for each in self._all.all().values()})

    def newest(self, most: int) -> list[Group]:
        read = super().newest
        return self._all.once(most, lambda: read(most))


class InMemoryApprovals(Approvals):
    """The table of approvals."""

    def __init__(self, *approvals: Approval, client: InMemoryDynamoDb | None = None) -> None:
        client = client or dynamodb()
        super().__init__(_table(client, "Approvals"))
        self._all = _Records(client, "Approvals", super().get)
        for approval in approvals:
            self.ask(approval)

    def get(self, approval: str) -> Approval | None:
        return self._all.get(approval)

    @property
    def records(self) -> dict[str, Approval]:
        """Every question by its id, as it is recorded now."""
        return self._all.all()


class InMemoryWaits(Waits):
    """The table of waits."""

    def __init__(self, *waits: Wait, client: InMemoryDynamoDb | None = None) -> None:
        client = client or dynamodb()
        super().__init__(_table(client, "Deployments"))
        self._all = _Records(client, "Deployments", super().get)
        for wait in waits:
            self.put(wait)

    @property
    def records(self) -> dict[str, Wait]:
        """Every wait by its service, as it is recorded now."""
        return self._all.all()


class InMemoryLocks(Locks):
    """The table of locks."""

    def __init__(self, *locks: Lock, client: InMemoryDynamoDb | None = None) -> None:
        client = client or dynamodb()
        super().__init__(_table(client, "Locks"))
        self._all = _Records(client, "Locks", super().get)
        for lock in locks:
            self.take(lock)

    @property
    def held(self) -> dict[str, Lock]:
        """Every lock by its application, as it is held now."""
        return self._all.all()


class InMemoryAudit(Audit):
    """The table of the audit."""

    def __init__(self, *entries: AuditEntry, client: InMemoryDynamoDb | None = None) -> None:
        client = client or dynamodb()
        super().__init__(_table(client, "Audit"))
        self._all = _Answers(client, "Audit")
        self._stored = client.stored("Audit")
        for entry in entries:
            self.note(entry)

    @property
    def records(self) -> dict[tuple[str, ...], AuditEntry]:
        """Every entry by its rollout and event, in the order in which they were noted."""
        return self._all.once("all", self._records)

    def _records(self) -> dict[tuple[str, ...], AuditEntry]:
        rollouts = {rollout for rollout, _ in self._stored}
        entries = {(each, entry.event): entry for each in rollouts for entry in self.entries(each)}
        return {key: entries[key[0], key[1]] for key in self._stored}

    def details(self, *kinds: EventKind) -> list[str]:
        """Return the details of what was noted, in order, of these kinds or of all."""
        found = chronological(self.records.values())
        return [entry.detail for entry in found if entry.kind in kinds or not kinds]


def _is_group(key: str) -> bool:
    return key.startswith(GROUPS)
