"""Log lines as the real boto3 sees them."""

from datetime import timedelta

import botocore.session
import pytest
from botocore.exceptions import ClientError

from sandbox.host.accelerated_clock import translation_from
from sandbox.wire.aws.log_patterns import PatternError, compile_pattern
from sandbox.wire.aws.logs_api import OPERATIONS, perform
from tests.support.aws_on_the_wire import NOW
from tests.support.botocore_shapes import mismatches

MODEL = botocore.session.get_session().get_service_model("logs")
GROUP = "/ecs/web"


@pytest.fixture(scope="module")
def client(served):
    client = served.client("logs", "logs")
    yield client
    client.close()


@pytest.fixture
def logs(client, aws):
    return client


def at(**before):
    return int((NOW - timedelta(**before)).timestamp() * 1000)


def streams(aws, color="red"):
    return [
        stream
        for stream, task in aws.world.logs.groups()[GROUP].items()
        if task.service.name == f"web-{color}"
    ]


def found(logs, **how):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, **how)
    return [event for page in pages for event in page["events"]]


def test_lines_come_oldest_first_from_the_streams_that_are_named(aws, logs):
    (red,) = streams(aws)

    events = found(logs, logStreamNames=[red], startTime=at(minutes=10))

    moments = [event["timestamp"] for event in events]
    assert {event["logStreamName"] for event in events} == {red}
    assert moments == sorted(moments)
    assert at(minutes=10) <= moments[0]
    assert len({event["eventId"] for event in events}) == len(events) > 20


def test_both_ends_of_the_time_are_among_what_is_asked_for(logs):
    events = found(logs, startTime=at(minutes=10), endTime=at(minutes=5))
    one = events[len(events) // 2]

    alone = found(logs, startTime=one["timestamp"], endTime=one["timestamp"])

    assert one in alone
    assert max(event["timestamp"] for event in events) <= at(minutes=5)


def test_lines_that_match_are_all_errors(aws, logs):
    counted = sum(minute.errors for minute in aws.world.traffic.recent("web-green", 20)[:10])

    events = found(
        logs,
        logStreamNames=streams(aws, "green"),
        startTime=at(minutes=20),
        endTime=at(minutes=10) - 1,
        filterPattern="?ERROR ?WARN",
    )

    assert len(events) == counted > 0
    assert {event["message"].split()[0] for event in events} == {"ERROR"}


def test_a_page_may_be_empty_and_still_not_be_the_last(aws, logs):
    how = {"logGroupName": GROUP, "startTime": at(minutes=90), "filterPattern": "nowhere"}

    first = logs.filter_log_events(**how)
    pages = list(logs.get_paginator("filter_log_events").paginate(**how))

    assert first["events"] == []
    assert first["nextToken"]
    assert [page["events"] for page in pages] == [[], [], []]


def test_a_limit_cuts_pages_and_loses_nothing(logs):
    whole = found(logs, startTime=at(minutes=10))

    first = logs.filter_log_events(logGroupName=GROUP, startTime=at(minutes=10), limit=7)
    cut = found(logs, startTime=at(minutes=10), limit=7)

    assert first["events"] == whole[:7]
    assert cut == whole


def test_a_stream_prefix_finds_its_streams(aws, logs):
    (red,) = streams(aws)

    events = found(logs, logStreamNamePrefix=red[:12], startTime=at(minutes=10))

    assert {event["logStreamName"] for event in events} == {red}


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("ResourceNotFoundException", {"logGroupName": "/ecs/none"}),
        ("ResourceNotFoundException", {"logStreamNames": ["app/app/none"]}),
        ("InvalidParameterException", {"logStreamNames": ["a"], "logStreamNamePrefix": "a"}),
        ("InvalidParameterException", {"logStreamNames": [f"a{n}" for n in range(101)]}),
        ("InvalidParameterException", {"limit": 10_001}),
        ("InvalidParameterException", {"filterPattern": "{ $.level = 3 }"}),
        ("InvalidParameterException", {"nextToken": "theirs"}),
    ],
)
def test_what_cannot_be_served_is_refused_by_its_name(logs, code, how):
    with pytest.raises(ClientError) as refusal:
        logs.filter_log_events(**{"logGroupName": GROUP, **how})

    assert refusal.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("availability", "code"),
    [("down", "ServiceUnavailableException"), ("forbidden", "AccessDeniedException")],
)
def test_bad_availability_is_an_error(aws, logs, availability, code):
    aws.world.telemetry.availability = availability

    with pytest.raises(ClientError) as refusal:
        logs.filter_log_events(logGroupName=GROUP)

    assert refusal.value.response["Error"]["Code"] == code


def test_times_are_ours_where_the_world_is_60_times_as_fast(aws, logs):
    aws.renew(translation_from(NOW.timestamp(), 60))

    events = found(logs, startTime=at(seconds=10), filterPattern="ERROR")

    assert len(events) > 50
    assert all(at(seconds=10) <= event["timestamp"] < at() for event in events)


def test_what_is_not_known_is_refused_by_name(logs):
    with pytest.raises(ClientError, match="does not know DescribeLogGroups"):
        logs.describe_log_groups()


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("", "anything", True),
        ("ERROR", "ERROR 500", True),
        ("ERROR", "error 500", False),
        ("ERROR 500", "500 ERROR", True),
        ("ERROR 500", "ERROR 404", False),
        ('"ERROR 500"', "500 ERROR", False),
        ('"timed out:"', "it timed out: twice", True),
        ("?ERROR ?WARN", "WARN low", True),
        ("?ERROR ?WARN", "INFO fine", False),
        ("-INFO", "INFO fine", False),
        ("-INFO", "ERROR", True),
        ('ERROR -"known one"', "ERROR known one", False),
        ("?WARN ERROR", "ERROR", True),
        ("?WARN ERROR", "WARN", False),
        (r'"say \"no\""', 'they say "no"', True),
    ],
)
def test_filter_patterns_follow_cloudwatchs_syntax(pattern, line, expected):
    assert compile_pattern(pattern)(line) is expected


@pytest.mark.parametrize("pattern", ["[a, b]", "{ $.a = 1 }", "%AUTH%", "a.b", '"open', "?"])
def test_a_pattern_of_another_kind_is_refused(pattern):
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_every_answer_has_the_shape_of_botocores_model(aws):
    for operation in OPERATIONS:
        answer = perform(aws.world, operation, {"logGroupName": GROUP, "limit": 5})

        assert answer["events"]
        assert mismatches(answer, MODEL.operation_model(operation).output_shape) == []
