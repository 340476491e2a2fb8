import json

import pytest
from jsonschema import Draft202012Validator

from handlers.domain.admission.group_request import FEWEST, FIELDS, MOST, parse_group
from handlers.domain.admission.rollout_request import MAX_REASON, InvalidInput
from handlers.domain.model.group import AT_ONCE_AT_MOST, IfOneFails, Order
from handlers.domain.model.principal import MOST_OF_A_PRINCIPAL
from operations.package import ROOT

SCHEMA = json.loads((ROOT / "definitions" / "group.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
KNOWN = tuple(f"app-{number}" for number in range(MOST + 1))
TWO = ["app-1", "app-2"]

GOOD = {
    "two in order": {"applications": TWO, "tag": "v1.42.0"},
    "the most": {"applications": list(KNOWN[:MOST]), "tag": "v1", "order": "side by side"},
    "the most in step": {
        "applications": list(KNOWN[:AT_ONCE_AT_MOST]),
        "tag": "v1",
        "order": "in step",
    },
    "all said": {
        "applications": TWO,
        "tag": "v1",
        "ifOneFails": "roll back",
        "requestedBy": "U1",
        "reason": "why",
    },
}
BAD = {
    "not an object": "web,api",
    "one": {"applications": ["app-1"], "tag": "v1"},
    "one twice": {"applications": ["app-1", "app-1"], "tag": "v1"},
    "a text": {"applications": "app-1,app-2", "tag": "v1"},
    "numbers": {"applications": [1, 2], "tag": "v1"},
    "too many": {"applications": list(KNOWN), "tag": "v1"},
    "too many in step": {
        "applications": list(KNOWN[: AT_ONCE_AT_MOST + 1]),
        "tag": "v1",
        "order": "in step",
    },
    "no tag": {"applications": TWO},
    "a tag with a space": {"applications": TWO, "tag": "v1 beta"},
    "an order that is none": {"applications": TWO, "tag": "v1", "order": "backwards"},
    "an order that is a list": {"applications": TWO, "tag": "v1", "order": ["in order"]},
    "another field": {"applications": TWO, "tag": "v1", "application": "app-1"},
    "a reason that is a number": {"applications": TWO, "tag": "v1", "reason": 1},
    "a long reason": {"applications": TWO, "tag": "v1", "reason": "a" * 501},
}


@pytest.mark.parametrize("document", GOOD.values(), ids=GOOD)
def test_schema_and_handler_take_what_is_one(document):
    VALIDATOR.validate(document)

    assert parse_group(document, KNOWN).applications == tuple(document["applications"])


@pytest.mark.parametrize("document", BAD.values(), ids=BAD)
def test_schema_and_handler_refuse_what_is_none(document):
    assert not VALIDATOR.is_valid(document)

    with pytest.raises(InvalidInput):
        parse_group(document, KNOWN)


def test_an_application_that_is_not_configured_is_named_with_those_that_are():
    with pytest.raises(InvalidInput, match=r"\['shop'\], expected some of web, api"):
        parse_group({"applications": ["web", "shop"], "tag": "v1"}, ("web", "api"))


def test_the_schema_has_the_handlers_fields_words_and_limits():
    fields = SCHEMA["properties"]

    assert tuple(fields) == FIELDS
    assert fields["order"]["enum"] == list(Order)
    assert fields["ifOneFails"]["enum"] == list(IfOneFails)
    assert (fields["applications"]["minItems"], fields["applications"]["maxItems"]) == (
        FEWEST,
        MOST,
    )
    assert fields["requestedBy"]["maxLength"] == MOST_OF_A_PRINCIPAL
    assert fields["reason"]["maxLength"] == MAX_REASON
    assert SCHEMA["then"]["properties"]["applications"]["maxItems"] == AT_ONCE_AT_MOST


def test_its_examples_hold():
    for example in SCHEMA["examples"]:
        VALIDATOR.validate(example)
