"""ECS's events, brought to the handlers by the template's own rules.

EventBridge refuses PutEvents with a `source` of `aws.*`, and so does MiniStack. So what
EventBridge would do with ECS's own event is done here with its own words: the deployed rules
and targets are asked for, each rule's pattern is matched by TestEventPattern, and the targets
are invoked asynchronously with the whole event, as EventBridge does.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sandbox.host.ministack import aws_client

Event = Mapping[str, Any]
Fate = Callable[[Event], Sequence[float]]
"""What becomes of an event: the delays, in real seconds, after which it arrives.

`(0,)` is the ordinary, `()` a lost event, `(5,)` a late one, `(0, 0)` one that comes twice.
"""

AT_ONCE: Final = (0.0,)


def arrives_at_once(_event: Event) -> Sequence[float]:
    """Let every event arrive once and at once."""
    return AT_ONCE


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A deployed rule: its pattern as JSON, and the Lambda functions it brings events to."""

    name: str
    pattern: str
    functions: tuple[str, ...]


class EventBridge:
    """Brings events to the Lambda functions whose rules match them."""

    def __init__(self, endpoint: str, fate: Fate = arrives_at_once) -> None:
        """Take the AWS endpoint, and what is to become of each event."""
        self._events = aws_client("events", endpoint)
        self._lambda = aws_client("lambda", endpoint)
        self.fate = fate

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The enabled rules of the default bus, asked for once: a template's do not change."""
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
        """Bring one event, a full EventBridge envelope, to wherever its rules say."""
        for delay in self.fate(event):
            if delay:
                timer = threading.Timer(delay, self._bring, [event])
                timer.daemon = True
                timer.start()
            else:
                self._bring(event)

    def _bring(self, event: Event) -> None:
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
