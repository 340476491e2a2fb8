"""What an older boto3 does not know is named, where it would be dropped."""

import boto3
import pytest

from handlers.domain.deployments.revision import NOT_READ, with_images
from handlers.domain.model.errors import NotThere
from handlers.gateways.ecs import Ecs
from handlers.gateways.unread_fields import NOT_JSON, note_unread_fields, unread_fields
from tests.support.aws_on_the_wire import serving
from tests.support.real_shapes import container, described, files

S3_FILES = "volumes[archive].s3filesVolumeConfiguration"


@pytest.fixture(scope="module")
def served():
    with serving() as aws:
        yield aws


@pytest.fixture
def described_by(served):
    """Give a function that describes a task definition by a boto3 that lacks fields."""
    served.renew()

    def describe(definition, *, without=()):
        client = older_client(f"http://127.0.0.1:{served.port}/ecs", without)
        made = served.world.register_task_definition(definition)
        return Ecs(client).task_definition(made.arn)

    return describe


def older_client(endpoint, without):
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    session = boto3.Session(region_name="ap-northeast-1", **keys)
    client = session.client("ecs", endpoint_url=endpoint)
    shapes = client.meta.service_model._shape_resolver._shape_map
    for shape, field in without:
        del shapes[shape]["members"][field]
    return client


def test_what_boto3_knows_is_all_there(described_by):
    assert NOT_READ not in described_by(files())


def test_a_volume_that_an_older_boto3_does_not_know_is_named_and_never_registered_empty(
    described_by,
):
    found = described_by(files(), without=[("Volume", "s3filesVolumeConfiguration")])

    assert found["volumes"][1] == {"name": "archive"}
    assert found[NOT_READ] == [S3_FILES]
    with pytest.raises(NotThere, match="s3filesVolumeConfiguration"):
        with_images(found, {"app": "api:v2"})


def test_what_aws_has_begun_to_return_without_content_is_not_missed(described_by):
    without = [
        ("TaskDefinition", "enableFaultInjection"),
        ("ContainerDefinition", "systemControls"),
    ]

    assert NOT_READ not in described_by(
        described("api", container("app", memory=64)), without=without
    )


def test_what_is_ecss_own_to_say_is_not_missed(described_by):
    without = [("TaskDefinition", "registeredBy"), ("Attribute", "name")]

    assert NOT_READ not in described_by(files(), without=without)


def test_an_answer_in_another_format_is_not_taken_for_whole():
    read = {"taskDefinition": {"family": "api"}}

    note_unread_fields({"body": b"\xbf\x63"}, read)

    assert read["taskDefinition"][NOT_READ] == [NOT_JSON]


def test_a_refusal_has_nothing_to_compare():
    refused = {"Error": {"Code": "ClientException"}}

    note_unread_fields({"body": b"{}"}, refused)
    note_unread_fields(None, None)

    assert refused == {"Error": {"Code": "ClientException"}}


@pytest.mark.parametrize(
    ("answered", "read", "lost"),
    [
        ({"future": 0}, {}, ["future"]),
        ({"future": {"enabled": True}}, {}, ["future"]),
        ({"future": {"enabled": False, "names": []}, "empty": ""}, {}, []),
        ({"cpu": "256", "none": None}, {"cpu": "256"}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, ["a.c"]),
        (
            {"a": [{"name": "one", "b": 1}, {"b": 2}]},
            {"a": [{"name": "one"}, {}]},
            ["a[one].b", "a[1].b"],
        ),
        ({"options": {"mine": "yes"}}, {"options": {"mine": "yes"}}, []),
    ],
)
def test_only_what_says_something_and_was_not_read_is_named(answered, read, lost):
    assert list(unread_fields(answered, read)) == lost
