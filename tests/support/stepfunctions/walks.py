"""Small definitions, and executions of them on time that stands still until a test moves it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.stepfunctions.driver import Invocation, error_cause
from simulator.stepfunctions.execution import Execution
from simulator.stepfunctions.machine import load
from simulator.stepfunctions.step_functions_service import StepFunctions

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END = {"Type": "Pass", "End": True}
TOKEN = "$$.Task.Token"


def machine(states: Mapping[str, Any], **top: Any) -> dict[str, Any]:
    """A definition that starts at the first of its states."""
    return {"StartAt": next(iter(states)), "States": states, **top}


def call(function: str = "Work", **more: Any) -> dict[str, Any]:
    """A state that calls a function and takes its answer."""
    way = {} if "Next" in more else {"End": True}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"${{{function}}}", "Payload": {"input.$": "$"}},
        "OutputPath": "$.Payload",
        **way,
        **more,
    }


def ask(function: str = "Ask", **more: Any) -> dict[str, Any]:
    """A state that calls a function and waits for its token to be answered."""
    way = {} if "Next" in more else {"End": True}
    payload = {"input.$": "$", "token.$": TOKEN}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": f"${{{function}}}", "Payload": payload},
        **way,
        **more,
    }


def retry(*errors: str, **more: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), **more}


def catch(*errors: str, to: str = "Caught", **more: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), "Next": to, **more}


def pick(variable: str = "$.x", equals: str = "a", to: str = "A") -> dict[str, Any]:
    return {"Variable": variable, "StringEquals": equals, "Next": to}


def wait(seconds: float, **more: Any) -> dict[str, Any]:
    way = {} if "Next" in more else {"End": True}
    return {"Type": "Wait", "Seconds": seconds, **way, **more}


def boom(error: str = "Boom", path: str = "$.why") -> dict[str, Any]:
    return {"Type": "Fail", "Error": error, "CausePath": path}


def fork(*branches: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    way = {} if "Next" in more else {"End": True}
    return {"Type": "Parallel", "Branches": list(branches), **way, **more}


def for_each(iterator: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A state that runs states for each item of its input."""
    way = {} if "Next" in more else {"End": True}
    return {"Type": "Map", "ItemsPath": "$", "Iterator": iterator, **way, **more}


def roll_out(**more: Any) -> dict[str, Any]:
    """A state that runs an execution of another machine."""
    way = {} if "Next" in more else {"End": True}
    parameters = {"StateMachineArn": "${Rollout}", "Name.$": "$.name", "Input.$": "$.input"}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": parameters,
        **way,
        **more,
    }


class Run:
    """One execution."""

    def __init__(self, definition: Mapping[str, Any], given: object = None, **options: Any) -> None:
        self.service = StepFunctions(load(definition), now=NOW, **options)
        text = json.dumps({} if given is None else given)
        self.arn = self.service.start_execution(name="run", input=text)["executionArn"]

    @property
    def execution(self) -> Execution:
        return self.service.execution(self.arn)

    @property
    def status(self) -> str:
        return self.execution.status

    @property
    def output(self) -> Any:
        return self.execution.output

    @property
    def visited(self) -> list[str]:
        return self.execution.visited()

    def called(self) -> Invocation:
        """The one function that is to be called now."""
        (invocation,) = self.service.take_invocations()
        return invocation

    def token(self) -> Any:
        """The token that the one function is given that is to be called now."""
        return self.called().payload["token"]

    def returns(self, result: object = None) -> bool:
        return self.service.complete(self.called(), result)

    def raises(self, error: str, message: str = "on purpose") -> bool:
        return self.service.fail(self.called(), error, error_cause(error, message))

    def answers(self, token: str, output: object = None) -> None:
        self.service.send_task_success(token=token, output=json.dumps(output))

    def later(self, **time: float) -> None:
        self.service.advance(self.service.now + timedelta(**time))

    def events(self) -> Any:
        return self.service.get_execution_history(arn=self.arn)["events"]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]

    def chain(self) -> list[int]:
        return [event["previousEventId"] for event in self.events()]

    def described(self) -> dict[str, Any]:
        return self.service.describe_execution(arn=self.arn)
