"""The queue of lost events, as EventBridge and Lambda write it.

EventBridge puts there what it could not deliver: the event itself, with the error as attributes
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html). Lambda puts there what
its function failed to handle: a record with the event inside
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
"""

import json
from collections.abc import Mapping
from typing import Any, Final, Protocol

from handlers.domain.model.lost_event import LostEvent
from handlers.gateways.aws_clients import aws_errors

_MOST: Final = 10
"""Messages that one call brings (API_ReceiveMessage)."""


class Sqs(Protocol):
    """What is needed of boto3's client."""

    def receive_message(self, **asked: object) -> Mapping[str, Any]: ...

    def delete_message(self, **asked: object) -> Mapping[str, Any]: ...


class LostEventQueue:
    def __init__(self, client: Sqs, url: str) -> None:
        self._client = client
        self._url = url

    def take(self) -> list[LostEvent]:
        """Return the next lost events; they come again after a while, unless they are deleted."""
        with aws_errors("look for lost events"):
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_MOST,
                MessageAttributeNames=["All"],
                # Without a wait only some of the queue's servers are asked.
                WaitTimeSeconds=1,
            )
        return [_lost_event(message) for message in answer.get("Messages", ())]

    def delete(self, lost: LostEvent) -> None:
        with aws_errors("delete a lost event"):
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=lost.receipt)


def _lost_event(message: Mapping[str, Any]) -> LostEvent:
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = None
    record = body if isinstance(body, dict) else {}
    if "requestPayload" in record:
        event, why = record["requestPayload"], _condition(record)
    else:
        said = message.get("MessageAttributes", {})
        words = (said.get(name, {}).get("StringValue") for name in ("ERROR_CODE", "ERROR_MESSAGE"))
        event, why = record, ": ".join(filter(None, words))
    return LostEvent(
        receipt=message["ReceiptHandle"], event=event if isinstance(event, dict) else {}, why=why
    )


def _condition(record: Mapping[str, Any]) -> str:
    """Return why Lambda gave an event up, with the error of its function."""
    answer = record.get("responsePayload")
    error = answer.get("errorType", "") if isinstance(answer, dict) else ""
    return ": ".join(filter(None, (record.get("requestContext", {}).get("condition"), error)))
