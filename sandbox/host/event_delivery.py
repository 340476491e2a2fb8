"""Delivers AWS's own events to the handlers by the template's rules.

EventBridge refuses PutEvents with a `source` of `aws.*`, and so does MiniStack. This module does
EventBridge's work in its place: it lists the deployed rules and targets, matches each rule's
pattern by TestEventPattern, and invokes the targets asynchronously with the whole event. What it
cannot deliver goes into the target's dead-letter queue; of a function's own failures MiniStack
writes there, as Lambda does.

Tested in `tests/e2e/test_stack.py`.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.local_aws import aws_client

Event = Mapping[str, Any]
DeliveryDelays = Callable[[Event], Sequence[float]]
"""Returns the delays, in real seconds, after which an event arrives.

`(0,)` is the ordinary case, `()` a lost event, `(5,)` a late one, `(0, 0)` one that comes twice.
"""

AT_ONCE: Final = (0.0,)


def no_delay(_event: Event) -> Sequence[float]:
    """Return the delays of an event that arrives once, at once."""
    return AT_ONCE


@dataclass(frozen=True, kw_only=True)
class Target:
    """A Lambda function that a rule invokes, and the queue of what cannot be delivered to it."""

    function: str
    queue: str
    """Its ARN; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A deployed rule: its ARN, its pattern as JSON, and what it invokes."""

    arn: str
    pattern: str
    targets: tuple[Target, ...]


class EventBridge:
    """Invokes the Lambda functions whose rules match an event."""

    def __init__(self, endpoint: str, delays: DeliveryDelays = no_delay) -> None:
        """Take the AWS endpoint, and the delays of each event."""
        self._events = aws_client("events", endpoint)
        self._lambda = aws_client("lambda", endpoint)
        self._sqs = aws_client("sqs", endpoint)
        self.delays = delays

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The enabled rules of the default bus, listed once: a template's do not change."""
        pages = self._events.get_paginator("list_rules").paginate()
        return tuple(
            Rule(
                arn=rule["Arn"],
                pattern=rule["EventPattern"],
                targets=self._targets_of(rule["Name"]),
            )
            for page in pages
            for rule in page["Rules"]
            if rule["State"] == "ENABLED" and "EventPattern" in rule
        )

    def deliver(self, event: Event) -> None:
        """Deliver one event, a full EventBridge envelope, by the rules that match it."""
        for delay in self.delays(event):
            if delay:
                timer = threading.Timer(delay, self._invoke_targets, [event])
                timer.daemon = True
                timer.start()
            else:
                self._invoke_targets(event)

    def _invoke_targets(self, event: Event) -> None:
        body = json.dumps(event)
        for rule in self.rules:
            if self._matches(rule, body):
                for target in rule.targets:
                    self._invoke(rule, target, body)

    def _invoke(self, rule: Rule, target: Target, body: str) -> None:
        try:
            self._lambda.invoke(
                FunctionName=target.function, InvocationType="Event", Payload=body.encode()
            )
        except ClientError as error:
            self._keep(rule, target, body, error.response["Error"])

    def _keep(self, rule: Rule, target: Target, body: str, error: Mapping[str, Any]) -> None:
        """Put an event into the target's dead-letter queue, with the attributes of EventBridge.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        """
        if not target.queue:
            return
        said = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target.function,
            "ERROR_CODE": str(error["Code"]),
            "ERROR_MESSAGE": str(error.get("Message") or "no message"),
        }
        url = self._sqs.get_queue_url(QueueName=target.queue.rpartition(":")[2])["QueueUrl"]
        attributes = {k: {"DataType": "String", "StringValue": v} for k, v in said.items()}
        self._sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)

    def _matches(self, rule: Rule, body: str) -> bool:
        answer = self._events.test_event_pattern(EventPattern=rule.pattern, Event=body)
        return bool(answer["Result"])

    def _targets_of(self, rule: str) -> tuple[Target, ...]:
        targets = self._events.list_targets_by_rule(Rule=rule)["Targets"]
        for target in targets:
            if {"Input", "InputPath", "InputTransformer"} & target.keys():
                raise NotImplementedError(f"rule {rule}: its target changes the event")
        return tuple(
            Target(function=each["Arn"], queue=each.get("DeadLetterConfig", {}).get("Arn", ""))
            for each in targets
            if ":lambda:" in each["Arn"]
        )
