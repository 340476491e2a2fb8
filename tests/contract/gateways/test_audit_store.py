"""The audit in its table, as the template makes it: moto's, and that of the simulation."""

import json

import pytest
from samtranslator.yaml_helper import yaml_parse

from handlers.domain.history.audit import EventKind
from handlers.domain.model.errors import Transient
from handlers.gateways.audit_store import Audit
from handlers.gateways.dynamodb_items import attribute, to_item
from handlers.gateways.dynamodb_table import Table
from operations import audit_export as export
from operations.package import ROOT
from tests.support.builders import after, an_entry

TEMPLATE = yaml_parse((ROOT / "definitions" / "template.yaml").read_text())


@pytest.fixture
def table(dynamodb):
    declared = TEMPLATE["Resources"]["Audit"]["Properties"]
    kept = {key: declared[key] for key in ("AttributeDefinitions", "KeySchema", "BillingMode")}
    dynamodb.create_table(TableName="Audit", **kept)
    yield Table(dynamodb, "Audit", "rollout")
    dynamodb.delete_table(TableName="Audit")


@pytest.fixture
def audit(table):
    return Audit(table)


def test_what_is_noted_is_read_back_in_order(audit):
    first = an_entry(kind=EventKind.ASKED, color="red", detail="", actor="")
    second = an_entry(kind=EventKind.DECIDED, color="red", at=after(minutes=5))
    audit.note(second)
    audit.note(first)

    assert audit.entries("api-v1.42.0-1") == [first, second]


def test_an_event_that_is_noted_twice_is_noted_once_as_it_was_first(audit):
    audit.note(an_entry(id="end", detail="completed"))
    audit.note(an_entry(id="end", detail="aborted", at=after(minutes=1)))

    assert audit.entries("api-v1.42.0-1") == [an_entry(id="end", detail="completed")]


def test_rollouts_have_audits_of_their_own(audit):
    audit.note(an_entry(rollout="api-1"))
    audit.note(an_entry(rollout="web-1", application="web"))

    assert audit.entries("web-1") == [an_entry(rollout="web-1", application="web")]
    assert audit.entries("api-2") == []


def test_a_long_audit_is_read_to_its_end(stubbed):
    client, stub = stubbed("dynamodb")
    pages = [[an_entry()], [an_entry(kind=EventKind.ASKED), an_entry(kind=EventKind.ENDED)]]
    place = {"rollout": {"S": "api-v1.42.0-1"}, "event": {"S": pages[0][0].event}}
    more = [{"LastEvaluatedKey": place}, {}]
    for page, rest in zip(pages, more, strict=True):
        items = [{k: attribute(v) for k, v in to_item(entry).items()} for entry in page]
        stub.add_response("query", {"Items": items, **rest})

    found = Audit(Table(client, "Audit", "rollout")).entries("api-v1.42.0-1")

    assert found == [entry for page in pages for entry in page]


def test_nothing_can_be_taken_from_it():
    assert {name for name in vars(Audit) if not name.startswith("_")} == {
        "note",
        "request",
        "entries",
    }


def test_a_table_that_is_throttled_can_be_tried_again(stubbed):
    client, stub = stubbed("dynamodb")
    stub.add_client_error("put_item", "ThrottlingException")

    with pytest.raises(Transient):
        Audit(Table(client, "Audit", "rollout")).note(an_entry())


class Stacks:
    """CloudFormation, as far as an export asks it."""

    def __init__(self, **tables):
        self.tables = tables

    def get_paginator(self, operation):
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName):  # noqa: N803  (boto3's own name)
        for name, physical in self.tables.items():
            found = {"LogicalResourceId": name, "PhysicalResourceId": physical}
            yield {"StackResourceSummaries": [found]}


@pytest.fixture
def exported(dynamodb, table, monkeypatch, capsys):
    """Note three entries of two applications, and run the export."""
    for given in (
        {"rollout": "web-1", "application": "web", "at": after(minutes=2)},
        {"rollout": "api-1", "kind": EventKind.ENDED, "at": after(minutes=1), "detail": "完了"},
        {"rollout": "api-1"},
    ):
        Audit(table).note(an_entry(**given))
    clients = {"cloudformation": Stacks(Rollouts="x", Audit="Audit"), "dynamodb": dynamodb}
    monkeypatch.setattr(export, "_client", lambda service, _: clients[service])

    def run(*arguments):
        status = export.main(arguments)
        lines = capsys.readouterr().out.splitlines()
        return status, [json.loads(line) for line in lines]

    return run


def test_the_export_is_a_line_for_each_entry_in_order(exported):
    status, lines = exported()

    assert status == 0
    assert [(line["rollout"], line["kind"]) for line in lines] == [
        ("api-1", "requested"),
        ("api-1", "ended"),
        ("web-1", "requested"),
    ]
    assert lines[1] == {
        "rollout": "api-1",
        "application": "api",
        "at": "2026-11-23T09:01:00+00:00",
        "kind": "ended",
        "actor": "U0CAROL",
        "source": "slack",
        "caller": "",
        "color": "",
        "detail": "完了",
        "id": "",
    }


@pytest.mark.parametrize(
    ("arguments", "rollouts"),
    [
        (["--application", "web"], ["web-1"]),
        (["--rollout", "api-1"], ["api-1", "api-1"]),
        (["--rollout", "api-2"], []),
    ],
)
def test_the_export_may_be_of_one_application_or_of_one_rollout(exported, arguments, rollouts):
    _, lines = exported(*arguments)

    assert [line["rollout"] for line in lines] == rollouts


def test_a_stack_without_an_audit_is_said_to_have_none(monkeypatch, capsys):
    monkeypatch.setattr(export, "_client", lambda *_: Stacks(Rollouts="x"))

    assert export.main(["--stack", "other"]) == 1
    assert "stack other has no table Audit" in capsys.readouterr().err
