"""The queue of lost events, in the shapes of EventBridge's and of Lambda's messages."""

import json

import pytest
from moto import mock_aws

from handlers.domain.model.errors import Transient
from handlers.gateways.lost_event_queue import LostEventQueue
from simulator.recorded_events import recorded
from tests.contract.gateways.conftest import client

PUSHED = recorded("ecr_image_pushed")
ATTRIBUTES = {
    "RULE_ARN": "arn:aws:events:ap-northeast-1:123456789012:rule/shingo-FollowPushImagePushed-1",
    "TARGET_ARN": "arn:aws:lambda:ap-northeast-1:123456789012:function:shingo-FollowPush-1",
    "ERROR_CODE": "NO_PERMISSIONS",
    "ERROR_MESSAGE": "not authorized",
}
RECORD = {
    "version": "1.0",
    "timestamp": "2026-11-23T10:00:00.000Z",
    "requestContext": {
        "requestId": "1",
        "functionArn": f"{ATTRIBUTES['TARGET_ARN']}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": PUSHED,
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
    "responsePayload": {"errorType": "Transient", "errorMessage": "start: throttled"},
}


@pytest.fixture
def sqs():
    with mock_aws():
        yield client("sqs")


@pytest.fixture
def url(sqs):
    return sqs.create_queue(QueueName="lost", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]


def test_what_eventbridge_could_not_deliver_is_the_event_itself(sqs, url):
    attributes = {k: {"DataType": "String", "StringValue": v} for k, v in ATTRIBUTES.items()}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(PUSHED), MessageAttributes=attributes)

    (lost,) = LostEventQueue(sqs, url).take()

    assert (lost.event, lost.why) == (PUSHED, "NO_PERMISSIONS: not authorized")


def test_what_a_function_failed_to_handle_is_inside_of_lambdas_record(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(RECORD))

    (lost,) = LostEventQueue(sqs, url).take()

    assert (lost.event, lost.why) == (PUSHED, "RetriesExhausted: Transient")


@pytest.mark.parametrize("body", ["no JSON", "[]", '"text"', json.dumps({"requestPayload": 1})])
def test_what_is_no_event_can_be_deleted_all_the_same(sqs, url, body):
    sqs.send_message(QueueUrl=url, MessageBody=body)
    queue = LostEventQueue(sqs, url)
    (lost,) = queue.take()
    assert lost.event == {}

    queue.delete(lost)

    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert said["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_an_empty_queue_has_none(sqs, url):
    assert LostEventQueue(sqs, url).take() == []


def test_a_queue_that_is_throttled_is_worth_another_try(stubbed):
    sqs, stub = stubbed("sqs")
    stub.add_client_error("receive_message", "RequestThrottled", "slow down", 400)

    with pytest.raises(Transient, match=r"^look for lost events: RequestThrottled"):
        LostEventQueue(sqs, "https://sqs/lost").take()
