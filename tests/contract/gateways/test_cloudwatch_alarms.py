"""Alarms through botocore's stub, which holds our parameters and answers against its model."""

import pytest

from handlers.domain.model.measurements import Alarm, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.gateways.cloudwatch import MOST_PAGES, Metrics


@pytest.fixture
def metrics(stubbed):
    client, stub = stubbed("cloudwatch")
    gateway = Metrics(client)
    gateway.answers = stub
    return gateway


def alarm(name="api-red-5xx", **given):
    return {"AlarmName": name, "StateValue": "OK", "StateReason": "Under 5."} | given


def test_alarms_are_described_in_our_words(metrics):
    metrics.answers.add_response(
        "describe_alarms",
        {
            "MetricAlarms": [alarm(StateValue="ALARM")],
            "CompositeAlarms": [alarm("api-red")],
        },
        {
            "AlarmNames": ["api-red-5xx", "api-red"],
            "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
            "MaxRecords": 100,
        },
    )

    assert metrics.alarms(["api-red-5xx", "api-red", "api-red"]) == {
        "api-red-5xx": Alarm(name="api-red-5xx", state="ALARM", reason="Under 5."),
        "api-red": Alarm(name="api-red", state="OK", reason="Under 5."),
    }


@pytest.mark.parametrize("how", ["PARTIAL_DATA", "EVALUATION_ERROR", "EVALUATION_FAILURE"])
def test_an_alarm_that_cannot_see_is_blind(metrics, how):
    metrics.answers.add_response("describe_alarms", {"MetricAlarms": [alarm(EvaluationState=how)]})

    seen = metrics.alarms(["api-red-5xx"])["api-red-5xx"]

    assert (seen.state, seen.blind) == ("OK", how)


def test_an_alarm_that_does_not_exist_is_an_error(metrics):
    metrics.answers.add_response("describe_alarms", {"MetricAlarms": [alarm()]})

    seen = metrics.alarms(["api-red-5xx", "api-rde-5xx"])

    assert isinstance(seen["api-red-5xx"], Alarm)
    assert seen["api-rde-5xx"] == Unmeasured(
        verdict=Verdict.ERROR, why="There is no alarm api-rde-5xx in CloudWatch."
    )


def test_alarms_are_asked_for_a_hundred_at_a_time_and_page_by_page(metrics):
    names = [f"alarm-{number}" for number in range(101)]
    usual = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100}
    for asked, found, token in (
        ({"AlarmNames": names[:100]}, names[:60], "more"),
        ({"AlarmNames": names[:100], "NextToken": "more"}, names[60:100], ""),
        ({"AlarmNames": names[100:]}, names[100:], ""),
    ):
        page = {"MetricAlarms": [alarm(name) for name in found]}
        page |= {"NextToken": token} if token else {}
        metrics.answers.add_response("describe_alarms", page, usual | asked)

    seen = metrics.alarms(names)

    assert list(seen) == names
    assert all(isinstance(each, Alarm) for each in seen.values())


def test_no_alarms_ask_nothing(metrics):
    assert metrics.alarms([]) == {}


def test_alarms_that_cannot_be_read_are_errors(metrics):
    metrics.answers.add_client_error("describe_alarms", "AccessDenied", "not authorized")

    assert metrics.alarms(["api-red-5xx"]) == {
        "api-red-5xx": Unmeasured(
            verdict=Verdict.ERROR,
            why="CloudWatch could not be asked: describe alarms: AccessDenied: not authorized.",
        )
    }


def test_an_endless_answer_is_given_up(metrics):
    for _ in range(MOST_PAGES):
        metrics.answers.add_response("describe_alarms", {"NextToken": "more"})

    assert metrics.alarms(["api-red-5xx"])["api-red-5xx"].verdict is Verdict.ERROR
