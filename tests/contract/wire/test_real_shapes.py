"""Task definitions of every kind, described, registered with another image, and described again."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from handlers.domain.deployments.revision import REGISTERED, is_same, with_images
from handlers.gateways.ecs import Ecs
from simulator.simulated_aws import EcsClient
from tests.support.fake_ecs import FakeEcs
from tests.support.real_shapes import REAL_SHAPES, REGISTRY

NEW_IMAGE = f"{REGISTRY}/new@sha256:{'b' * 64}"
MODEL = boto3.client("ecs", region_name="ap-northeast-1").meta.service_model
TAKES = MODEL.operation_model("RegisterTaskDefinition").input_shape


def fields_of(shape, path: str = "") -> Iterator[str]:
    """Yield the fields that a request may have, each by where it stands."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield f"{path}.{name}"
            yield from fields_of(member, f"{path}.{name}")
    if shape.type_name == "list":
        yield from fields_of(shape.member, path)


def given_in(shape, value, path: str = "") -> Iterator[str]:
    """Yield the fields that a task definition says something in."""
    if shape.type_name == "structure":
        for name in value.keys() & shape.members.keys():
            yield f"{path}.{name}"
            yield from given_in(shape.members[name], value[name], f"{path}.{name}")
    if shape.type_name == "list":
        for each in value:
            yield from given_in(shape.member, each, path)


@pytest.fixture(params=REAL_SHAPES, ids=lambda shape: shape.__name__)
def base(request):
    return request.param()


@pytest.fixture
def wanted(base):
    return with_images(base, {base["containerDefinitions"][0]["name"]: NEW_IMAGE})


def as_registered(base):
    """Return what is to be registered of a base, but for the image of its first container."""
    kept = {name: base[name] for name in REGISTERED if name in base}
    kept["tags"] = [tag for tag in base["tags"] if not tag["key"].startswith("aws:")]
    first, *others = base["containerDefinitions"]
    kept["containerDefinitions"] = [{**first, "image": NEW_IMAGE}, *others]
    return {name: value for name, value in kept.items() if name != "tags" or value}


@pytest.fixture(scope="module")
def client(served):
    client = served.client("ecs", "ecs")
    yield client
    client.close()


def test_they_have_every_field_that_ecs_takes():
    given = {field for shape in REAL_SHAPES for field in given_in(TAKES, shape())}

    assert set(fields_of(TAKES)) - given == set()


def test_a_new_revision_is_its_base_but_for_the_image(base, wanted):
    assert wanted == as_registered(base)


def test_boto3_describes_it_and_registers_it_as_it_is(base, wanted):
    client = boto3.client("ecs", region_name="ap-northeast-1")
    tags, definition = base["tags"], {key: base[key] for key in base if key != "tags"}
    with Stubber(client) as aws:
        aws.add_response("describe_task_definition", {"taskDefinition": definition, "tags": tags})
        aws.add_response(
            "register_task_definition", {"taskDefinition": {"taskDefinitionArn": "arn"}}, wanted
        )
        gateway = Ecs(client)

        assert gateway.task_definition(base["family"]) == base
        gateway.register(wanted)
        aws.assert_no_pending_responses()


@pytest.mark.parametrize("spoken", ["on the wire", "in process"])
def test_the_sandboxs_ecs_keeps_all_of_it(base, wanted, spoken, aws, client):
    gateway = Ecs(client if spoken == "on the wire" else EcsClient(aws.world))

    found = gateway.task_definition(gateway.register(wanted))

    again = with_images(found, {})
    assert is_same(again, wanted)
    assert lost(wanted, again) == []


def test_ecs_in_memory_keeps_all_of_it(base, wanted):
    ecs = FakeEcs(revisions=[base])

    found = ecs.task_definition(ecs.register(wanted))

    assert with_images(found, {}) == wanted


def lost(before, after, path: str = "") -> list[str]:
    """List what was given before and is another or missing after."""
    if isinstance(before, dict):
        return [
            each
            for name in before
            for each in lost(before[name], (after or {}).get(name), f"{path}.{name}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [each for n, (one, other) in pairs for each in lost(one, other, f"{path}[{n}]")]
    return [] if before == after else [f"{path}: {json.dumps(before)} → {json.dumps(after)}"]
