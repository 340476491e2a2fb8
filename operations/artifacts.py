"""The template and its parameters for a deployment, in the sandbox and in an AWS account.

It does what `aws cloudformation package` does: it puts the addresses of the uploaded files in
place of the template's local paths. It also builds the ARNs that the template's policies name.
"""

from collections.abc import Iterable, Mapping
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


def packaged(template: Path, *, code: str, definitions: Mapping[str, str]) -> dict[str, Any]:
    """Return a template with addresses (`s3://…`) in place of its local paths.

    Args:
        template: the file.
        code: where the package is.
        definitions: file name of a definition → where it is.
    """
    document: dict[str, Any] = yaml_parse(template.read_text())
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
        if resource["Type"] == "AWS::Serverless::StateMachine":
            local = resource["Properties"]["DefinitionUri"]
            resource["Properties"]["DefinitionUri"] = definitions.get(local, local)
    return document


def arn_parameters(
    applications: Iterable[Application],
    target: DeploymentTarget,
    roles: Iterable[str],
    log_groups: Iterable[str],
) -> dict[str, str]:
    """Return the template's parameters that name the resources of the handlers.

    Where there are too many names for a parameter, their beginnings stand for them.

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
    task_roles = _listed(roles) or target.arn("iam", "role/shingo-passes-no-role")
    return {
        "ClusterArns": _listed(target.arn("ecs", f"cluster/{a.cluster}") for a in known),
        "ServiceArns": _listed(services),
        "RepositoryArns": _listed(target.arn("ecr", f"repository/{a.repository}") for a in known),
        "TaskRoleArns": task_roles,
        # The same for logs: a group's ARN in a policy ends with the streams that are meant
        # (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html).
        "LogGroupArns": _listed(
            target.arn("logs", f"log-group:{group}:*")
            for group in (*log_groups, "shingo-reads-no-other")
        ),
    }


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
    return {
        "HostClusterArns": _listed(target.arn("ecs", f"cluster/{c.name}") for c in known)
        or target.arn("ecs", f"cluster/{none}"),
        "SpotFleetArns": _listed(fleets) or target.arn("ec2", f"fleet/{none}"),
        "SpotGroupArns": _listed(groups) or no_group,
    }


def as_parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return parameters in the shape of CloudFormation's API."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def _listed(arns: Iterable[str]) -> str:
    """Return ARNs joined by commas; shorten them by patterns as little as the limit asks."""
    known = list(dict.fromkeys(arns))
    listed = ",".join(known)
    length = max(map(len, known), default=0)
    while len(listed) > MAX_PARAMETER and length:
        length -= 1
        listed = ",".join(dict.fromkeys(_shortened(arn, length) for arn in known))
    return listed


def _shortened(arn: str, length: int) -> str:
    """Replace an ARN's end beyond `length` by a pattern, but never its account or kind."""
    end = ":*" if arn.endswith(":*") else ""
    fixed = len(arn) - len(arn.split(":", 5)[-1].partition("/")[2])
    return arn if len(arn) <= length else arn[: max(length, fixed)].rstrip("*") + "*" + end
