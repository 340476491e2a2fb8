"""Small definitions, and executions of them on time that stands still until a test moves it."""

import json
from datetime import UTC, datetime, timedelta

from simulator.stepfunctions.driver import error_cause
from simulator.stepfunctions.machine import load
from simulator.stepfunctions.step_functions_service import StepFunctions

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END = {"Type": "Pass", "End": True}
TOKEN = "$$.Task.Token"


def machine(states, **top):
    """A definition that starts at the first of its states."""
    return {"StartAt": next(iter(states)), "States": states, **top}


def call(function="Work", **more):
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


def ask(function="Ask", **more):
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


def retry(*errors, **more):
    return {"ErrorEquals": list(errors), **more}


def catch(*errors, to="Caught", **more):
    return {"ErrorEquals": list(errors), "Next": to, **more}


def pick(variable="$.x", equals="a", to="A"):
    return {"Variable": variable, "StringEquals": equals, "Next": to}


def wait(seconds, **more):
    way = {} if "Next" in more else {"End": True}
    return {"Type": "Wait", "Seconds": seconds, **way, **more}


def boom(error="Boom", path="$.why"):
    return {"Type": "Fail", "Error": error, "CausePath": path}


def fork(*branches, **more):
    way = {} if "Next" in more else {"End": True}
    return {"Type": "Parallel", "Branches": list(branches), **way, **more}


def for_each(iterator, **more):
    """A state that runs states for each item of its input."""
    way = {} if "Next" in more else {"End": True}
    return {"Type": "Map", "ItemsPath": "$", "Iterator": iterator, **way, **more}


def roll_out(**more):
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

    def __init__(self, definition, given=None, **options):
        self.service = StepFunctions(load(definition), now=NOW, **options)
        text = json.dumps({} if given is None else given)
        self.arn = self.service.start_execution(name="run", input=text)["executionArn"]

    @property
    def execution(self):
        return self.service.execution(self.arn)

    @property
    def status(self):
        return self.execution.status

    @property
    def output(self):
        return self.execution.output

    @property
    def visited(self):
        return self.execution.visited()

    def called(self):
        """The one function that is to be called now."""
        (invocation,) = self.service.take_invocations()
        return invocation

    def token(self):
        """The token that the one function is given that is to be called now."""
        return self.called().payload["token"]

    def returns(self, result=None):
        return self.service.complete(self.called(), result)

    def raises(self, error, message="on purpose"):
        return self.service.fail(self.called(), error, error_cause(error, message))

    def answers(self, token, output=None):
        self.service.send_task_success(token=token, output=json.dumps(output))

    def later(self, **time):
        self.service.advance(self.service.now + timedelta(**time))

    def events(self):
        return self.service.get_execution_history(arn=self.arn)["events"]

    def types(self):
        return [event["type"] for event in self.events()]

    def chain(self):
        return [event["previousEventId"] for event in self.events()]

    def described(self):
        return self.service.describe_execution(arn=self.arn)
