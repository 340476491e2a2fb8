"""What a deployment of the template needs, in the sandbox and in one's own account alike.

It does what `aws cloudformation package` does: the template's local paths become the
addresses of what was uploaded. And it says the ARNs that the template's policies name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

from handlers.domain.applications import Application
from sandbox.package import ROOT

TEMPLATE: Final = ROOT / "definitions" / "template.yaml"
DEFINITION: Final = ROOT / "definitions" / "rollout.asl.json"
GROUP_DEFINITION: Final = ROOT / "definitions" / "group.asl.json"
MAX_PARAMETER: Final = 4096
"""Characters of a parameter's value (CloudFormation quotas)."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in AWS it is deployed."""

    region: str
    account: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """Write the ARN of a resource here."""
        region = "" if service == "iam" else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"


def packaged(template: Path, *, code: str, definitions: Mapping[str, str]) -> dict[str, Any]:
    """Read a template, with addresses (`s3://…`) in place of its local paths.

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
    place: Place,
    roles: Iterable[str],
    log_groups: Iterable[str],
) -> dict[str, str]:
    """Say the template's parameters that name what the handlers may touch.

    Args:
        applications: those that are configured.
        place: where their services run.
        roles: ARNs of the task and execution roles of their task definitions.
        log_groups: names of the log groups that their containers write to.
    """
    known = list(applications)
    services = _listed(
        place.arn("ecs", f"service/{a.cluster}/{service}")
        for a in known
        for service in a.services.values()
    )
    if len(services) > MAX_PARAMETER:
        services = _listed(place.arn("ecs", f"service/{a.cluster}/*") for a in known)
    # A policy must name at least one resource, also where no task definition names a role.
    task_roles = _listed(roles) or place.arn("iam", "role/shingo-passes-no-role")
    return {
        "ClusterArns": _listed(place.arn("ecs", f"cluster/{a.cluster}") for a in known),
        "ServiceArns": services,
        "RepositoryArns": _listed(place.arn("ecr", f"repository/{a.repository}") for a in known),
        "TaskRoleArns": task_roles,
        # The same for logs: a group's ARN in a policy ends with the streams that are meant
        # (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html).
        "LogGroupArns": _listed(
            place.arn("logs", f"log-group:{group}:*")
            for group in (*log_groups, "shingo-reads-no-other")
        ),
    }


def as_parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Write parameters as CloudFormation's API takes them."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def _listed(names: Iterable[str]) -> str:
    return ",".join(dict.fromkeys(names))
