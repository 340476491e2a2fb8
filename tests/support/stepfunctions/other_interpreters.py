"""The same definitions on other interpreters, where those are faithful to AWS."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from simulator.stepfunctions.driver import Failed
from tests.support.moto_interpreter import REGION, Interpreter, Lambdas, Raises, Script, Walked
from tests.support.stepfunctions.walks import (
    END,
    Run,
    ask,
    boom,
    call,
    catch,
    fork,
    machine,
    pick,
    retry,
    wait,
)

Scenario = tuple[dict[str, Any], dict[str, list[Any]], object]
"""A definition, what its functions answer, and its input."""

PRESENT = {"Variable": "$.x", "IsPresent": True}
ABSENT = {"Variable": "$.x", "IsPresent": False}
TEXT = {"Variable": "$.x", "IsString": True}
IS_A = {"Variable": "$.x", "StringEquals": "a"}


def choose(rule: dict[str, Any], given: object) -> Scenario:
    states = {"Choose": {"Type": "Choice", "Choices": [rule], "Default": "B"}, "A": END, "B": END}
    return machine(states), {}, given


def made(template: dict[str, Any], given: object) -> Scenario:
    return machine({"P": {"Type": "Pass", "Parameters": template, "End": True}}), {}, given


SCENARIOS: dict[str, Scenario] = {
    "a pass": (machine({"P": END}), {}, {"a": 1}),
    "a template": made({"a.$": "$.b.c", "d": {"e": [1], "f.$": "$"}}, {"b": {"c": None}}),
    "a format": made({"a.$": "States.Format('{}-{}', $.x, States.JsonToString($))"}, {"x": "b"}),
    "a chosen text": choose(pick(), {"x": "a"}),
    "another text": choose(pick(), {"x": "b"}),
    "no text": choose({"And": [TEXT], "Next": "A"}, {"x": 1}),
    "nothing there": choose({"And": [PRESENT, IS_A], "Next": "A"}, {}),
    "one of two": choose({"Or": [ABSENT, IS_A], "Next": "A"}, {"x": "a"}),
    "a wait": (machine({"Rest": wait(0, Next="Done"), "Done": END}), {}, {"a": 1}),
    "a success": (machine({"Good": {"Type": "Succeed"}}), {}, {"a": 1}),
    "a failure": (machine({"Boom": boom()}), {}, {"why": "because"}),
    "a call": (machine({"Work": call()}), {"Work": [{"a": 1}]}, {"b": 2}),
    "a call whose result is put": (
        machine({"Work": call(ResultSelector={"v.$": "$.Payload.v"}, ResultPath="$.r.s", OutputPath="$")}),
        {"Work": [{"v": 1, "w": 2}]},
        {"b": 2},
    ),
    "a call that raises": (machine({"Work": call()}), {"Work": [Raises("KeyError")]}, {}),
    "a caught error": (
        machine({"Work": call(Catch=[catch("Other", to="Done"), catch("KeyError", ResultPath=None)]), "Caught": END, "Done": END}),
        {"Work": [Raises("KeyError")]},
        {"b": 2},
    ),
    "an error caught by all": (
        machine({"Work": call(Catch=[catch("States.ALL", ResultPath=None)]), "Caught": END}),
        {"Work": [Raises("Lambda.Unknown")]},
        {"b": 2},
    ),
    "an error of a task": (
        machine({"Work": call(Catch=[catch("States.TaskFailed", ResultPath=None)]), "Caught": END}),
        {"Work": [Raises("KeyError")]},
        {"b": 2},
    ),
    "a retry that helps": (
        machine({"Work": call(Retry=[retry("Transient", IntervalSeconds=1)])}),
        {"Work": [Raises("Transient"), {"a": 1}]},
        {},
    ),
    "a retry that does not": (
        machine({"Work": call(Retry=[retry("E", IntervalSeconds=1, MaxAttempts=1)], Catch=[catch("E", ResultPath=None)]), "Caught": END}),
        {"Work": [Raises("E")]},
        {},
    ),
    "an answered token": (
        machine({"Ask": ask(ResultPath="$.answer")}),
        {"Ask": [{"outcome": "approved"}]},
        {"b": 2},
    ),
    "a callback that raises": (
        machine({"Ask": ask(Catch=[catch("States.ALL", ResultPath=None)]), "Caught": END}),
        {"Ask": [Raises("KeyError")]},
        {"b": 2},
    ),
    "branches": (
        machine({"Fork": fork(machine({"One": call("One")}), machine({"Two": END}), ResultPath="$.both")}),
        {"One": ["one"]},
        {"b": 2},
    ),
    "a branch that fails": (
        machine({"Fork": fork(machine({"One": call("One")}), Catch=[catch("States.ALL", ResultPath=None)]), "Caught": END}),
        {"One": [Raises("KeyError")]},
        {"b": 2},
    ),
    "a path that finds nothing": made({"a.$": "$.nope"}, {"b": 2}),
}  # fmt: skip


def walk(
    definition: Mapping[str, Any], answers: Mapping[str, list[Any]], given: object
) -> tuple[Walked, list[tuple[str, int]]]:
    """Walk the double as `Interpreter.walk` walks moto; give its history too."""
    run = Run(json.loads(re.sub(r"\$\{(\w+)\}", r"\1", json.dumps(definition))), given)
    script = Script({called: list(turns) for called, turns in answers.items()}, _Answering(run))

    def call_by_script(function: str, payload: dict[str, Any]) -> object:
        error, answer = script.call(function, payload)
        if error:
            raise Failed(error, "as scripted")
        return answer

    run.service.run_with(call_by_script)
    walked = Walked(
        visited=run.visited,
        payloads=script.payloads,
        status=run.status,
        error=run.execution.error or "",
        cause=run.execution.cause or "",
        output=run.output,
    )
    return walked, [(event["type"], event["previousEventId"]) for event in run.events()]


class NotingInterpreter(Interpreter):
    """Keeps the ARN of the last execution, so that its history can be read."""

    arn = ""

    def _end_of(self, arn: str) -> dict[str, Any]:
        self.arn = arn
        return super()._end_of(arn)

    def history(self) -> list[tuple[str, int]]:
        answer = self.client.get_execution_history(executionArn=self.arn, maxResults=1000)
        return [(event["type"], event["previousEventId"]) for event in answer["events"]]


class _Answering:
    """What a script needs of boto3's client."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's name
        self._run.service.send_task_success(token=taskToken, output=output)


@contextmanager
def moto_interpreter() -> Iterator[NotingInterpreter]:
    """Run moto's interpreter in this process, with scripted Lambdas on a loopback port."""
    lambdas = Lambdas()
    thread = threading.Thread(target=lambdas.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
            client = boto3.client("lambda", region_name=REGION, endpoint_url=lambdas.address)
            patch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: client)
            read_once = staticmethod(cache(AmazonStateLanguageParser.parse))
            patch.setattr(AmazonStateLanguageParser, "parse", read_once)
            yield NotingInterpreter(lambdas)
    lambdas.shutdown()
    lambdas.server_close()
    thread.join()
