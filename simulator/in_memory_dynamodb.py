"""DynamoDB in memory: boto3's client, as far as `handlers.gateways.dynamodb_table` calls it.

What is not used there raises NotImplementedError or TypeError, by its name. The tests of the
gateways hold it against moto. Items are kept as bytes, so that no caller shares one with another.

Query and Scan answer in pages: a page ends with the item that reaches `Limit` or `PAGE_BYTES`, and
only then is it filtered, so that a page may be empty although there are more
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html).
"""

import marshal
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from simulator.dynamodb_expressions import (
    InvalidExpression,
    Item,
    comparable,
    compiled_condition,
    compiled_update,
)

Answer = dict[str, Any]
_NOTHING: Mapping[str, Any] = {}
PAGE_BYTES = 1_000_000
"""The most that one answer of Query or Scan reads, whatever is asked for: 1 MB."""
_WITHOUT_REFERENCES = 2
"""The version of marshal's format that does not depend on which objects are the same."""


def as_bytes(item: Item) -> bytes:
    """Return equal bytes for equal items with the same order of attributes."""
    return marshal.dumps(item, _WITHOUT_REFERENCES)


@dataclass
class _Table:
    """One table's items, by the values of their key attributes."""

    keys: tuple[str, ...]
    """Hash, and range where there is one."""
    indexes: Mapping[str, tuple[str, ...]]
    items: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    writes: int = 0

    def key_of(self, item: Item) -> tuple[str, ...]:
        return tuple(item[name]["S"] for name in self.keys)

    def store(self, key: tuple[str, ...], item: Item) -> None:
        self.items[key] = as_bytes(item)
        self.writes += 1


class InMemoryDynamoDb:
    """Tables of one account. Parameters have the names of DynamoDB's API."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}

    def writes(self, table: str) -> int:
        """Count the writes to a table: what was read of it is true until there is another."""
        return self._tables[table].writes

    def stored(self, table: str) -> Mapping[tuple[str, ...], bytes]:
        """Return a table's items by their keys; each is another object once it was changed."""
        return self._tables[table].items

    def create_table(
        self,
        *,
        TableName: str,
        KeySchema: Sequence[Mapping[str, str]],
        AttributeDefinitions: Sequence[Mapping[str, str]],
        GlobalSecondaryIndexes: Sequence[Mapping[str, Any]] = (),
        BillingMode: str = "PAY_PER_REQUEST",
    ) -> None:
        """Create an empty table, whose keys are texts."""
        others = [each for each in AttributeDefinitions if each["AttributeType"] != "S"]
        if others:
            raise NotImplementedError(f"keys of other types: {others}")
        indexes = {each["IndexName"]: _names(each["KeySchema"]) for each in GlobalSecondaryIndexes}
        self._tables[TableName] = _Table(_names(KeySchema), indexes)

    def delete_table(self, *, TableName: str) -> None:
        """Delete a table with all that is in it."""
        del self._tables[TableName]

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> Answer:
        """Read one item; there is no `Item` in the answer where there is none."""
        if not ConsistentRead:
            raise NotImplementedError("get_item that is not consistent")
        table = self._table(TableName)
        found = table.items.get(table.key_of(Key))
        return {"Item": marshal.loads(found)} if found else {}  # noqa: S302  (our own bytes)

    def put_item(self, *, TableName: str, Item: Item, **given: Any) -> Answer:
        """Write one item whole."""
        table = self._table(TableName)
        key = table.key_of(Item)
        self._check(table, key, **given)
        table.store(key, Item)
        return {}

    def delete_item(self, *, TableName: str, Key: Item, **given: Any) -> Answer:
        """Delete one item, if there is one."""
        table = self._table(TableName)
        key = table.key_of(Key)
        self._check(table, key, **given)
        table.items.pop(key, None)
        table.writes += 1
        return {}

    def update_item(
        self,
        *,
        TableName: str,
        Key: Item,
        UpdateExpression: str,
        ReturnValues: str,
        ExpressionAttributeNames: Mapping[str, str] = _NOTHING,
        ExpressionAttributeValues: Mapping[str, Any] = _NOTHING,
        ConditionExpression: str = "",
    ) -> Answer:
        """Change one item, or make it of its key; return all of it as it then is."""
        if ReturnValues != "ALL_NEW":
            raise NotImplementedError(f"ReturnValues={ReturnValues}")
        table = self._table(TableName)
        key, given = table.key_of(Key), (ExpressionAttributeNames, ExpressionAttributeValues)
        try:
            update = compiled_update(UpdateExpression)
            item = self._check(
                table, key, ConditionExpression, *given, also=update.placeholders
            ) or dict(Key)
            update.apply(item, *given)
        except InvalidExpression as error:
            raise _refusal("ValidationException", str(error)) from error
        if table.key_of(item) != key:
            raise _refusal("ValidationException", "This attribute is part of the key")
        table.store(key, item)
        return {"Attributes": item}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeNames: Mapping[str, str],
        ExpressionAttributeValues: Mapping[str, Any],
        IndexName: str = "",
        ScanIndexForward: bool = True,
        ConsistentRead: bool = False,
        **page: Any,
    ) -> Answer:
        """Read the items of one hash key, in the order of their range key."""
        if bool(IndexName) is ConsistentRead:
            raise NotImplementedError("reading an index consistently, or a table inconsistently")
        table = self._table(TableName)
        keys = table.indexes[IndexName] if IndexName else table.keys
        if KeyConditionExpression != "#key = :value" or ExpressionAttributeNames["#key"] != keys[0]:
            raise NotImplementedError(f"{KeyConditionExpression} of {ExpressionAttributeNames}")
        wanted = ExpressionAttributeValues[":value"]
        found = [
            stored
            for stored in _all_items(table)
            if stored.item.get(keys[0]) == wanted and all(name in stored.item for name in keys)
        ]
        given = (ExpressionAttributeNames, ExpressionAttributeValues)
        order = tuple(dict.fromkeys(keys + table.keys))
        return _page(found, order, *given, is_forward=ScanIndexForward, **page)

    def scan(
        self,
        *,
        TableName: str,
        ConsistentRead: bool,
        ExpressionAttributeNames: Mapping[str, str] = _NOTHING,
        ExpressionAttributeValues: Mapping[str, Any] = _NOTHING,
        **page: Any,
    ) -> Answer:
        """Read all items, in no order that a caller may rest on."""
        table = self._table(TableName)
        given = (ExpressionAttributeNames, ExpressionAttributeValues)
        return _page(list(_all_items(table)), table.keys, *given, **page)

    def get_paginator(self, operation: str) -> "_Paginator":
        """Return what reads one page after the other."""
        operations: dict[str, Callable[..., Answer]] = {"query": self.query, "scan": self.scan}
        return _Paginator(operations[operation])

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            raise _refusal("ResourceNotFoundException", f"Requested resource not found: {name}")
        return self._tables[name]

    def _check(
        self,
        table: _Table,
        key: tuple[str, ...],
        ConditionExpression: str = "",
        ExpressionAttributeNames: Mapping[str, str] = _NOTHING,
        ExpressionAttributeValues: Mapping[str, Any] = _NOTHING,
        *,
        also: frozenset[str] = frozenset(),
    ) -> Item:
        """Return the item if it is as a write wants it; an empty one, if there is none."""
        found = table.items.get(key)
        item: Item = marshal.loads(found) if found else {}  # noqa: S302  (our own bytes)
        given = {*ExpressionAttributeNames, *ExpressionAttributeValues}
        condition = compiled_condition(ConditionExpression) if ConditionExpression else None
        named = condition.placeholders | also if condition else also
        if given != named:
            raise _refusal("ValidationException", f"given {sorted(given)}, named {sorted(named)}")
        if condition and not condition.holds(
            item, ExpressionAttributeNames, ExpressionAttributeValues
        ):
            raise _refusal("ConditionalCheckFailedException", "The conditional request failed")
        return item


class _Paginator:
    """boto3's paginator."""

    def __init__(self, ask: Callable[..., Answer]) -> None:
        self._ask = ask

    def paginate(
        self, *, PaginationConfig: Mapping[str, int] = _NOTHING, **parameters: Any
    ) -> Iterator[Answer]:
        if PaginationConfig:
            parameters["Limit"] = PaginationConfig["PageSize"]
        answer = self._ask(**parameters)
        yield answer
        while "LastEvaluatedKey" in answer:
            answer = self._ask(**parameters, ExclusiveStartKey=answer["LastEvaluatedKey"])
            yield answer


def _names(schema: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in schema)


@dataclass(frozen=True)
class _Stored:
    item: Item
    size: int
    """Bytes, as near as it matters for where a page ends."""


def _all_items(table: _Table) -> Iterator[_Stored]:
    return (_Stored(marshal.loads(each), len(each)) for each in table.items.values())  # noqa: S302


def _page(
    found: list[_Stored],
    order: tuple[str, ...],
    names: Mapping[str, str],
    values: Mapping[str, Any],
    *,
    is_forward: bool = True,
    Limit: int = 0,
    ExclusiveStartKey: Item | None = None,
    FilterExpression: str = "",
) -> Answer:
    """Return the items after a key, up to a limit, and where the next page begins.

    Args:
        found: what is read, in any order.
        order: the attributes that order it, and that say where a page ended.
        names: of the filter's placeholders.
        values: of the filter's placeholders.
        is_forward: whether they are read from the least key on.
        Limit: how many items are read, before they are filtered.
        ExclusiveStartKey: where the page before ended; the item may be gone since.
        FilterExpression: what an item that was read must be, to be returned.
    """

    def place(item: Item) -> list[tuple[str, Any]]:
        return [comparable(item[name]) for name in order]

    found.sort(key=lambda stored: place(stored.item), reverse=not is_forward)
    if ExclusiveStartKey:
        start = place(ExclusiveStartKey)
        is_after = operator.gt if is_forward else operator.lt
        found = [stored for stored in found if is_after(place(stored.item), start)]
    read, size = 0, 0
    for stored in found[: Limit or None]:
        if read and size + stored.size > PAGE_BYTES:
            break
        read, size = read + 1, size + stored.size
    items = [stored.item for stored in found[:read]]
    more = {"LastEvaluatedKey": {name: items[-1][name] for name in order}} if found[read:] else {}
    if FilterExpression:
        holds = compiled_condition(FilterExpression).holds
        items = [item for item in items if holds(item, names, values)]
    return {"Items": items, **more}


def _refusal(code: str, message: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 400},  # type: ignore[typeddict-item]
        },
        "",
    )
