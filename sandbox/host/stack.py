"""Deploys the product to MiniStack: the committed template, package and definitions.

It does what `aws cloudformation package` and `deploy` do: it uploads the package and the
definitions, puts their addresses into the template, and creates a stack. Only the waits of the
definitions differ from the committed ones (`accelerated_waits`).

Tested in `tests/e2e/test_stack.py`.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from handlers.domain.config.applications import Application
from handlers.domain.config.clusters import Cluster
from handlers.domain.config.grants import Grants
from handlers.domain.model.colors import COLORS
from operations.artifacts import (
    DEFINITION,
    GROUP_DEFINITION,
    TEMPLATE,
    DeploymentTarget,
    arn_parameters,
    as_parameters,
    cluster_parameters,
    packaged,
)
from operations.cloudformation import STACK, DeployError, failures
from operations.deployed_stack import stack_resources
from operations.local_aws import ACCOUNT, REGION, aws_client
from operations.package import PACKAGE
from sandbox.host.accelerated_waits import accelerated

BUCKET: Final = "shingo-artifacts"
GROUP: Final = GROUP_DEFINITION.name
TARGET: Final = DeploymentTarget(region=REGION, account=ACCOUNT)

_DEPLOY_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """What is deployed, and its parameters."""

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
class DeployedStack:
    """The deployed stack: its addresses, functions and tables."""

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


def deploy(endpoint: str, settings: StackSettings) -> DeployedStack:
    """Deploy to the AWS at `endpoint`, and wait until everything is there.

    Raises:
        DeployError: when the template is refused, or a resource cannot be created, or not in time.
    """
    template = _packaged(aws_client("s3", endpoint), settings)
    parameters = template_parameters(settings)
    _put_secrets(aws_client("ssm", endpoint), template, settings)
    cloudformation = aws_client("cloudformation", endpoint)
    try:
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Parameters=as_parameters(parameters),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise DeployError(f"{settings.template.name} was refused: {error}") from error
    _wait_until_created(cloudformation)
    return _described(endpoint, cloudformation)


def template_parameters(settings: StackSettings) -> dict[str, str]:
    """Return the template's parameters: Slack's address and the ARNs that the policies name."""
    granted = grants_of(settings.applications)
    roles, groups = sorted(granted.task_roles), sorted(granted.log_groups)
    return {
        "SlackChannel": settings.slack_channel,
        "SlackTeam": settings.slack_team,
        "SlackApiUrl": settings.slack_api_url,
        **arn_parameters(settings.applications.values(), TARGET, roles, groups),
        **cluster_parameters(settings.clusters.values(), TARGET),
    }


def grants_of(applications: Iterable[str]) -> Grants:
    """Say what the stack allows: the roles and log groups of the example's task definitions.

    Also the roles of its colors, where each has a family of its own.
    """
    known = list(applications)
    own = (f"{name}-{color}" for name in known for color in COLORS)
    roles = (TARGET.arn("iam", f"role/{name}") for name in ("ecsTaskExecutionRole", *known, *own))
    groups = (f"/ecs/{name}" for name in known)
    return Grants(task_roles=frozenset(roles), log_groups=frozenset(groups))


def _packaged(s3: Any, settings: StackSettings) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    """Upload the template's local files; return the template with their addresses."""
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key="lambda.zip", Body=settings.package.read_bytes())
    for name, path in (("rollout.asl.json", settings.definition), (GROUP, GROUP_DEFINITION)):
        definition = json.loads(path.read_text())
        paced = accelerated(definition, settings.acceleration, settings.people_acceleration)
        s3.put_object(Bucket=BUCKET, Key=name, Body=json.dumps(paced).encode())
    return packaged(
        settings.template,
        code=f"s3://{BUCKET}/lambda.zip",
        definitions={name: f"s3://{BUCKET}/{name}" for name in ("rollout.asl.json", GROUP)},
    )


def _put_secrets(ssm: Any, template: Mapping[str, Any], settings: StackSettings) -> None:  # noqa: ANN401
    for parameter, value in (
        ("SlackBotTokenParameter", settings.bot_token),
        ("SlackSigningSecretParameter", settings.signing_secret),
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
        time.sleep(_POLL_SECONDS)
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    raise DeployError(f"stack {STACK} is {status}\n{failures(events)}")


def _described(endpoint: str, cloudformation: Any) -> DeployedStack:  # noqa: ANN401 - a boto3 client
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    commands = urlsplit(outputs["SlackCommandsUrl"])
    interactions = urlsplit(outputs["SlackInteractionsUrl"])
    api_id = str(commands.hostname).split(".")[0]
    api_url = f"{endpoint}/_aws/execute-api/{api_id}/$default"
    return DeployedStack(
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
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in stack_resources(cloudformation, STACK)
        if resource["ResourceType"] == kind
    }
