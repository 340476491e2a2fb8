"""The template and its parameters for a deployment, in the sandbox and in an AWS account.

It does what `aws cloudformation package` does: it puts the addresses of the uploaded files in
place of the template's local paths. It also builds the ARNs that the template's policies name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

from handlers.domain.config.applications import Application
from handlers.domain.config.clusters import Cluster, FleetKind
from operations.package import ROOT

TEMPLATE: Final = ROOT / "definitions" / "template.yaml"
DEFINITION: Final = ROOT / "definitions" / "rollout.asl.json"
GROUP_DEFINITION: Final = ROOT / "definitions" / "group.asl.json"
MAX_PARAMETER: Final = 4096
"""Characters of a parameter's value (CloudFormation quotas)."""
MOST_LISTED: Final = {
    "ClusterArns": 2_300,
    "ServiceArns": 3_100,
    "RepositoryArns": 4_000,
    "LogGroupArns": 4_000,
    "HostClusterArns": 2_000,
    "SpotFleetArns": 2_200,
    "SpotGroupArns": 2_200,
}
"""Parameter → characters that its ARNs may have in one policy, as JSON. A policy that names several
lists, or one of them twice, still fits into what IAM takes (`stack_limits`)."""
MOST_ROLES_LISTED: Final = 5_700
"""The same of the task roles, which have policies of their own."""
PASSING: Final = "PassTaskRoles"
"""The managed policy of the template that allows to pass task roles."""
_FIXED: Final = re.compile(
    r"arn(:[^:/]*){4}:(log-group:|autoScalingGroup:\*:autoScalingGroupName/|[\w-]+/)"
)
"""Of an ARN what no pattern may stand for: its account and its kind."""


@dataclass(frozen=True, kw_only=True)
class DeploymentTarget:
    """Region and account of a deployment."""

    region: str
    account: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource."""
        region = "" if service == "iam" else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"


def definition_in(partition: str, path: Path) -> bytes:
    """Return a machine's definition for a partition.

    What a state calls is named with the partition of its execution: an execution in `aws-cn` fails
    at `arn:aws:states:::…`, "The resource belongs to a different partition from the running
    execution" (https://github.com/aws/aws-cdk/issues/4597).
    """
    text = path.read_text()
    return text.replace('"arn:aws:states:::', f'"arn:{partition}:states:::').encode()


def packaged(
    template: Path, *, code: str, definitions: Mapping[str, str], roles: Iterable[str] = ()
) -> dict[str, Any]:
    """Return a template with addresses (`s3://…`) in place of its local paths.

    Args:
        template: the file.
        code: where the package is.
        definitions: file name of a definition → where it is.
        roles: the task roles, of which those that no parameter takes have further policies.
    """
    document: dict[str, Any] = yaml_parse(template.read_text())
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
        if resource["Type"] == "AWS::Serverless::StateMachine":
            local = resource["Properties"]["DefinitionUri"]
            resource["Properties"]["DefinitionUri"] = definitions.get(local, local)
    for number, listed in enumerate(_role_lists(roles)[1:], start=2):
        _pass_more_roles(document, f"{PASSING}{number}", listed)
    return document


def _pass_more_roles(document: dict[str, Any], name: str, roles: list[str]) -> None:
    """Add a policy that passes these roles, wherever the template's own is attached."""
    resources = document["Resources"]
    policy = deepcopy(resources[PASSING])
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    statement["Resource"] = roles
    resources[name] = policy
    for resource in resources.values():
        policies = resource.get("Properties", {}).get("Policies", [])
        if {"Ref": PASSING} in policies:
            policies.append({"Ref": name})


def arn_parameters(
    applications: Iterable[Application],
    target: DeploymentTarget,
    roles: Iterable[str],
    log_groups: Iterable[str],
) -> dict[str, str]:
    """Return the template's parameters that name the resources of the handlers.

    Where there are too many names, their beginnings stand for them. Roles are named each for
    itself, always: those beyond the parameter are for `packaged`.

    Args:
        applications: those that are configured.
        target: where their services run.
        roles: ARNs of the task and execution roles of their task definitions.
        log_groups: names of the log groups that their containers write to.
    """
    known = list(applications)
    services = (
        target.arn("ecs", f"service/{a.cluster}/{service}")
        for a in known
        for service in a.services.values()
    )
    # A policy must name at least one resource, also where no task definition names a role.
    passed = _role_lists(roles) or [[target.arn("iam", "role/shingo-passes-no-role")]]
    # The same for logs: a group's ARN in a policy ends with the streams that are meant
    # (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html).
    groups = (
        target.arn("logs", f"log-group:{group}:*")
        for group in (*log_groups, "shingo-reads-no-other")
    )
    return _listed(
        ClusterArns=(target.arn("ecs", f"cluster/{a.cluster}") for a in known),
        ServiceArns=services,
        RepositoryArns=(target.arn("ecr", f"repository/{a.repository}") for a in known),
        LogGroupArns=groups,
    ) | {"TaskRoleArns": ",".join(passed[0])}


def cluster_parameters(clusters: Iterable[Cluster], target: DeploymentTarget) -> dict[str, str]:
    """Say the template's parameters that name clusters' instances, fleets and groups.

    Where there is none, a name that nothing has: a policy must name at least one resource.
    """
    known = list(clusters)
    followers = [cluster.spot for cluster in known if cluster.spot]
    ec2 = {FleetKind.SPOT_FLEET: "spot-fleet-request", FleetKind.FLEET: "fleet"}
    fleets = [target.arn("ec2", f"{ec2[s.kind]}/{s.target}") for s in followers if s.kind in ec2]
    # Between group and name stands an id that is not known.
    groups = [
        target.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{spot.target}")
        for spot in followers
        if spot.kind is FleetKind.GROUP
    ]
    none = "shingo-has-none"
    no_group = target.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{none}")
    return _listed(
        HostClusterArns=[target.arn("ecs", f"cluster/{c.name}") for c in known]
        or [target.arn("ecs", f"cluster/{none}")],
        SpotFleetArns=fleets or [target.arn("ec2", f"fleet/{none}")],
        SpotGroupArns=groups or [no_group],
    )


def as_parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return parameters in the shape of CloudFormation's API."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def _listed(**lists: Iterable[str]) -> dict[str, str]:
    """Return parameters: ARNs joined by commas, shortened as little as a policy's length asks."""
    return {name: ",".join(_shortened(arns, MOST_LISTED[name])) for name, arns in lists.items()}


def _shortened(arns: Iterable[str], most: int) -> list[str]:
    known = listed = list(dict.fromkeys(arns))
    length = max(map(len, known), default=0)
    while _json_length(listed) > most and length:
        length -= 1
        listed = list(dict.fromkeys(_pattern(arn, length) for arn in known))
    return listed


def _pattern(arn: str, length: int) -> str:
    """Replace an ARN's end beyond `length` by a pattern, but never its account or kind."""
    end = ":*" if arn.endswith(":*") else ""
    named = arn.removesuffix(end)
    fixed = _FIXED.match(arn)
    if fixed is None or len(arn) <= length:
        return arn
    return named[: max(length, fixed.end())].rstrip("*") + "*" + end


def _role_lists(roles: Iterable[str]) -> list[list[str]]:
    """Divide roles into lists: the first fits into a parameter, each into a policy of its own."""
    lists: list[list[str]] = []
    for role in dict.fromkeys(roles):
        most = MAX_PARAMETER if len(lists) <= 1 else MOST_ROLES_LISTED
        if not lists or _json_length([*lists[-1], role]) > most:
            lists.append([])
        lists[-1].append(role)
    return lists


def _json_length(arns: Sequence[str]) -> int:
    """Count characters of a list of ARNs in a policy: each in quotes, with a comma."""
    return sum(len(arn) + len('"",') for arn in arns)
