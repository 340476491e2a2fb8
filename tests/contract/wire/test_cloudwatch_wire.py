"""Metrics and alarms as the real boto3 sees them, and every answer against botocore's model."""

from datetime import timedelta

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from sandbox.host.accelerated_clock import Translation, translation_from
from sandbox.wire.aws.cloudwatch_api import OPERATIONS, perform
from sandbox.wire.fault_injection import WireError
from tests.support.aws_on_the_wire import NOW
from tests.support.botocore_shapes import mismatches

MODEL = botocore.session.get_session().get_service_model("cloudwatch")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def client(served):
    client = served.client("cloudwatch", "cloudwatch")
    yield client
    client.close()


@pytest.fixture
def cloudwatch(client, aws):
    return client


def stat(ident, metric, statistic, period=60, service="web-red", **more):
    names, namespace = {"Service": service}, "Recipes"
    if metric.endswith("Utilization"):
        names, namespace = {"ClusterName": "recipes", "ServiceName": service}, "AWS/ECS"
    about = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in names.items()],
    }
    return {
        "Id": ident,
        "MetricStat": {"Metric": about, "Period": period, "Stat": statistic},
    } | more


REQUESTS = stat("requests", "Requests", "Sum")


def ask(cloudwatch, *queries, start=NOW - HOUR, end=NOW, **how):
    how = {"ScanBy": "TimestampAscending", **how}
    return cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=start, EndTime=end, **how
    )


def results(answer):
    return {item["Id"]: item for item in answer["MetricDataResults"]}


def test_several_metrics_and_an_expression_come_in_one_answer(cloudwatch):
    answer = ask(
        cloudwatch,
        REQUESTS,
        stat("errors", "Errors", "Sum", ReturnData=False),
        stat("latency", "Latency", "p99"),
        stat("memory", "MemoryUtilization", "Average"),
        {"Id": "share", "Expression": "100 * errors / requests", "Label": "5xx"},
    )

    found = results(answer)
    assert list(found) == ["requests", "latency", "memory", "share"]
    assert {item["StatusCode"] for item in found.values()} == {"Complete"}
    assert [item["Label"] for item in found.values()] == [
        "Requests",
        "Latency",
        "MemoryUtilization",
        "5xx",
    ]
    assert found["latency"]["Values"][0] == pytest.approx(210, rel=0.3)
    assert 0 <= found["share"]["Values"][0] < 3


def test_timestamps_begin_the_periods_and_the_last_one_still_fills(cloudwatch):
    requests = results(ask(cloudwatch, REQUESTS, start=NOW - timedelta(minutes=4, seconds=7)))

    found = requests["requests"]
    moments = [NOW - timedelta(minutes=minutes) for minutes in (5, 4, 3, 2, 1)]
    assert found["Timestamps"] == moments
    assert found["Values"][-1] < 0.5 * found["Values"][-2]


def test_the_newest_comes_first_unless_asked_otherwise(cloudwatch):
    newest = results(ask(cloudwatch, REQUESTS, ScanBy="TimestampDescending"))["requests"]
    oldest = results(ask(cloudwatch, REQUESTS))["requests"]

    assert newest["Timestamps"] == oldest["Timestamps"][::-1]
    assert newest["Values"] == oldest["Values"][::-1]


def test_what_nobody_publishes_is_complete_and_empty(cloudwatch):
    answer = ask(cloudwatch, stat("none", "Requests", "Sum", service="nobody"))

    found = results(answer)["none"]
    assert (found["StatusCode"], found["Values"], found["Timestamps"]) == ("Complete", [], [])


def test_a_large_answer_comes_in_pages(cloudwatch):
    queries = [REQUESTS, stat("latency", "Latency", "p99")]
    whole = results(ask(cloudwatch, *queries))

    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=NOW - HOUR,
        EndTime=NOW,
        ScanBy="TimestampAscending",
        MaxDatapoints=25,
    )
    parts = [item for page in pages for item in page["MetricDataResults"]]

    for ident, expected in whole.items():
        values = [value for item in parts if item["Id"] == ident for value in item["Values"]]
        assert values == expected["Values"]
    assert [item["StatusCode"] for item in parts if item["Id"] == "requests"] == [
        "PartialData",
        "PartialData",
        "Complete",
    ]


@pytest.mark.parametrize(
    ("message", "change"),
    [
        ("must be less than", {"start": NOW, "end": NOW - HOUR}),
        ("must not equal", {"start": NOW, "end": NOW}),
        ("MaxDatapoints", {"MaxDatapoints": 100_801}),
    ],
)
def test_a_request_that_cloudwatch_would_refuse_is_refused(cloudwatch, message, change):
    with pytest.raises(ClientError, match=message) as refusal:
        ask(cloudwatch, REQUESTS, **change)

    assert refusal.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(
    ("message", "queries"),
    [
        ("size greater than 500", [stat(f"m{n}", "Requests", "Sum") for n in range(501)]),
        ("not unique", [REQUESTS, REQUESTS]),
        ("not matching", [stat("Upper", "Requests", "Sum")]),
        ("either MetricStat or Expression", [{"Id": "a"}]),
        ("either MetricStat or Expression", [REQUESTS | {"Expression": "1"}]),
        ("multiple of 60", [stat("a", "Requests", "Sum", period=90)]),
        ("not a valid statistic", [stat("a", "Requests", "Most")]),
        ("must return data", [REQUESTS | {"ReturnData": False}]),
        ("not defined", [{"Id": "a", "Expression": "b + 1"}]),
    ],
)
def test_a_query_that_cloudwatch_would_refuse_is_refused(cloudwatch, message, queries):
    with pytest.raises(ClientError, match=message):
        ask(cloudwatch, *queries)


def test_a_token_of_somebody_else_is_refused(cloudwatch):
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        ask(cloudwatch, REQUESTS, NextToken="theirs")


@pytest.mark.parametrize(
    ("availability", "status", "values"),
    [
        ("partial", "PartialData", 30),
        ("internal", "InternalError", 0),
        ("forbidden", "Forbidden", 0),
        ("empty", "Complete", 0),
    ],
)
def test_bad_availability_shows_in_every_result(aws, cloudwatch, availability, status, values):
    aws.world.telemetry.availability = availability

    found = results(ask(cloudwatch, REQUESTS))["requests"]

    assert (found["StatusCode"], len(found["Values"])) == (status, values)


@pytest.mark.parametrize(
    ("availability", "operation", "expected"),
    [
        ("down", "get_metric_data", ("InternalServiceError", 500)),
        ("down", "describe_alarms", ("InternalServiceError", 500)),
        ("forbidden", "describe_alarms", ("AccessDenied", 403)),
    ],
)
def test_in_the_worst_outage_nothing_is_answered(
    aws, cloudwatch, availability, operation, expected
):
    aws.world.telemetry.availability = availability
    how = {"MetricDataQueries": [REQUESTS], "StartTime": NOW - HOUR, "EndTime": NOW}

    with pytest.raises(ClientError) as refusal:
        getattr(cloudwatch, operation)(**(how if operation == "get_metric_data" else {}))

    told = refusal.value.response
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == expected


def test_a_fault_can_be_put_in_for_one_call(aws, cloudwatch):
    def throttled(_operation, _parameters):
        raise WireError("Throttling", "Rate exceeded")

    aws.interceptor.before = throttled

    with pytest.raises(ClientError, match="Rate exceeded"):
        ask(cloudwatch, REQUESTS)
    assert aws.interceptor.calls["GetMetricData"] == 1


def test_alarms_are_described_by_name_and_unknown_names_are_left_out(aws, cloudwatch):
    aws.world.alarms.force_state("web-red-5xx", "ALARM", "too many errors")
    aws.world.alarms.set_evaluation_state("web-green-5xx", "EVALUATION_ERROR")

    named = cloudwatch.describe_alarms(AlarmNames=["web-red-5xx", "web-green-5xx", "none"])

    green, red = named["MetricAlarms"]
    assert (red["StateValue"], red["StateReason"]) == ("ALARM", "too many errors")
    assert "EvaluationState" not in red
    assert (green["StateValue"], green["EvaluationState"]) == ("OK", "EVALUATION_ERROR")
    assert red["Metrics"][0]["Expression"] == "100 * errors / requests"
    assert red["StateUpdatedTimestamp"] == NOW


def test_alarms_come_by_prefix_by_state_and_in_pages(aws, cloudwatch):
    aws.world.alarms.force_state("web-red-5xx")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 4})

    listed = [[alarm["AlarmName"] for alarm in page["MetricAlarms"]] for page in pages]
    by_prefix = cloudwatch.describe_alarms(AlarmNamePrefix="api-")["MetricAlarms"]
    by_state = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]

    assert [len(page) for page in listed] == [4, 2]
    assert [alarm["AlarmName"] for alarm in by_prefix] == listed[0][:3]
    assert [alarm["AlarmName"] for alarm in by_state] == ["web-red-5xx"]


def test_a_second_of_ours_is_a_minute_of_a_world_60_times_as_fast(aws, cloudwatch):
    aws.renew(translation_from(NOW.timestamp(), 60))
    expected = [minute.requests for minute in aws.world.traffic.recent("web-red", 20)]
    long_ago = NOW - timedelta(seconds=20)

    found = results(ask(cloudwatch, stat("m", "Requests", "Sum", period=1), start=long_ago))["m"]

    assert found["Timestamps"] == [long_ago + timedelta(seconds=n) for n in range(20)]
    assert found["Values"][:-1] == expected[:-1]


def test_ten_seconds_of_ours_are_ten_minutes_of_that_world(aws, cloudwatch):
    aws.renew(translation_from(NOW.timestamp(), 60))
    minutes = [minute.requests for minute in aws.world.traffic.recent("web-red", 20)]
    long_ago = NOW - timedelta(seconds=20)

    found = results(ask(cloudwatch, stat("m", "Requests", "Sum", period=10), start=long_ago))["m"]

    assert found["Timestamps"] == [long_ago, long_ago + timedelta(seconds=10)]
    assert found["Values"][0] == sum(minutes[:10])


@pytest.mark.parametrize("acceleration", [1, 30, 60, 120, 600])
def test_both_clocks_minutes_begin_together_and_the_way_back_is_the_same(acceleration):
    now = NOW.timestamp() + 12.345
    times = translation_from(now, acceleration)
    part = max(1, 60 // acceleration)

    whole = now // part * part

    assert times.to_world(whole) % 60 == 0
    assert times.to_real(times.to_world(now)) == pytest.approx(now, abs=0.001)
    assert abs(times.to_world(now) - now) < max(60, acceleration)
    assert Translation().to_world(now) == now


def test_boto3_is_led_here_by_the_environment(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:1/cloudwatch")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://127.0.0.1:1/logs")
    session = boto3.session.Session("a", "b", region_name="ap-northeast-1")

    places = [session.client(name).meta.endpoint_url for name in ("cloudwatch", "logs")]

    assert places == ["http://127.0.0.1:1/cloudwatch", "http://127.0.0.1:1/logs"]


def test_what_is_not_known_is_refused_by_name(cloudwatch):
    with pytest.raises(ClientError, match="does not know ListMetrics"):
        cloudwatch.list_metrics()


def test_every_answer_has_the_shape_of_botocores_model(aws):
    asked = set()

    def asking(operation, **parameters):
        asked.add(operation)
        answer = perform(aws.world, operation, parameters)
        assert mismatches(answer, MODEL.operation_model(operation).output_shape) == []

    now = NOW.timestamp()
    for availability in ("ok", "partial", "internal", "forbidden", "empty"):
        aws.world.telemetry.availability = availability
        asking("GetMetricData", MetricDataQueries=[REQUESTS], StartTime=now - 600, EndTime=now)
    aws.world.telemetry.availability = "ok"
    aws.world.alarms.force_state("web-red-5xx")
    aws.world.alarms.set_evaluation_state("api-red-5xx")
    asking("DescribeAlarms")

    assert asked == set(OPERATIONS)
