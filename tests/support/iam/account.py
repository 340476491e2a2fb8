"""An AWS account in this process: the real handlers, and everything that they call, on one clock.

DynamoDB, SSM, STS and ECR are moto's; Step Functions is the double that has AWS's rules; ECS, the
load balancer, CloudWatch, its logs and Slack are the sandbox's, on a loopback port. It is a
`Sandbox`, so that the scenarios of `make demo` are played in it as they are, only that time is
given: an hour takes as long as what happens in it.
"""

import importlib
import json
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import boto3
import pytest

from handlers import runtime
from handlers.domain.config.applications import Application
from handlers.domain.config.grants import Grants
from sandbox.host.accelerated_clock import Translation
from sandbox.host.event_delivery import Event, no_delay
from sandbox.host.sandbox import Sandbox
from sandbox.host.stack import grants_of
from sandbox.scenarios.secret_scan import published_texts, secrets
from simulator.stepfunctions.driver import error_cause
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.iam.recorded_calls import Recorder
from tests.support.iam.template_policies import Template

BEGINNING = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)
"""The longest time in which nobody looks; alarms are looked at each minute."""


SAME = Translation()


@dataclass
class Time:
    """The one clock, the world's and everybody's."""

    at: datetime = BEGINNING
    translation: Translation = SAME

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass
class Events:
    """EventBridge: the template's own rules, and what becomes of each event."""

    rules: list[tuple[str, Any]]
    delays: Any = no_delay
    coming: list[Event] = field(default_factory=list)

    def deliver(self, event: Event) -> None:
        """Take an event, to be brought when the account looks next; late ones come as soon."""
        self.coming += [event for _ in self.delays(event)]

    def take(self) -> list[tuple[str, Event]]:
        """Take what came since the last time: functions, each with its event."""
        came, self.coming = self.coming, []
        return [
            (name, event)
            for event in came
            for name, rule in self.rules
            if rule.matches_event(event)
        ]


@dataclass(frozen=True, kw_only=True)
class Account(Sandbox):
    """A sandbox in one process, with what it heard."""

    applications: dict[str, Application]
    events: Any
    """`Events`."""
    template: Template
    machine: StepFunctions
    time: Time
    recorder: Recorder
    logged: StringIO
    answers: list[str]
    """What functions returned to Slack, to the API and to the machine, as JSON."""
    dialogs: Any
    """A list of the views that were shown."""
    tokens: set[str]
    """Task tokens that were given to a function."""
    secrets: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """Secrets and what they are, and what was told to anybody by its place; see `hear`."""
    turn: Any
    """Held by the function that runs: one at a time."""

    @property
    def grants(self) -> Grants:
        return grants_of(self.applications)

    def client(self, service: str) -> Any:
        return boto3.client(service)  # type: ignore[call-overload]  # its types know literals only

    @property
    def executions(self) -> list[str]:
        return list(self.machine._executions)

    def logged_lines(self) -> str:
        return self.logged.getvalue()

    def hear(self) -> None:
        """Gather all secrets, and everything that was told to anybody, before the account goes."""
        self.secrets.update(secrets(self) | dict.fromkeys(self.tokens, "a task token"))
        self.told.update(published_texts(self, *self.executions))
        self.told["answers"] = "\n".join(self.answers)
        self.told["dialogs"] = json.dumps(self.dialogs)

    def pause(self, seconds: float) -> None:
        """Let happen what is due; where nothing is, let time pass until something may be."""
        if self.settle():
            return
        due = [self.time.at + STEP, self.machine.next_event_at(), self.world.next_event_at()]
        self.time.at = max(self.time.at, min(at for at in due if at is not None))
        self.machine.advance(self.time.at)
        self.world.advance(self.time.at)
        self.settle()

    def settle(self) -> bool:
        """Call every function that is to be called now; say whether there was one."""
        rounds = 0
        while self._called() or self._told():
            rounds += 1
        return rounds > 0

    def _called(self) -> bool:
        invocations = self.machine.take_invocations()
        for called in invocations:
            self.tokens.update(filter(None, [called.payload.get("token")]))
            try:
                result = self.call(called.function, called.payload)
            except Exception as error:  # noqa: BLE001 - the machine hears of any
                name = type(error).__name__
                self.machine.fail(called, name, error_cause(name, str(error)))
            else:
                self.machine.complete(called, result)
        return bool(invocations)

    def _told(self) -> bool:
        for event in [*self.machine.take_events(), *self.world.take_events()]:
            self.events.deliver(event)
        events = self.events.take()
        for function, event in events:
            self.call(function, event)
        return bool(events)

    def call(self, function: str, event: Any) -> Any:
        """Invoke a function: a cold start where another one ran before."""
        module = self.template.functions[function]["Handler"].removesuffix(".lambda_handler")
        handler = importlib.import_module(module).lambda_handler
        with self.turn, pytest.MonkeyPatch.context() as patch:
            forget()
            for name, value in self.template.environment(function).items():
                patch.setenv(name, value)
            self.recorder.running = function
            try:
                with redirect_stdout(self.logged):
                    answer = handler(json.loads(json.dumps(event)), None)
            finally:
                self.recorder.running = ""
        self.answers.append(json.dumps(answer))
        return answer


def forget() -> None:
    """Make the next invocation a cold start."""
    for made in vars(runtime).values():
        if hasattr(made, "cache_clear") and made.__module__ == runtime.__name__:
            made.cache_clear()
