"""Builds an account, with everything in it that the template and the example say."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields, replace
from functools import cache
from io import StringIO
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws
from moto.events.models import EventPattern

from handlers import observability, runtime
from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.clusters import Cluster, FleetKind
from handlers.domain.config.people import load_people
from operations.artifacts import DEFINITION
from operations.local_aws import ACCOUNT, REGION
from sandbox.host import running_sandbox as composition
from sandbox.host.loopback_server import address, loopback_socket, running_server
from sandbox.host.sandbox import handler_environment
from sandbox.host.sandbox_configuration import accelerated_document
from sandbox.host.stack import DeployedStack, template_parameters
from sandbox.wire.aws import ecr_api
from sandbox.wire.slack.slack_routes import People, Workspace
from sandbox.world.example_world import CLUSTER
from simulator.in_memory_dynamodb import InMemoryDynamoDb
from simulator.stepfunctions.machine import load_file
from simulator.stepfunctions.step_functions_service import StepFunctions
from tests.support.iam.account import Account, Events, Time, forget
from tests.support.iam.account_routes import ECR, answers_of, asked_of_moto, routes_of
from tests.support.iam.recorded_calls import Recorder
from tests.support.iam.template_policies import Template
from tests.support.patience import PATIENCE

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:shingo-rollout"


@contextmanager
def an_account(settings: Mapping[str, Mapping[str, Any]]) -> Iterator[Account]:
    """Run an account until the block ends.

    Args:
        settings: application → what its configuration says in place of the committed file; and
            `people`.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        held = loopback_socket()
        for name, value in _environment(address(held)).items():
            patch.setenv(name, value)
        stack.enter_context(mock_aws())
        boto3.setup_default_session(region_name=REGION)
        stack.callback(setattr, boto3, "DEFAULT_SESSION", None)
        account = _composed(settings, address(held), patch)
        account.recorder.attach(boto3.DEFAULT_SESSION)
        _furnish(account)
        show = account.workspace.modals.show
        patch.setattr(
            account.workspace.modals,
            "show",
            lambda person, view: account.dialogs.append(view) or show(person, view),
        )
        patch.setattr(ecr_api, "_asked", asked_of_moto)
        # To make a client takes as long as ten calls, and every start would make five.
        patch.setattr(boto3, "client", cache(boto3.client))
        patch.setattr(runtime, "now", account.time.now)
        # boto3 tries again at once: its pauses pass on no clock of ours.
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
        as_property: Any = property
        for name in ("applications", "clusters", "grants"):
            said = as_property(lambda _, name=name: getattr(account, name))
            patch.setattr(runtime.LiveSettings, name, said)
        known = load_people(accelerated_document(1, settings))
        patch.setattr(runtime.LiveSettings, "people", as_property(lambda _: known))
        handler: Any = observability.logger().registered_handler
        stack.callback(handler.setStream, handler.setStream(account.logged))
        stack.callback(forget)
        stack.enter_context(running_server(routes_of(account), held))
        yield account


def _environment(where: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "shingo",
        "NO_PROXY": "127.0.0.1",
        **handler_environment(where),
        "AWS_ENDPOINT_URL_SFN": f"{where}/machine",
    }


def applications(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Application]:
    """Read the committed file, with other settings."""
    return load_applications(accelerated_document(1, settings))


FOLLOWERS = {FleetKind.FLEET: "fleet-12a34b55-67cd-8ef9", FleetKind.GROUP: "recipes-spot"}
"""What may follow beside the example's spot fleet request."""


def clusters() -> dict[str, Cluster]:
    """Let the example's cluster have something of every kind that follows its on-demand group."""
    usual: Any
    (usual,) = composition._clusters().values()
    others = {
        str(kind): replace(usual, spot=replace(usual.spot, kind=kind, target=target))
        for kind, target in FOLLOWERS.items()
    }
    return {usual.name: usual} | others


def _composed(
    settings: Mapping[str, Mapping[str, Any]], where: str, patch: pytest.MonkeyPatch
) -> Account:
    """Compose a sandbox as usual, on this clock, and add what an account has beside it."""
    configured = applications(settings)
    time = Time()
    patch.setattr(composition, "WorldClock", lambda _: time)
    known = clusters()
    patch.setattr(composition, "_clusters", lambda: known)
    workspace = Workspace(clock=time.seconds, enforce_rates=False)
    workspace.address = where
    template = Template(
        template_parameters(composition._stack_settings(workspace, configured, 1, Path("unused")))
    )
    deployed = DeployedStack(
        endpoint=where,
        state_machine_arn=MACHINE,
        group_machine_arn=MACHINE.replace("-rollout", "-group"),
        api_url=where,
        commands_url=f"{where}/slack/commands",
        interactions_url=f"{where}/slack/interactions",
        functions={},
        tables={name: template.resolved({"Ref": name}) for name in template.tables},
    )
    aws: Any = SimpleNamespace(endpoint=ECR)
    usual = composition._composed(
        workspace, configured, aws, deployed, 1, package=Path("unused"), alarms=True
    )
    cluster = usual.world.clusters[CLUSTER]
    zones = sorted({host.zone for host in cluster.instances.values()})
    usual.world.fleets.add_fleet(FOLLOWERS[FleetKind.FLEET], cluster, zones, 2)
    usual.world.fleets.add_group(FOLLOWERS[FleetKind.GROUP], cluster, zones)
    kept = {each.name: getattr(usual, each.name) for each in fields(usual)}
    kept |= {"events": Events(_rules(template)), "people": People(workspace, PATIENCE)}
    return Account(
        **kept,
        template=template,
        machine=StepFunctions(load_file(DEFINITION), now=time.at, arn=MACHINE),
        time=time,
        recorder=Recorder(lambda name: usual.world.task_definitions.find(name).content),
        logged=StringIO(),
        answers=[],
        dialogs=[],
        tokens=set(),
        turn=Lock(),
    )


def _rules(template: Template) -> list[tuple[str, Any]]:
    return [
        (name, EventPattern.load(json.dumps(template.resolved(event["Properties"]["Pattern"]))))
        for name, function in template.functions.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "EventBridgeRule"
    ]


def _furnish(account: Account) -> None:
    """Make the template's tables, and put the secrets where handlers look for them."""
    dynamodb, ssm = InMemoryDynamoDb(), boto3.client("ssm")
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("before-call.dynamodb", answers_of(dynamodb))
    told = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    for name, table in account.template.tables.items():
        asked = {key: table[key] for key in told if key in table}
        dynamodb.create_table(TableName=account.stack.tables[name], **asked)
    for name in account.template.of_type("AWS::SQS::Queue"):
        boto3.client("sqs").create_queue(QueueName=account.template.resolved({"Ref": name}))
    parameters, workspace = account.template.parameters, account.workspace
    for parameter, value in (
        ("SlackBotTokenParameter", workspace.bot_token),
        ("SlackSigningSecretParameter", workspace.signing_secret),
    ):
        ssm.put_parameter(Name=parameters[parameter], Value=value, Type="SecureString")
