from itertools import count

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

REGION = "ap-northeast-1"
_numbers = count()


def client(service):
    """Make a client that could reach nothing real."""
    return boto3.client(
        service, region_name=REGION, aws_access_key_id="none", aws_secret_access_key="none"
    )


@pytest.fixture(scope="session")
def clients():
    """Make each client once: they are slow to make."""
    made = {}
    return lambda service: made.setdefault(service, client(service))


@pytest.fixture
def stubbed(clients):
    """Stub a client with AWS's own models: parameters and answers must fit them."""
    stubs = []

    def stub(service):
        stubs.append(Stubber(clients(service)))
        stubs[-1].activate()
        return clients(service), stubs[-1]

    yield stub
    for each in stubs:
        each.assert_no_pending_responses()
        each.deactivate()


@pytest.fixture(scope="session")
def dynamodb():
    with mock_aws():
        yield client("dynamodb")


@pytest.fixture
def new_table(dynamodb):
    """Create a table as the template does; return its name."""

    def create(key="id", **index):
        name = f"table-{next(_numbers)}"
        more = {}
        if index:
            more["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index["name"],
                    "KeySchema": [
                        {"AttributeName": index["hash"], "KeyType": "HASH"},
                        {"AttributeName": index["range"], "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
        attributes = {key, index.get("hash", key), index.get("range", key)}
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": each, "AttributeType": "S"} for each in sorted(attributes)
            ],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        return name

    return create
