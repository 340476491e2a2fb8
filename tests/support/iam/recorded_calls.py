"""Records what AWS checks when a function calls it: the action, the resource, the conditions.

An operation of an API is not always one action of IAM, and what it is about stands in its
parameters: the Service Authorization Reference says both, and `ABOUT` is its part for the calls
that handlers make. A call of another operation fails until it is said here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.local_aws import ACCOUNT, REGION

SERVICES = {"monitoring": "cloudwatch"}
"""Where IAM's prefix is not the name that requests are signed with."""
NOTHING = ("*",)
"""Operations without resource types are checked against this."""


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def table(asked: Mapping[str, Any]) -> tuple[str]:
    index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
    return (arn("dynamodb", f"table/{asked['TableName']}{index}"),)


def services(asked: Mapping[str, Any]) -> list[str]:
    named = asked["services"] if "services" in asked else [asked["service"]]
    return [arn("ecs", f"service/{asked['cluster']}/{name}") for name in named]


def repository(asked: Mapping[str, Any]) -> list[str]:
    return [arn("ecr", f"repository/{asked['repositoryName']}")]


def queue(asked: Mapping[str, Any]) -> list[str]:
    return [arn("sqs", asked["QueueUrl"].rpartition("/")[2])]


def nothing(_: Mapping[str, Any]) -> tuple[str]:
    return NOTHING


def cluster(asked: Mapping[str, Any]) -> list[str]:
    return [arn("ecs", f"cluster/{asked['cluster']}")]


LAUNCHED = (arn("ec2", "launch-template/lt-0abc"), arn("ec2", "subnet/subnet-0abc"))
"""What both kinds of fleets launch by when they grow."""
IMAGE = f"arn:aws:ec2:{REGION}::image/ami-0abc"


def fleet(kind: str, name: str, *launched: str) -> Callable[[Mapping[str, Any]], list[str]]:
    """Name a fleet, and what it launches when it grows.

    The reference has those as resource types that a request may touch; that its caller is then
    asked about them is the stricter reading
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html).
    """
    return lambda asked: [arn("ec2", f"{kind}/{asked[name]}"), *launched]


def group(asked: Mapping[str, Any]) -> list[str]:
    """Name a group as its ARN does, with an id before its name."""
    name = f"autoScalingGroup:an-id:autoScalingGroupName/{asked['AutoScalingGroupName']}"
    return [arn("autoscaling", name)]


ABOUT: dict[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "autoscaling:DescribeAutoScalingGroups": nothing,
    "autoscaling:SetDesiredCapacity": group,
    "cloudwatch:DescribeAlarms": nothing,
    "cloudwatch:GetMetricData": nothing,
    "dynamodb:DeleteItem": table,
    "dynamodb:GetItem": table,
    "dynamodb:PutItem": table,
    "dynamodb:Query": table,
    "dynamodb:Scan": table,
    "dynamodb:UpdateItem": table,
    "ec2:DescribeFleets": nothing,
    "ec2:DescribeSpotFleetRequests": nothing,
    "ec2:ModifyFleet": fleet("fleet", "FleetId", *LAUNCHED, IMAGE),
    "ec2:ModifySpotFleetRequest": fleet("spot-fleet-request", "SpotFleetRequestId", *LAUNCHED),
    "ecr:BatchGetImage": repository,
    "ecr:DescribeImageScanFindings": repository,
    "ecr:DescribeImages": repository,
    "ecs:DescribeContainerInstances": lambda asked: asked["containerInstances"],
    "ecs:DescribeServices": services,
    "ecs:DescribeTaskDefinition": nothing,
    "ecs:DescribeTasks": lambda asked: asked["tasks"],
    "ecs:ListContainerInstances": cluster,
    "ecs:ListServiceDeployments": services,
    # Asked by service, it names no container instance, its only resource type.
    "ecs:ListTasks": nothing,
    "ecs:RegisterTaskDefinition": lambda asked: [
        arn("ecs", f"task-definition/{asked['family']}:1")
    ],
    "ecs:UpdateContainerInstancesState": lambda asked: asked["containerInstances"],
    "ecs:UpdateService": services,
    "elasticloadbalancing:DescribeTargetHealth": nothing,
    "logs:FilterLogEvents": lambda asked: [arn("logs", f"log-group:{asked['logGroupName']}:*")],
    "sqs:DeleteMessage": queue,
    "sqs:ReceiveMessage": queue,
    "ssm:GetParameter": lambda asked: [arn("ssm", f"parameter{asked['Name']}")],
    "states:DescribeExecution": lambda asked: [asked["executionArn"]],
    # Checked against the state machine of the token (https://github.com/aws/aws-cdk/pull/8486).
    "states:SendTaskSuccess": lambda _: [arn("states", "stateMachine:shingo-rollout")],
    "states:StartExecution": lambda asked: [asked["stateMachineArn"]],
}
"""Action → what it is about, from an operation's parameters."""
ALSO_ASKED = {
    "ecr:DescribeImageScanFindings": ("inspector2:ListCoverage", "inspector2:ListFindings"),
}
"""Action → what is checked beside it, with no resource: where scanning is enhanced, Inspector's own
(https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html)."""
OF_A_CLUSTER = {
    "ecs:DescribeContainerInstances",
    "ecs:DescribeTasks",
    "ecs:ListTasks",
    "ecs:UpdateContainerInstancesState",
}
"""Those that have `ecs:cluster` among their conditions."""


@dataclass(frozen=True)
class Call:
    """What IAM is asked."""

    function: str
    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass
class Recorder:
    """Notes the calls of whichever function runs."""

    revision: Callable[[str], Mapping[str, Any]]
    """ARN or name of a task definition → its content."""
    running: str = ""
    calls: set[Call] = field(default_factory=set)
    times: int = 0
    unknown: set[str] = field(default_factory=set)

    def attach(self, session: Any) -> None:
        """Listen to every client that this session makes from now on."""
        session.events.register("provide-client-params", self._called)

    def _called(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        if not self.running:
            return
        signed = model.service_model.signing_name
        action = f"{SERVICES.get(signed, signed)}:{model.name}"
        self.times += 1
        if action not in ABOUT:
            self.unknown.add(action)
            return
        context: tuple[tuple[str, str], ...] = ()
        if action in OF_A_CLUSTER:
            context = (("ecs:cluster", arn("ecs", f"cluster/{params['cluster']}")),)
        for resource in ABOUT[action](params):
            self.calls.add(Call(self.running, action, resource, context))
        for other in ALSO_ASKED.get(action, ()):
            self.calls.add(Call(self.running, other, *NOTHING))
        if action == "ecs:RegisterTaskDefinition" and params.get("tags"):
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
            created = (("ecs:CreateAction", model.name),)
            for resource in ABOUT[action](params):
                self.calls.add(Call(self.running, "ecs:TagResource", resource, created))
        for role in self._roles(action, params):
            passed = (("iam:PassedToService", "ecs-tasks.amazonaws.com"),)
            self.calls.add(Call(self.running, "iam:PassRole", role, passed))

    def _roles(self, action: str, params: Mapping[str, Any]) -> list[str]:
        """List the roles that are passed to tasks: by a new revision, and by its deployment.

        UpdateService asks for it wherever it names a task definition
        (https://github.com/keidarcy/e1s/issues/429).
        """
        content: Mapping[str, Any] = {}
        if action == "ecs:RegisterTaskDefinition":
            content = params
        if action == "ecs:UpdateService" and "taskDefinition" in params:
            content = self.revision(params["taskDefinition"])
        return [content[key] for key in ("executionRoleArn", "taskRoleArn") if key in content]
