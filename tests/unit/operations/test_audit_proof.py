"""The audit's table, compared with what the functions' log says of each entry."""

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.domain.history.audit import EventKind
from handlers.gateways.audit_store import LINE, Audit, audited
from handlers.gateways.dynamodb_items import attribute, to_item
from handlers.gateways.dynamodb_table import Table
from operations import audit_export as export
from operations.audit_proof import findings, read_lines
from simulator.in_memory_stores import InMemoryAudit, dynamodb
from tests.support.builders import NOW, after, an_entry

REQUESTED = an_entry(kind=EventKind.REQUESTED, id="request")
DECIDED = an_entry(kind=EventKind.DECIDED, id="question-1", color="red", at=after(minutes=1))
OTHER = an_entry(rollout="web-1", application="web", id="request")


class Log:
    """CloudWatch Logs, in pages of two events."""

    def __init__(self):
        self.events = []

    def tell(self, entry, *, is_first=True, minutes=0):
        said = {"message": LINE, "audited": audited(entry, is_first=is_first)}
        self.add(json.dumps(said), minutes)

    def add(self, message, minutes=0):
        moment = round(after(minutes=minutes).timestamp() * 1_000)
        # A writer may say any time; when it came is CloudWatch's.
        self.events.append({"message": message, "timestamp": 0, "ingestionTime": moment})

    def get_paginator(self, operation):
        assert operation == "filter_log_events"
        return self

    def paginate(self, logGroupName, filterPattern):  # noqa: N803 - as boto3 names them
        assert (logGroupName, filterPattern) == ("HandlersLog", f'"{LINE}"')
        events = self.events[::-1]
        for start in range(0, len(events), 2):
            yield {"events": events[start : start + 2]}


class Stacks:
    def get_paginator(self, operation):
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName):  # noqa: N803 - likewise
        for name in ("Audit", "HandlersLog"):
            found = {"LogicalResourceId": name, "PhysicalResourceId": name}
            yield {"StackResourceSummaries": [found]}


@pytest.fixture
def tables():
    return dynamodb()


@pytest.fixture
def table(tables):
    """Have three entries in the table."""
    audit = InMemoryAudit(REQUESTED, DECIDED, OTHER, client=tables)
    assert len(audit.records) == 3
    return Table(tables, "Audit", "rollout")


@pytest.fixture
def lines():
    """Have a line of each in the lines."""
    lines = Log()
    for entry in (REQUESTED, DECIDED, OTHER):
        lines.tell(entry)
    return lines


def overwrite(table, entry, **attributes):
    """Put an entry without a condition, as IAM lets every function do."""
    table.put({**to_item(entry), "event": entry.event, **attributes})


def found(table, lines, application=""):
    return list(findings(table.all(), read_lines(lines, "HandlersLog"), application))


def test_what_is_as_it_was_written_is_not_named(table, lines):
    assert found(table, lines) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(DECIDED, actor="U0MALLORY"),
        replace(DECIDED, detail="approved"),
        replace(DECIDED, at=NOW),
        replace(DECIDED, source="api"),
    ],
)
def test_an_entry_that_was_overwritten_is_named(table, lines, changed):
    overwrite(table, changed)

    assert found(table, lines) == ["api-v1.42.0-1 decided red: is not as it was written"]


def test_a_line_that_comes_with_the_change_does_not_hide_it(table, lines):
    changed = replace(DECIDED, actor="U0MALLORY")
    overwrite(table, changed)
    lines.tell(changed, minutes=5)

    assert found(table, lines) == ["api-v1.42.0-1 decided red: is not as it was written"]


def test_what_is_no_entry_any_more_is_named(table, lines):
    overwrite(table, DECIDED, kind="nothing", source="nowhere")

    assert found(table, lines) == ["api-v1.42.0-1 decided red: is not as it was written"]


def test_an_entry_that_was_removed_is_named(tables, table, lines):
    key = {"rollout": attribute("web-1"), "event": attribute(OTHER.event)}
    tables.delete_item(TableName="Audit", Key=key)

    (named,) = found(table, lines)

    assert named == "web-1 requested: is in the log and not in the table any more"


def test_an_entry_without_a_line_is_named_unless_it_is_older_than_the_log(table, lines):
    added = an_entry(rollout="api-2", kind=EventKind.DECIDED, at=after(minutes=9))
    old = an_entry(rollout="api-0", at=after(days=-800))
    overwrite(table, added)
    overwrite(table, old)

    assert found(table, lines) == [
        f"api-2 {added.event}: is in the table, and the log does not say who wrote it"
    ]


def test_an_entry_that_several_wrote_at_once_is_the_one_that_the_table_took(table, lines):
    lines.tell(replace(DECIDED, at=after(minutes=2)), is_first=False, minutes=-1)

    assert found(table, lines) == []


def test_an_entry_whose_first_answer_was_lost_is_as_its_writer_tried_it(table):
    lines = Log()
    for entry in (REQUESTED, DECIDED, OTHER):
        lines.tell(entry, is_first=False)

    assert found(table, lines) == []


def test_other_lines_that_say_the_same_words_are_passed_over(table, lines):
    for message in ("audit entry", '{"message": "audit entry"}', '{"message": "no audit entry"}'):
        lines.add(message)

    assert found(table, lines) == []


def test_one_application_is_compared_alone(tables, table, lines):
    overwrite(table, replace(OTHER, actor="U0MALLORY"))

    assert found(table, lines, "api") == []
    assert len(found(table, lines, "web")) == 1


@pytest.fixture
def exported(tables, table, lines, monkeypatch, capsys):
    clients = {"cloudformation": Stacks(), "dynamodb": tables, "logs": lines}
    monkeypatch.setattr(export, "_client", lambda service, _: clients[service])

    def run(*arguments):
        status = export.main(["--verify", *arguments])
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err

    return run


def test_the_export_says_so_and_ends_with_another_status(exported, table):
    assert exported()[0] == 0
    overwrite(table, replace(OTHER, actor="U0MALLORY"))

    status, entries, said = exported()

    assert (status, len(entries)) == (export.TAMPERED, 3)
    assert "web-1 requested: is not as it was written" in said
    assert exported("--rollout", "api-v1.42.0-1")[0] == 0
    assert exported("--application", "web")[0] == export.TAMPERED


def test_what_cannot_be_read_is_named_and_keeps_no_other(exported, table):
    overwrite(table, DECIDED, source="nowhere")

    status, entries, said = exported()

    assert (status, len(entries)) == (export.TAMPERED, 2)
    assert "api-v1.42.0-1 decided red: is not as it was written" in said


def test_an_entry_that_is_noted_is_told_of_in_the_log(log, tables):
    audit = Audit(Table(tables, "Audit", "rollout"))

    audit.note(REQUESTED)
    audit.note(replace(REQUESTED, at=NOW + timedelta(minutes=1)))

    said = map(json.loads, log.getvalue().splitlines())
    first, second = (line["audited"] for line in said if line["message"] == LINE)
    assert first == audited(REQUESTED, is_first=True)
    assert (second["first"], second["place"]) == (False, first["place"])
    assert second["digest"] != first["digest"]


def test_ids_of_questions_do_not_stand_in_the_log(log, tables):
    Audit(Table(tables, "Audit", "rollout")).note(DECIDED)

    assert "question-1" not in log.getvalue()


def test_its_lines_are_written_whatever_level_the_functions_log_at(log, tables):
    service = logging.getLogger("shingo")
    level = service.level
    service.setLevel(logging.ERROR)
    try:
        Audit(Table(tables, "Audit", "rollout")).note(REQUESTED)
    finally:
        service.setLevel(level)

    assert LINE in log.getvalue()
