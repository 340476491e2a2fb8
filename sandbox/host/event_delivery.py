"""Delivers AWS's own events to the handlers by the template's rules.

EventBridge refuses PutEvents with a `source` of `aws.*`, and so does MiniStack. This module does
EventBridge's work in its place: it lists the deployed rules and targets, matches each rule's
pattern by TestEventPattern, and invokes the targets asynchronously with the whole event.

Tested in `tests/e2e/test_stack.py`.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

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
class Rule:
    """A deployed rule: its pattern as JSON, and the Lambda functions that it invokes."""

    name: str
    pattern: str
    functions: tuple[str, ...]


class EventBridge:
    """Invokes the Lambda functions whose rules match an event."""

    def __init__(self, endpoint: str, delays: DeliveryDelays = no_delay) -> None:
        """Take the AWS endpoint, and the delays of each event."""
        self._events = aws_client("events", endpoint)
        self._lambda = aws_client("lambda", endpoint)
        self.delays = delays

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The enabled rules of the default bus, listed once: a template's do not change."""
        pages = self._events.get_paginator("list_rules").paginate()
        return tuple(
            Rule(
                name=rule["Name"],
                pattern=rule["EventPattern"],
                functions=self._functions_of(rule["Name"]),
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
                for function in rule.functions:
                    self._lambda.invoke(
                        FunctionName=function, InvocationType="Event", Payload=body.encode()
                    )

    def _matches(self, rule: Rule, body: str) -> bool:
        answer = self._events.test_event_pattern(EventPattern=rule.pattern, Event=body)
        return bool(answer["Result"])

    def _functions_of(self, rule: str) -> tuple[str, ...]:
        targets = self._events.list_targets_by_rule(Rule=rule)["Targets"]
        for target in targets:
            if {"Input", "InputPath", "InputTransformer"} & target.keys():
                raise NotImplementedError(f"rule {rule}: its target changes the event")
        return tuple(target["Arn"] for target in targets if ":lambda:" in target["Arn"])
