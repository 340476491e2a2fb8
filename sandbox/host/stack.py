"""Deploys the product to MiniStack: the template, the package and the definition as they are.

It does what `aws cloudformation package` and `deploy` do: the package and the definition go to
a bucket, the template's local paths become their addresses, and a stack is created from it.
Only the copy of the definition differs from the committed one, in its waits
(`accelerated_waits`).
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from handlers.domain.config.applications import Application
from handlers.domain.config.clusters import Cluster
from operations.artifacts import (
    DEFINITION,
    GROUP_DEFINITION,
    TEMPLATE,
    Place,
    arn_parameters,
    as_parameters,
    cluster_parameters,
    packaged,
)
from operations.cloudformation import DeployError, failures
from operations.package import PACKAGE
from sandbox.host.accelerated_waits import accelerated
from sandbox.host.ministack import ACCOUNT, REGION, aws_client

STACK: Final = "shingo"
BUCKET: Final = "shingo-artifacts"
GROUP: Final = GROUP_DEFINITION.name
PLACE: Final = Place(region=REGION, account=ACCOUNT)

_DEPLOY_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to deploy, and how it is to be set up."""

    applications: Mapping[str, Application]
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    bot_token: str
    signing_secret: str
    slack_api_url: str
    slack_channel: str
    slack_team: str
    acceleration: float = 1
    people_acceleration: float = 1
    package: Path = PACKAGE
    template: Path = TEMPLATE
    definition: Path = DEFINITION


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What was deployed, and where it answers."""

    endpoint: str
    state_machine_arn: str
    group_machine_arn: str
    api_url: str
    """Base of the HTTP API; its routes follow."""
    commands_url: str
    interactions_url: str
    functions: Mapping[str, str]
    """Name in the template → name of the function."""
    tables: Mapping[str, str]
    """Name in the template → name of the table."""


def deploy(endpoint: str, order: Order) -> Stack:
    """Deploy to the AWS at `endpoint`, and wait until everything is there.

    Raises:
        DeployError: when the template is refused, or a resource cannot be created, or not in time.
    """
    template = _packaged(aws_client("s3", endpoint), order)
    parameters = template_parameters(order)
    _put_secrets(aws_client("ssm", endpoint), template, order)
    cloudformation = aws_client("cloudformation", endpoint)
    try:
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Parameters=as_parameters(parameters),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise DeployError(f"{order.template.name} was refused: {error}") from error
    _wait_until_created(cloudformation)
    return _described(endpoint, cloudformation)


def template_parameters(order: Order) -> dict[str, str]:
    """Say the template's parameters: where Slack is, and the ARNs that the policies name."""
    names = ("ecsTaskExecutionRole", *order.applications)
    roles = (PLACE.arn("iam", f"role/{name}") for name in names)
    groups = (f"/ecs/{name}" for name in order.applications)
    return {
        "SlackChannel": order.slack_channel,
        "SlackTeam": order.slack_team,
        "SlackApiUrl": order.slack_api_url,
        **arn_parameters(order.applications.values(), PLACE, roles, groups),
        **cluster_parameters(order.clusters.values(), PLACE),
    }


def _packaged(s3: Any, order: Order) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    """Upload what the template names by local path, and name it by address instead."""
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key="lambda.zip", Body=order.package.read_bytes())
    for name, path in (("rollout.asl.json", order.definition), (GROUP, GROUP_DEFINITION)):
        definition = json.loads(path.read_text())
        paced = accelerated(definition, order.acceleration, order.people_acceleration)
        s3.put_object(Bucket=BUCKET, Key=name, Body=json.dumps(paced).encode())
    return packaged(
        order.template,
        code=f"s3://{BUCKET}/lambda.zip",
        definitions={name: f"s3://{BUCKET}/{name}" for name in ("rollout.asl.json", GROUP)},
    )


def _put_secrets(ssm: Any, template: Mapping[str, Any], order: Order) -> None:  # noqa: ANN401
    for parameter, value in (
        ("SlackBotTokenParameter", order.bot_token),
        ("SlackSigningSecretParameter", order.signing_secret),
    ):
        name = template["Parameters"][parameter]["Default"]
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def _wait_until_created(cloudformation: Any) -> None:  # noqa: ANN401 - a boto3 client
    end = time.monotonic() + _DEPLOY_SECONDS
    status = ""
    while time.monotonic() < end:
        status = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            return
        if not status.endswith("_IN_PROGRESS"):
            break
        time.sleep(_LOOK_SECONDS)
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    raise DeployError(f"stack {STACK} is {status}\n{failures(events)}")


def _described(endpoint: str, cloudformation: Any) -> Stack:  # noqa: ANN401 - a boto3 client
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    commands = urlsplit(outputs["SlackCommandsUrl"])
    interactions = urlsplit(outputs["SlackInteractionsUrl"])
    api_id = str(commands.hostname).split(".")[0]
    api_url = f"{endpoint}/_aws/execute-api/{api_id}/$default"
    return Stack(
        endpoint=endpoint,
        state_machine_arn=outputs["StateMachineArn"],
        group_machine_arn=outputs.get("GroupMachineArn", ""),
        api_url=api_url,
        commands_url=api_url + commands.path,
        interactions_url=api_url + interactions.path,
        functions=_physical(cloudformation, "AWS::Lambda::Function"),
        tables=_physical(cloudformation, "AWS::DynamoDB::Table"),
    )


def _physical(cloudformation: Any, kind: str) -> dict[str, str]:  # noqa: ANN401 - a boto3 client
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == kind
    }
