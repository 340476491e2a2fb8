"""The simulation's DynamoDB where it refuses, shares and pages: as moto does, or by name."""

import pytest
from botocore.exceptions import ClientError

from simulator.in_memory_dynamodb import InMemoryDynamoDb
from simulator.in_memory_stores import INDEXES, KEYS
from simulator.lambda_functions import TEMPLATE
from workflows.validation.machine_template import read_template

KEY = {"id": {"S": "1"}}
ITEM = KEY | {"colors": {"M": {"red": {"M": {"stage": {"S": "asking"}}}}}, "looks": {"N": "1"}}


def test_the_simulations_tables_have_the_templates_keys_and_indexes():
    resources = read_template(TEMPLATE)["Resources"]
    tables = {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::DynamoDB::Table"
    }

    assert {name: names_of(table) for name, table in tables.items()} == KEYS
    indexes = {
        name: {each["IndexName"]: names_of(each) for each in table["GlobalSecondaryIndexes"]}
        for name, table in tables.items()
        if "GlobalSecondaryIndexes" in table
    }
    assert indexes == INDEXES


def names_of(keyed):
    return tuple(each["AttributeName"] for each in keyed["KeySchema"])


@pytest.fixture
def client(dynamodb):
    schema = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    dynamodb.create_table(
        TableName="T", **schema, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST"
    )
    dynamodb.put_item(TableName="T", Item=ITEM)
    yield dynamodb
    dynamodb.delete_table(TableName="T")


def read(client):
    return client.get_item(TableName="T", Key=KEY, ConsistentRead=True)["Item"]


def update(client, expression, **given):
    asked = {"TableName": "T", "Key": KEY, "ReturnValues": "ALL_NEW"}
    return client.update_item(**asked, UpdateExpression=expression, **given)["Attributes"]


def code(call, *args, **given):
    with pytest.raises(ClientError) as refused:
        call(*args, **given)
    return refused.value.response["Error"]["Code"]


def test_a_condition_that_does_not_hold_is_refused_by_its_code(client):
    asked = {"TableName": "T", "Item": KEY, "ConditionExpression": "attribute_not_exists(id)"}

    assert code(client.put_item, **asked) == "ConditionalCheckFailedException"
    assert read(client) == ITEM


def test_a_table_that_is_not_there_is_refused_by_its_code(client):
    asked = {"TableName": "U", "Key": KEY, "ConsistentRead": True}

    assert code(client.get_item, **asked) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("SET times.asking = :a", {":a": {"S": "x"}}),
        ("REMOVE times.asking", {}),
        ("SET colors = :a, colors.red = :a", {":a": {"S": "x"}}),
        ("SET id = :a", {":a": {"S": "2"}}),
        ("SET looks = :a", {":a": {"N": "2"}, ":b": {"N": "3"}}),
        ("SET looks = :a", {":b": {"N": "3"}}),
    ],
    ids=[
        "into no map",
        "from no map",
        "overlapping",
        "of the key",
        "more values than are named",
        "other values than are named",
    ],
)
def test_an_invalid_update_is_refused_and_changes_nothing(client, expression, values):
    given = {"ExpressionAttributeValues": values} if values else {}

    assert code(update, client, expression, **given) == "ValidationException"
    assert read(client) == ITEM


def test_all_clauses_see_the_item_as_it_was(client):
    values = {":a": {"S": "x"}, ":b": {"S": "y"}}

    item = update(
        client,
        "SET colors.red.#n = if_not_exists(colors.red.#n, :a), note = :b REMOVE looks, absent",
        ExpressionAttributeNames={"#n": "stage"},
        ExpressionAttributeValues=values,
    )

    assert item == KEY | {"colors": ITEM["colors"], "note": {"S": "y"}} == read(client)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("looks < :n", True),
        ("looks = :n", False),
        ("absent < :n", False),
        ("absent = :n OR looks < :n AND attribute_exists(colors.red)", True),
        ("(absent = :n OR looks < :n) AND attribute_not_exists(colors.red)", False),
        ("attribute_not_exists(colors.green.stage) AND looks < :n", True),
    ],
)
def test_conditions_hold_as_in_dynamodb(client, condition, holds):
    asked = {"TableName": "T", "Item": ITEM | {"note": {"S": "new"}}}
    asked |= {"ConditionExpression": condition, "ExpressionAttributeValues": {":n": {"N": "10"}}}

    if holds:
        client.put_item(**asked)
    else:
        assert code(client.put_item, **asked) == "ConditionalCheckFailedException"
    assert ("note" in read(client)) is holds


def test_what_is_read_and_what_was_written_are_nobodys(client):
    written = KEY | {"colors": {"M": {}}}
    client.put_item(TableName="T", Item=written)

    written["colors"]["M"]["red"] = {"S": "later"}
    read(client)["colors"]["M"]["green"] = {"S": "later"}
    update(client, "REMOVE looks")["colors"]["M"]["yellow"] = {"S": "later"}

    assert read(client) == KEY | {"colors": {"M": {}}}


def test_a_long_answer_comes_in_pages(client):
    for number in "23":
        client.put_item(TableName="T", Item={"id": {"S": number}})

    asked = {"TableName": "T", "ConsistentRead": True, "Limit": 2}
    pages = list(client.get_paginator("scan").paginate(**asked))

    found = [item["id"]["S"] for page in pages for item in page["Items"]]
    assert (sorted(found), len(pages[0]["Items"])) == (["1", "2", "3"], 2)


LONG = {"S": "x" * 300_000}
"""Three of these fit into an answer, four do not."""


def numbers(answer):
    return sorted(item["id"]["S"] for item in answer["Items"])


def test_an_answer_ends_at_a_megabyte_whatever_its_limit(client):
    for number in range(5):
        client.put_item(TableName="T", Item={"id": {"S": str(number)}, "evidence": LONG})
    asked = {"TableName": "T", "ConsistentRead": True, "Limit": 5}

    pages = list(client.get_paginator("scan").paginate(**asked))

    assert [len(page["Items"]) for page in pages] == [3, 2]
    assert sorted(n for page in pages for n in numbers(page)) == ["0", "1", "2", "3", "4"]
    assert ["LastEvaluatedKey" in page for page in pages] == [True, False]


def test_a_limit_counts_what_is_read_and_not_what_a_filter_leaves(client):
    for number in range(6):
        looks = {"N": str(number)}
        client.put_item(TableName="T", Item={"id": {"S": str(number)}, "looks": looks})
    asked = {
        "TableName": "T",
        "ConsistentRead": True,
        "Limit": 2,
        "FilterExpression": "looks = :n",
        "ExpressionAttributeValues": {":n": {"N": "5"}},
    }

    pages = list(client.get_paginator("scan").paginate(**asked))

    assert sum(len(page["Items"]) for page in pages) == 1
    assert len(pages) >= 3


def test_the_next_page_begins_after_a_key_whose_item_is_gone(client):
    for number in range(4):
        client.put_item(TableName="T", Item={"id": {"S": str(number)}})
    asked = {"TableName": "T", "ConsistentRead": True, "Limit": 2}
    first = client.scan(**asked)
    client.delete_item(TableName="T", Key=first["LastEvaluatedKey"])

    second = client.scan(**asked, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert numbers(first) + numbers(second) == ["0", "1", "2", "3"]


@pytest.fixture
def in_memory():
    client = InMemoryDynamoDb()
    schema = [{"AttributeName": "id", "KeyType": "HASH"}]
    client.create_table(TableName="T", KeySchema=schema, AttributeDefinitions=[])
    client.put_item(TableName="T", Item=ITEM)
    return client


def test_where_moto_lets_a_wrong_type_pass_dynamodb_does_not(in_memory):
    given = {"ExpressionAttributeValues": {":a": {"N": "1"}}}

    into_a_number = code(update, in_memory, "SET looks.most = :a", **given)
    of_a_text = code(
        update, in_memory, "SET note = :a", **given, ConditionExpression="colors.red.stage < :a"
    )

    assert (into_a_number, of_a_text) == ("ValidationException", "ConditionalCheckFailedException")


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("looks > :n", "looks > :n"),
        ("NOT looks = :n", "NOT looks"),
        ("begins_with(id, :n)", "begins_with"),
        ("size(id) = :n", "size"),
        ("looks BETWEEN :n AND :n", "BETWEEN"),
        ("colors = :m", "comparing M"),
        ("looks = :n AND", "looks = :n AND"),
    ],
)
def test_what_the_gateways_do_not_use_raises_by_its_name(in_memory, condition, named):
    value = {":m": ITEM["colors"]} if ":m" in condition else {":n": {"N": "1"}}
    given = {"ConditionExpression": condition, "ExpressionAttributeValues": value}

    with pytest.raises(NotImplementedError) as raised:
        in_memory.delete_item(TableName="T", Key=KEY, **given)

    assert named in str(raised.value)
