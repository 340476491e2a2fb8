import json

import pytest
from jsonschema import Draft202012Validator

from handlers.domain.admission.rollout_request import (
    MAX_REASON,
    TARGETS,
    InvalidInput,
    parse_request,
)
from handlers.domain.model.colors import COLORS
from handlers.domain.model.image_reference import MOST, RELEASABLE
from handlers.domain.model.principal import MOST_OF_A_PRINCIPAL
from operations.package import ROOT

SCHEMA = json.loads((ROOT / "definitions" / "input.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
IMAGE = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/api"

GOOD = {
    "a tag": {"tag": "v1.42.0"},
    "the longest tag": {"tag": "_" + "a" * 127},
    "an image by tag": {"image": f"{IMAGE}:v1.42.0"},
    "an image by digest": {"image": f"{IMAGE}@sha256:{'0' * 64}"},
    "an image by tag and digest": {"image": f"{IMAGE}:v1.42.0@sha256:{'0' * 64}"},
    "an image at a port": {"image": "registry.example.com:5000/team/api:v1"},
    "several images": {"images": {"app": f"{IMAGE}:v1", "proxy": "nginx:1.27"}},
    "a revision by name": {"taskDefinition": "api:42"},
    "a revision by ARN": {
        "taskDefinition": "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/api:42"
    },
    "a revision for each color": {"taskDefinitions": dict.fromkeys(COLORS, "api:42")},
    "an earlier rollout": {"rollBack": "api-v1.42.0"},
    "one of another name": {"rollBack": "deploy=1!api@v1+1"},
    "one of a group": {"tag": "v1", "group": "web-api-v1"},
    "who and why": {"tag": "v1", "requestedBy": "U024BE7LH", "reason": "faster search"},
    "the longest who and why": {
        "tag": "v1",
        "requestedBy": "U" * MOST_OF_A_PRINCIPAL,
        "reason": "é" * MAX_REASON,
    },
}
BAD = {
    "nothing to roll out": {},
    "two things to roll out": {"tag": "v1", "taskDefinition": "api:42"},
    "an empty tag": {"tag": ""},
    "a tag that starts with a dot": {"tag": ".v1"},
    "a tag of 129 characters": {"tag": "a" * 129},
    "a tag with a space": {"tag": "v1 beta"},
    "a tag that is a number": {"tag": 1},
    "an image without tag or digest": {"image": IMAGE},
    "an image in upper case": {"image": "docker.io/team/Api:v1"},
    "an address": {"image": "https://registry.example.com/api:v1"},
    "an image of two tags": {"image": "api:v1:v2"},
    "a digest that is cut": {"image": f"{IMAGE}@sha256:{'0' * 63}"},
    "no images": {"images": {}},
    "an image that is a number": {"images": {"app": 1}},
    "a family without a number": {"taskDefinition": "api"},
    "a revision for some colors": {"taskDefinitions": {"red": "api:42"}},
    "a revision for another color": {"taskDefinitions": dict.fromkeys((*COLORS, "blue"), "api:4")},
    "a family for each color": {"taskDefinitions": dict.fromkeys(COLORS, "api")},
    "revisions in a list": {"taskDefinitions": ["api:42"]},
    "a rollout's name with a slash": {"rollBack": "a/b"},
    "a group's name with a slash": {"tag": "v1", "group": "a/b"},
    "a reason that is a number": {"tag": "v1", "reason": 1},
    "a reason of 501 characters": {"tag": "v1", "reason": "a" * 501},
    "a requester of 641 characters": {"tag": "v1", "requestedBy": "U" * 641},
    "a field that is not known": {"tag": "v1", "force": True},
    "another application": {"application": "No Such", "tag": "v1"},
}


def input_of(fields):
    return {"application": "api", **fields}


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("fields", GOOD.values(), ids=GOOD)
def test_schema_and_handler_both_take(fields):
    VALIDATOR.validate(input_of(fields))

    assert parse_request(input_of(fields), ("api",)).application == "api"


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_schema_and_handler_both_refuse(fields):
    assert not VALIDATOR.is_valid(input_of(fields))

    with pytest.raises(InvalidInput):
        parse_request(input_of(fields), ("api",))


@pytest.mark.parametrize("document", [None, [], "api", 1, {"tag": "v1"}])
def test_schema_and_handler_refuse_what_names_no_application(document):
    assert not VALIDATOR.is_valid(document)

    with pytest.raises(InvalidInput):
        parse_request(document, ("api",))


def test_the_schema_has_the_handlers_fields_and_limits():
    fields = SCHEMA["properties"]

    assert set(fields) == {"application", *TARGETS, "requestedBy", "reason", "despite", "group"}
    assert [each["required"] for each in SCHEMA["oneOf"]] == [[target] for target in TARGETS]
    assert fields["requestedBy"]["maxLength"] == MOST_OF_A_PRINCIPAL
    assert fields["reason"]["maxLength"] == fields["despite"]["maxLength"] == MAX_REASON


def test_the_schema_takes_an_image_as_it_is_taken_apart():
    image = SCHEMA["$defs"]["image"]

    assert image["pattern"] == f"^({RELEASABLE.pattern})$"
    assert image["maxLength"] == MOST


def test_its_examples_hold():
    for example in SCHEMA["examples"]:
        VALIDATOR.validate(example)
