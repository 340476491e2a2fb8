from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pytest
from boto3.dynamodb.types import TypeDeserializer

from handlers.domain.approvals.approval_snapshot import ColorSnapshot
from handlers.domain.config.approval_rules import ApprovalAnswer
from handlers.domain.model.errors import Transient
from handlers.gateways.dynamodb_items import attribute, from_item, to_item
from handlers.gateways.dynamodb_table import ConditionFailed, Table
from tests.support.builders import (
    NOW,
    OLD,
    a_decision,
    a_deploying_color,
    a_released_color,
    a_rollout,
    after,
    an_approval,
    an_ended_rollout,
)


class Light(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Lamp:
    id: str
    light: Light
    since: datetime
    watts: int
    colors: tuple[str, ...] = ()
    replaced: datetime | None = None


LAMP = Lamp(id="1", light=Light.RED, since=NOW, watts=5, colors=("red",))


@pytest.fixture
def table(new_table):
    return new_table()


def plain(item):
    """Read an item as boto3 does."""
    return item and {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def test_a_record_is_read_back_as_it_was_written(table):
    table.put(to_item(LAMP))

    assert from_item(Lamp, table.get("1")) == LAMP


@pytest.mark.parametrize(
    "record",
    [
        a_rollout(),
        a_rollout(a_deploying_color("red"), board=None),
        an_ended_rollout(a_released_color("red")),
        an_approval(
            answers={"U0BOB": ApprovalAnswer(by="U0BOB", at=NOW, groups=("S0SRE",))},
            evidence={"red": ColorSnapshot(deployment="ecs-svc/1", runs=OLD)},
            decision=a_decision(others=("U0ALICE",)),
        ),
        an_approval(decision=None),
    ],
    ids=lambda record: type(record).__name__,
)
def test_our_records_are_read_back_as_they_were_written(table, record):
    table.put(to_item(record))

    assert from_item(type(record), table.get(record.id)) == record


def test_what_is_not_there_is_none(table):
    assert table.get("2") is None


def test_attributes_of_a_later_version_are_passed_over(table):
    table.put(to_item(LAMP) | {"socket": "E27", "expires": 1_800_000_000})

    assert from_item(Lamp, table.get("1")) == LAMP


def test_putting_replaces_the_whole_item(table):
    table.put({"id": "1", "note": "old", "more": 1})

    table.put({"id": "1", "note": "new"})

    assert plain(table.get("1")) == {"id": "1", "note": "new"}


def test_a_conditional_put_writes_nothing_when_its_condition_fails(table):
    table.put({"id": "1", "holder": "first"})

    with pytest.raises(ConditionFailed):
        table.put({"id": "1", "holder": "second"}, "holder = :me", me="second")

    assert plain(table.get("1"))["holder"] == "first"


def test_an_update_sets_paths_and_returns_the_whole_item(table):
    table.put({"id": "1", "colors": {"red": {"stage": "waiting", "note": ""}}, "kept": "yes"})

    item = table.update("1", {"colors.red.stage": "asking", "note": "new"})

    assert item == table.get("1")
    assert plain(item) == {
        "id": "1",
        "colors": {"red": {"stage": "asking", "note": ""}},
        "kept": "yes",
        "note": "new",
    }


def test_a_path_with_a_question_mark_is_set_once(table):
    table.put({"id": "1", "times": {}})
    table.update("1", {"times.asking?": NOW})

    item = table.update("1", {"times.asking?": after(hours=1), "times.deploying?": after(hours=1)})

    assert plain(item)["times"] == {
        "asking": NOW.isoformat(),
        "deploying": after(hours=1).isoformat(),
    }


def test_names_that_are_words_of_dynamodb_are_taken(table):
    table.put({"id": "1", "status": {}})

    item = table.update("1", {"status.name": "a", "status.values": "b", "time": "c"})

    assert plain(item) == {"id": "1", "status": {"name": "a", "values": "b"}, "time": "c"}


def test_an_update_of_what_is_not_there_creates_nothing(table):
    with pytest.raises(ConditionFailed):
        table.update("2", {"note": "new"})

    assert table.get("2") is None


def test_a_conditional_update_changes_nothing_when_its_condition_fails(table):
    table.put({"id": "1", "outcome": "done"})

    with pytest.raises(ConditionFailed):
        table.update("1", {"outcome": "again"}, "outcome = :open", open="")

    assert plain(table.get("1"))["outcome"] == "done"


def test_deleting_keeps_what_its_condition_protects(table):
    table.put({"id": "1", "holder": "first"})

    with pytest.raises(ConditionFailed):
        table.delete("1", "holder = :me", me="second")
    assert table.get("1") is not None

    table.delete("1", "holder = :me", me="first")
    assert table.get("1") is None


def test_an_index_is_read_newest_first_and_only_so_far(new_table):
    table = new_table(name="by-lamp", hash="lamp", range="at")
    for number in range(3):
        table.put({"id": str(number), "lamp": "a", "at": after(minutes=number)})
    table.put({"id": "9", "lamp": "b", "at": NOW})

    newest = table.newest("by-lamp", "lamp", "a", 2)

    assert [item["id"] for item in newest] == [{"S": "2"}, {"S": "1"}]


def test_as_many_are_read_as_are_wanted_however_long_they_are(new_table):
    table = new_table(name="by-lamp", hash="lamp", range="at")
    for number in range(9):
        long = {"evidence": "x" * 300_000, "at": after(minutes=number)}
        table.put({"id": str(number), "lamp": "a", **long})

    newest = table.newest("by-lamp", "lamp", "a", 8)

    assert [item["id"]["S"] for item in newest] == list("87654321")


def test_of_two_items_of_one_time_each_is_read_once_though_a_page_ends_between_them(new_table):
    table = new_table(name="by-lamp", hash="lamp", range="at")
    for number in range(8):
        table.put({"id": str(number), "lamp": "a", "at": NOW, "evidence": "x" * 300_000})

    newest = table.newest("by-lamp", "lamp", "a", 8)

    assert sorted(item["id"]["S"] for item in newest) == list("01234567")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (NOW, {"S": "2026-11-23T09:00:00+00:00"}),
        (Light.RED, {"S": "red"}),
        (("a", "b"), {"L": [{"S": "a"}, {"S": "b"}]}),
        ({"a": None, "b": ""}, {"M": {"b": {"S": ""}}}),
        (True, {"BOOL": True}),
        (
            LAMP,
            {
                "M": {
                    "id": {"S": "1"},
                    "light": {"S": "red"},
                    "since": {"S": "2026-11-23T09:00:00+00:00"},
                    "watts": {"N": "5"},
                    "colors": {"L": [{"S": "red"}]},
                }
            },
        ),
    ],
    ids=["time", "word", "tuple", "nothing left out", "flag", "record"],
)
def test_values_are_stored_in_dynamodbs_own_types(value, stored):
    assert attribute(value) == stored


def test_what_was_just_written_is_read(stubbed):
    client, stub = stubbed("dynamodb")
    asked = {"TableName": "Rollouts", "Key": {"id": {"S": "1"}}, "ConsistentRead": True}
    stub.add_response("get_item", {}, asked)

    assert Table(client, "Rollouts").get("1") is None


def test_a_table_that_is_throttled_is_worth_another_try(stubbed):
    client, stub = stubbed("dynamodb")
    stub.add_client_error("get_item", "ProvisionedThroughputExceededException", "slow down", 400)

    with pytest.raises(Transient, match=r"^read Rollouts: Provisioned"):
        Table(client, "Rollouts").get("1")
