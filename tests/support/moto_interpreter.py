"""The committed definition on moto's interpreter, with Lambdas that follow a script.

moto runs the machine in this process; its calls of Lambda go to a loopback port, where the
script of the running walk answers.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import boto3

from tests.support.patience import PATIENCE

REGION = "ap-northeast-1"
ROLE = "arn:aws:iam::123456789012:role/machine"
NAMES = (f"rollout-{number}" for number in count())


@dataclass(frozen=True)
class Raises:
    """The Lambda fails with an exception of this class name."""

    error: str = "KeyError"


@dataclass(frozen=True)
class Silence:
    """The Lambda returns, and its token is never answered."""


SILENCE = Silence()


@dataclass(frozen=True)
class Walked:
    """How an execution went."""

    visited: list[str]
    payloads: list[tuple[str, dict[str, Any]]]
    status: str
    error: str
    cause: str
    output: Any

    def payload(self, called: str) -> dict[str, Any]:
        """What the Lambda was given the last time."""
        return next(payload for name, payload in reversed(self.payloads) if name == called)


@dataclass
class Script:
    """What each Lambda answers: by `Function` or `Function color`, in turn, the last for ever."""

    answers: dict[str, list[Any]]
    client: Any
    payloads: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, function: str, payload: dict[str, Any]) -> tuple[str, object]:
        """The error's class name, or none, and what the function returns."""
        called = f"{function} {payload['color']}" if "color" in payload else function
        self.payloads.append((called, payload))
        turns = self.answers[called]
        answer = turns.pop(0) if len(turns) > 1 else turns[0]
        if isinstance(answer, Raises):
            return answer.error, {"errorType": answer.error, "errorMessage": "as scripted"}
        if "token" not in payload:
            return "", answer
        if answer is not SILENCE:
            output = json.dumps(answer)
            self.client.send_task_success(taskToken=payload["token"], output=output)
        return "", None


class Lambdas(ThreadingHTTPServer):
    """Lambda's Invoke on a loopback port."""

    daemon_threads = True
    script: Script

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Invoke)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Invoke(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Lambdas

    def do_POST(self) -> None:
        function = self.path.split("/")[3]
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        error, answer = self.server.script.call(function, payload)
        body = json.dumps(answer).encode()
        self.send_response(200)
        if error:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Interpreter:
    """Runs definitions, one execution at a time."""

    def __init__(self, lambdas: Lambdas) -> None:
        self.lambdas = lambdas
        self.client = boto3.client("stepfunctions", region_name=REGION)
        self.machines: dict[str, str] = {}

    def walk(
        self, definition: Mapping[str, Any], answers: Mapping[str, list[Any]], given: object
    ) -> Walked:
        """Start an execution with an input, and see how it ends."""
        script = Script({called: list(turns) for called, turns in answers.items()}, self.client)
        self.lambdas.script = script
        arn = self.client.start_execution(
            stateMachineArn=self._machine(definition), name=next(NAMES), input=json.dumps(given)
        )["executionArn"]
        end = self._end_of(arn)
        history = self.client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [event.get("stateEnteredEventDetails") for event in history]
        return Walked(
            visited=[details["name"] for details in entered if details],
            payloads=script.payloads,
            status=end["status"],
            error=end.get("error", ""),
            cause=end.get("cause", ""),
            output=json.loads(end.get("output", "null")),
        )

    def _machine(self, definition: Mapping[str, Any]) -> str:
        text = re.sub(r"\$\{(\w+)\}", r"\1", json.dumps(definition))
        if text not in self.machines:
            made = self.client.create_state_machine(
                name=f"machine-of-{next(NAMES)}", definition=text, roleArn=ROLE
            )
            self.machines[text] = made["stateMachineArn"]
        return self.machines[text]

    def _end_of(self, arn: str) -> dict[str, Any]:
        late = time.monotonic() + PATIENCE
        while (end := self.client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < late, "the execution did not end"
            time.sleep(0.02)  # moto's threads run the machine; nothing tells when they are done
        return dict(end)
