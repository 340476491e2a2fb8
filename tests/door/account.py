"""An AWS account in this process: the real handlers, and everything that they call, on one clock.

DynamoDB, SSM, STS and ECR are moto's; Step Functions is the double that has AWS's rules; ECS, the
load balancer, CloudWatch, its logs and Slack are the sandbox's, on a loopback port. It is a
`Sandbox`, so that the scenarios of `make demo` are played in it as they are, only that time is
given: an hour takes as long as what happens in it.
"""

import importlib
import json
import re
from base64 import b64encode
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from threading import Lock, RLock
from typing import Any

import boto3
import pytest
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws
from moto.events.models import EventPattern
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from handlers import observe, runtime
from handlers.domain.applications import load_applications
from sandbox.artifacts import DEFINITION
from sandbox.configuration import paced_document
from sandbox.leaks import secrets, told
from sandbox.ministack import ACCOUNT, REGION
from sandbox.registry import seed_images
from sandbox.sandbox import RELEASES, Sandbox, _order, _world
from sandbox.server import address, loopback_socket, serving
from sandbox.stack import Stack, template_parameters
from sandbox.states.driven import raised
from sandbox.states.errors import StatesError
from sandbox.states.machine import load_file
from sandbox.states.service import StepFunctions
from sandbox.wire.aws_json import json_routes
from sandbox.wire.cloudwatch import cloudwatch_routes
from sandbox.wire.ecs import ecs_routes
from sandbox.wire.elb import elb_routes
from sandbox.wire.logs import logs_routes
from sandbox.wire.seam import Seam, WireError
from sandbox.wire.slack import Callbacks, People, Workspace, slack_routes
from sandbox.world.example import RUNNING_TAG
from tests.door.calls import Recorder
from tests.door.policies import Template

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:shingo-rollout"
BEGINNING = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)
"""The longest time in which nobody looks; alarms are looked at each minute."""
PATIENCE = 60.0
"""Seconds that Slack waits for a handler here; how soon it answers is tested elsewhere."""
ROUTE = "AWS::ApiGatewayV2::Route"
ECR = f"https://api.ecr.{REGION}.amazonaws.com"


@dataclass
class Time:
    """The one clock."""

    at: datetime = BEGINNING

    def now(self):
        return self.at

    def seconds(self):
        return self.at.timestamp()


@dataclass
class Events:
    """EventBridge: the template's own rules, and what becomes of each event."""

    rules: list
    fate: Any = None

    def functions_for(self, event):
        if self.fate is not None and not self.fate(event):
            return []
        return [function for function, rule in self.rules if rule.matches_event(event)]


@dataclass(frozen=True, kw_only=True)
class Account(Sandbox):
    """A sandbox in one process, with what it heard."""

    template: Template
    machine: StepFunctions
    time: Time
    recorder: Recorder
    logged: StringIO
    answers: list
    """What functions returned to Slack, to the API and to the machine, as JSON."""
    dialogs: list
    tokens: set
    """Task tokens that were given to a function."""
    secrets: dict = field(default_factory=dict)
    told: dict = field(default_factory=dict)
    """Secrets and what they are, and what was told to anybody by its place; see `hear`."""
    turn: Any
    """Held by the function that runs: one at a time."""

    def client(self, service):
        return boto3.client(service)

    @property
    def executions(self):
        return list(self.machine._executions)

    def logged_lines(self):
        return self.logged.getvalue()

    def hear(self):
        """Gather all secrets, and everything that was told to anybody, before the account goes."""
        self.secrets.update(secrets(self) | dict.fromkeys(self.tokens, "a task token"))
        self.told.update(told(self, *self.executions))
        self.told["answers"] = "\n".join(self.answers)
        self.told["dialogs"] = json.dumps(self.dialogs)

    def rest(self, seconds):
        """Let happen what is due; where nothing is, let time pass until something may be."""
        if self.settle():
            return
        due = [self.time.at + STEP, self.machine.next_event_at(), self.world.next_event_at()]
        self.time.at = max(self.time.at, min(at for at in due if at is not None))
        self.machine.advance(self.time.at)
        self.world.advance(self.time.at)
        self.settle()

    def settle(self):
        """Call every function that is to be called now; say whether there was one."""
        rounds = 0
        while self._called() or self._told():
            rounds += 1
        return rounds > 0

    def _called(self):
        invocations = self.machine.take_invocations()
        for called in invocations:
            self.tokens.update(filter(None, [called.payload.get("token")]))
            try:
                result = self.call(called.function, called.payload)
            except Exception as error:  # noqa: BLE001 - the machine hears of any
                name = type(error).__name__
                self.machine.fail(called, name, raised(name, str(error)))
            else:
                self.machine.complete(called, result)
        return bool(invocations)

    def _told(self):
        events = [*self.machine.take_events(), *self.world.take_events()]
        for event in events:
            for function in self.events.functions_for(event):
                self.call(function, event)
        return bool(events)

    def call(self, function, event):
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


def forget():
    """Make the next invocation a cold start."""
    for made in vars(runtime).values():
        if hasattr(made, "cache_clear") and made.__module__ == runtime.__name__:
            made.cache_clear()


@contextmanager
def an_account(settings):
    """Run an account until the block ends.

    Args:
        settings: application → what its configuration says in place of the committed file.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        held = loopback_socket()
        for name, value in _environment(address(held)).items():
            patch.setenv(name, value)
        stack.enter_context(mock_aws())
        boto3.setup_default_session(region_name=REGION)
        stack.callback(setattr, boto3, "DEFAULT_SESSION", None)
        account = _composed(settings, address(held))
        account.recorder.attach(boto3.DEFAULT_SESSION)
        _furnish(account)
        show = account.workspace.modals.show
        patch.setattr(
            account.workspace.modals,
            "show",
            lambda person, view: account.dialogs.append(view) or show(person, view),
        )
        patch.setattr(runtime, "now", account.time.now)
        # boto3 tries again at once: its pauses pass on no clock of ours.
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
        patch.setattr(runtime, "applications", lambda: account.applications)
        handler = observe.logger().registered_handler
        stack.callback(handler.setStream, handler.setStream(account.logged))
        stack.callback(forget)
        stack.enter_context(serving(_routes(account), held))
        yield account


def _environment(where):
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "shingo",
        "NO_PROXY": "127.0.0.1",
        "AWS_ENDPOINT_URL_ECS": f"{where}/ecs",
        "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": f"{where}/elb",
        "AWS_ENDPOINT_URL_CLOUDWATCH": f"{where}/cloudwatch",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": f"{where}/logs",
        "AWS_ENDPOINT_URL_SFN": f"{where}/states",
    }


def applications(settings):
    """Read the committed file, with other settings."""
    return load_applications(paced_document(1, settings))


def _composed(settings, where):
    configured = applications(settings)
    time = Time()
    workspace = Workspace(clock=time.seconds, enforce_rates=False)
    workspace.address = where
    workspace.callbacks = Callbacks(f"{where}/slack/commands", f"{where}/slack/interactions")
    template = Template(template_parameters(_order(workspace, configured, 1, Path("unused"))))
    tags = (RUNNING_TAG, *RELEASES)
    digests = seed_images(ECR, {a.repository: tags for a in configured.values()})
    by_digest = {digest: tag for by_tag in digests.values() for tag, digest in by_tag.items()}
    world = _world(digests, by_digest, time)
    rules = [
        (name, EventPattern.load(json.dumps(template.resolved(event["Properties"]["Pattern"]))))
        for name, function in template.functions.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "EventBridgeRule"
    ]
    return Account(
        address=where,
        ministack=None,
        stack=Stack(
            endpoint=where,
            state_machine_arn=MACHINE,
            api_url=where,
            commands_url=workspace.callbacks.commands,
            interactions_url=workspace.callbacks.interactions,
            functions={},
            tables={name: template.resolved({"Ref": name}) for name in template.tables},
        ),
        applications=configured,
        world=world,
        lock=RLock(),
        events=Events(rules),
        workspace=workspace,
        people=People(workspace, PATIENCE),
        ecs_calls=Seam(),
        metric_calls=Seam(),
        log_calls=Seam(),
        clock=time,
        tags=by_digest,
        template=template,
        machine=StepFunctions(load_file(DEFINITION), now=time.at, arn=MACHINE),
        time=time,
        recorder=Recorder(lambda name: world.task_definitions.find(name).content),
        logged=StringIO(),
        answers=[],
        dialogs=[],
        tokens=set(),
        turn=Lock(),
    )


def _furnish(account):
    """Make the template's tables, and put the secrets where handlers look for them."""
    dynamodb, ssm = boto3.client("dynamodb"), boto3.client("ssm")
    told = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    for name, table in account.template.tables.items():
        asked = {key: table[key] for key in told if key in table}
        dynamodb.create_table(TableName=account.stack.tables[name], **asked)
    parameters, workspace = account.template.parameters, account.workspace
    for parameter, value in (
        ("SlackBotTokenParameter", workspace.bot_token),
        ("SlackSigningSecretParameter", workspace.signing_secret),
    ):
        ssm.put_parameter(Name=parameters[parameter], Value=value, Type="SecureString")


def _routes(account):
    def tick():
        """Time passes elsewhere."""

    world = (account.world, account.lock, tick)
    return [
        *ecs_routes(*world, account.ecs_calls),
        *elb_routes(*world),
        *cloudwatch_routes(*world, seam=account.metric_calls),
        *logs_routes(*world, seam=account.log_calls),
        *slack_routes(account.workspace),
        *json_routes(
            "/states",
            "1.0",
            lambda operation, asked: _states(account.machine, operation, asked),
            lock=account.lock,
            tick=tick,
            seam=Seam(),
        ),
        *[_route(account, route) for route in account.template.of_type(ROUTE).values()],
    ]


def _states(machine, operation, asked):
    """Answer Step Functions' calls by its double."""
    calls = {
        "StartExecution": lambda: machine.start_execution(name=asked["name"], input=asked["input"]),
        "DescribeExecution": lambda: machine.describe_execution(arn=asked["executionArn"]),
        "GetExecutionHistory": lambda: machine.get_execution_history(arn=asked["executionArn"]),
        "StopExecution": lambda: machine.stop_execution(
            arn=asked["executionArn"], cause=asked.get("cause")
        ),
        "SendTaskSuccess": lambda: machine.send_task_success(
            token=asked["taskToken"], output=asked["output"]
        ),
    }
    try:
        answer = calls[operation]() or {}
    except StatesError as error:
        raise WireError(error.code, str(error)) from error
    return json.loads(json.dumps(answer, default=lambda moment: moment.timestamp()))


def _route(account, route):
    """Serve one route of the template's HTTP API by its function."""
    method, path = route["RouteKey"].split(" ")
    integration = re.search(r"\w+(?=}$)", route["Target"]["Fn::Sub"])[0]
    uri = account.template.of_type("AWS::ApiGatewayV2::Integration")[integration]["IntegrationUri"]
    function = uri["Fn::GetAtt"][0]
    signed = route.get("AuthorizationType") == "AWS_IAM"

    async def answer(request):
        body = await request.body()
        context = {"http": {"method": method, "path": request.url.path}}
        if signed:
            arn = await run_in_threadpool(_caller, request.headers["authorization"])
            context["authorizer"] = {"iam": {"userArn": arn}}
        event = {
            "rawPath": request.url.path,
            "headers": dict(request.headers),
            "pathParameters": request.path_params,
            "requestContext": context,
            "body": b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        said = await run_in_threadpool(account.call, function, event)
        return Response(said.get("body", ""), said["statusCode"], said.get("headers"))

    return Route(path, answer, methods=[method])


def _caller(authorization):
    """Say whose access key signed a request, as the API's authorizer does."""
    key = re.search(r"Credential=([^/]+)/", authorization)[1]
    sts = boto3.client("sts", aws_access_key_id=key, aws_secret_access_key="unused")
    return sts.get_caller_identity()["Arn"]
