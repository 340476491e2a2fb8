"""CloudWatch Logs through botocore's stub, which holds our parameters against its model."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.domain.model.measurements import Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.gateways.cloudwatch_logs import MOST_CALLS, MOST_LINES, Logs

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
END = START + timedelta(minutes=5)
BEGAN = 1_795_492_800_000
GROUP = "/ecs/api"
NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."


@pytest.fixture
def logs(stubbed):
    client, stub = stubbed("logs")
    gateway = Logs(client)
    gateway.answers = stub
    return gateway


def asked(*streams, **more):
    return {
        "logGroupName": GROUP,
        "logStreamNames": list(streams),
        "filterPattern": "?ERROR ?Exception",
        "startTime": BEGAN,
        "endTime": BEGAN + 5 * 60_000 - 1,
        **more,
    }


def answer(logs, *messages, token="", first=0, asked=None):
    events = [
        {"timestamp": BEGAN + first + number, "message": message}
        for number, message in enumerate(messages)
    ]
    page = {"events": events} | ({"nextToken": token} if token else {})
    logs.answers.add_response("filter_log_events", page, asked)


def is_missing(logs, *streams, said=NO_STREAM):
    logs.answers.add_client_error(
        "filter_log_events",
        "ResourceNotFoundException",
        said,
        http_status_code=400,
        expected_params=asked(*streams) if streams else None,
    )


def found(logs, *streams, start=START, end=END):
    return logs.find(GROUP, list(streams), "?ERROR ?Exception", start, end)


def test_matching_lines_of_the_streams_are_counted(logs):
    answer(logs, "ERROR boom", asked=asked("ecs/app/1", "ecs/app/2"))

    assert found(logs, "ecs/app/1", "ecs/app/2", "ecs/app/1") == Lines(
        count=1, examples=("ERROR boom",)
    )


def test_no_matching_line_is_none(logs):
    answer(logs)

    assert found(logs, "ecs/app/1") == Lines(count=0)


def test_the_end_is_not_counted_twice(logs):
    answer(logs, asked=asked("ecs/app/1", endTime=BEGAN + 1500))

    found(logs, "ecs/app/1", end=START + timedelta(seconds=1, milliseconds=500, microseconds=1))


def test_examples_are_masked_and_distinct_and_in_order(logs):
    answer(logs, "no row 5", "no row 6", "boom for a@example.com", token="more", first=10)
    answer(logs, "out of memory", "late", first=0)

    lines = found(logs, "ecs/app/1")

    assert lines.count == 5
    assert lines.examples == ("out of memory", "late", "no row #")


def test_an_empty_page_may_have_a_next_one(logs):
    answer(logs, token="more", asked=asked("ecs/app/1"))
    answer(logs, token="still more", asked=asked("ecs/app/1", nextToken="more"))
    answer(logs, "ERROR", asked=asked("ecs/app/1", nextToken="still more"))

    assert found(logs, "ecs/app/1") == Lines(count=1, examples=("ERROR",))


def test_what_was_not_read_to_its_end_is_not_whole(logs):
    for _ in range(MOST_CALLS):
        answer(logs, "ERROR", token="more")

    assert found(logs, "ecs/app/1") == Lines(count=MOST_CALLS, examples=("ERROR",), is_whole=False)


def test_enough_lines_are_enough(logs):
    answer(logs, *["ERROR"] * MOST_LINES, token="more")

    assert found(logs, "ecs/app/1") == Lines(count=MOST_LINES, examples=("ERROR",), is_whole=False)


def test_streams_are_searched_a_hundred_at_a_time(logs):
    streams = [f"ecs/app/{number}" for number in range(101)]
    answer(logs, "ERROR", asked=asked(*streams[:100]))
    answer(logs, "ERROR", asked=asked(*streams[100:]))

    assert found(logs, *streams).count == 2


def test_a_stream_that_is_missing_hides_no_other(logs):
    is_missing(logs, "1", "2", "3", "4")
    answer(logs, "ERROR", asked=asked("1", "2"))
    is_missing(logs, "3", "4")
    is_missing(logs, "3")
    answer(logs, "ERROR", asked=asked("4"))

    assert found(logs, "1", "2", "3", "4") == Lines(count=2, examples=("ERROR",))


def test_where_every_stream_is_missing_nothing_was_looked_at(logs):
    is_missing(logs, "ecs/app/1", "ecs/app/2")
    is_missing(logs, "ecs/app/1")
    is_missing(logs, "ecs/app/2")

    assert found(logs, "ecs/app/1", "ecs/app/2") == Unmeasured(
        verdict=Verdict.NO_DATA,
        why="/ecs/api has no stream ecs/app/1, nor any other of its tasks.",
    )


def test_many_missing_streams_are_not_searched_for_without_end(logs):
    for _ in range(MOST_CALLS):
        is_missing(logs)

    assert found(logs, *(f"ecs/app/{number}" for number in range(100))).verdict is Verdict.NO_DATA


def test_streams_that_there_were_no_calls_left_for_leave_it_not_whole(logs):
    for _ in range(MOST_CALLS - 1):
        is_missing(logs)
    answer(logs)

    assert not found(logs, *(f"ecs/app/{number}" for number in range(100))).is_whole


def test_no_streams_are_no_data(logs):
    assert found(logs) == Unmeasured(
        verdict=Verdict.NO_DATA, why="No task of it writes to /ecs/api yet."
    )


def test_no_time_is_no_data(logs):
    assert found(logs, "ecs/app/1", end=START).verdict is Verdict.NO_DATA


def test_a_group_that_does_not_exist_is_an_error(logs):
    is_missing(logs, said=NO_GROUP)

    assert found(logs, "ecs/app/1", "ecs/app/2") == Unmeasured(
        verdict=Verdict.ERROR,
        why="The logs could not be read: filter log events of /ecs/api: "
        "ResourceNotFoundException: The specified log group does not exist.",
    )


FAILURES = [
    "AccessDeniedException",
    "InvalidParameterException",
    "ServiceUnavailableException",
    "ThrottlingException",
]


@pytest.mark.parametrize("code", FAILURES)
def test_no_failure_of_a_later_page_leaves_half_a_count(logs, code):
    answer(logs, token="more")
    logs.answers.add_client_error("filter_log_events", code)

    assert found(logs, "ecs/app/1").verdict is Verdict.ERROR
