from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Thread

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from handlers.gateways.dynamodb_table import Table
from simulator.in_memory_dynamodb import InMemoryDynamoDb

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
        each.deactivate()
    for each in stubs:
        each.assert_no_pending_responses()


@pytest.fixture(scope="session", params=["moto", "in memory"])
def dynamodb(request):
    """Give moto's DynamoDB and the simulator's: the same tests hold for both."""
    if request.param == "in memory":
        yield InMemoryDynamoDb()
        return
    with mock_aws():
        yield client("dynamodb")


@pytest.fixture
def new_table(dynamodb):
    """Create a table as the template does."""

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
        return Table(dynamodb, name, key)

    return create


class Answers(BaseHTTPRequestHandler):
    """Answers one request after the other with what the test has laid out."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.requests.append((self.path, dict(self.headers), self.rfile.read(length)))
        status, headers, body = self.server.answers.pop(0)
        if status is None:
            self.server.released.wait(timeout=5)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Web:
    """An HTTP server on this machine, for one test."""

    def __init__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self._server.answers = []
        self._server.requests = []
        self._server.released = Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answers(self, status, body=b"", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._server.answers.append((status, named, body))

    def is_silent(self):
        self._server.answers.append((None, {}, b""))

    @property
    def requests(self):
        return self._server.requests


@pytest.fixture
def web():
    with Web() as running:
        yield running
