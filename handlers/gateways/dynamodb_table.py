"""The calls that our tables make of DynamoDB."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from handlers.gateways.aws_clients import aws_errors
from handlers.gateways.dynamodb_items import Item, attribute
from handlers.gateways.dynamodb_update import update_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ConditionFailed(Exception):
    """The write's condition did not hold: someone else was first."""


class Table:
    """One table, by its key attribute."""

    def __init__(self, client: "DynamoDBClient", name: str, key: str = "id") -> None:
        """Talk through this client about the table of this name and key attribute."""
        self._client = client
        self._name = name
        self._key = key

    def get(self, key: str, **rest: str) -> Item | None:
        """Read one item, consistently; `rest` is the range key of a table that has one."""
        keys = {self._key: key, **rest}
        with aws_errors(f"read {self._name}"):
            answer = self._client.get_item(
                TableName=self._name,
                Key={name: {"S": value} for name, value in keys.items()},
                ConsistentRead=True,
            )
        return answer.get("Item")

    def put(self, item: Mapping[str, Any], condition: str = "", **values: object) -> None:
        """Write one item whole.

        Args:
            item: its attributes.
            condition: a condition expression, which may name `values` as `:name`.
            values: what the condition compares with.

        Raises:
            ConditionFailed: the condition did not hold; nothing was written.
        """
        extra: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if values:
            extra["ExpressionAttributeValues"] = {f":{k}": attribute(v) for k, v in values.items()}
        with _conditional(f"write {self._name}"):
            self._client.put_item(
                TableName=self._name, Item={k: attribute(v) for k, v in item.items()}, **extra
            )

    def update(
        self,
        key: str,
        changes: Mapping[str, object],
        condition: str = "",
        *,
        seen: Mapping[str, object] | None = None,
        **compared: object,
    ) -> Item:
        """Set attributes and return the whole item as it then is.

        Args:
            key: the item's key.
            changes: path (`colors.red.stage`) → value; None removes it. A path ending in `?` is
                only set where there is nothing yet.
            condition: a condition expression, which may name `compared` as `:name`.
            seen: path → the value that it must still have; None: there must be nothing.
            compared: what the condition compares with.

        Raises:
            ConditionFailed: the condition did not hold; nothing was changed.
        """
        text = update_text(
            condition or f"attribute_exists({self._key})",
            tuple((path, value is None) for path, value in (seen or {}).items()),
            tuple((path, value is None) for path, value in changes.items()),
        )
        values = {f":{k}": attribute(v) for k, v in compared.items()}
        values |= _numbered(":s", (seen or {}).values())
        values |= _numbered(":v", changes.values())
        with _conditional(f"update {self._name}"):
            answer = self._client.update_item(
                TableName=self._name,
                Key={self._key: {"S": key}},
                UpdateExpression=text.update,
                ExpressionAttributeNames=text.names,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ConditionExpression=text.condition,
            )
        return answer["Attributes"]

    def delete(self, key: str, condition: str, **values: object) -> None:
        """Delete one item, if the condition holds.

        Raises:
            ConditionFailed: it did not; nothing was deleted.
        """
        with _conditional(f"free {self._name}"):
            self._client.delete_item(
                TableName=self._name,
                Key={self._key: {"S": key}},
                ConditionExpression=condition,
                ExpressionAttributeValues={f":{k}": attribute(v) for k, v in values.items()},
            )

    def all_of(self, key: str) -> list[Item]:
        """Read all items of one hash key, consistently; for a table that has a range key too."""
        with aws_errors(f"query {self._name}"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="#key = :value",
                ExpressionAttributeNames={"#key": self._key},
                ExpressionAttributeValues={":value": {"S": key}},
                ConsistentRead=True,
            )
            return [item for page in pages for item in page["Items"]]

    def all(self) -> list[Item]:
        """Read the whole table, consistently, page by page; for one that stays small."""
        with aws_errors(f"scan {self._name}"):
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._name, ConsistentRead=True
            )
            return [item for page in pages for item in page["Items"]]

    def newest(self, index: str, key: str, value: str, most: int) -> list[Item]:
        """Query an index for the items of one hash key, newest first, however long they are.

        One answer ends at 1 MB, whatever its limit: with much evidence that is few rollouts.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
        """
        with aws_errors(f"query {self._name}"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                IndexName=index,
                KeyConditionExpression="#key = :value",
                ExpressionAttributeNames={"#key": key},
                ExpressionAttributeValues={":value": {"S": value}},
                ScanIndexForward=False,
                PaginationConfig={"PageSize": most},
            )
            # No page is asked for beyond the one that has the last of them.
            return list(islice((item for page in pages for item in page["Items"]), most))


def _numbered(prefix: str, values: Iterable[object]) -> dict[str, Any]:
    return {
        f"{prefix}{number}": attribute(value)
        for number, value in enumerate(values)
        if value is not None
    }


@contextmanager
def _conditional(what: str) -> Iterator[None]:
    with aws_errors(what):
        try:
            yield
        except ClientError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                raise ConditionFailed(what) from error
            raise
