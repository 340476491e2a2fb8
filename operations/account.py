"""Checks an AWS account before a deployment: everything to which the stack will refer.

Tested in `tests/e2e/test_deploy.py` and `tests/contract/gateways/test_account_services.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from handlers.domain.admission.grant_check import iam_of, roles_of
from handlers.domain.config.applications import Application
from handlers.domain.config.clusters import Cluster, FleetKind, SpotSettings
from handlers.domain.config.grants import Grants
from handlers.domain.deployments.service_kind import unsupported_kind
from handlers.domain.model.errors import ShingoError
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.ecs import Ecs
from handlers.gateways.spot_fleets import Ec2Fleets, SpotFleets
from operations.artifacts import DeploymentTarget
from operations.inspection import Inspection
from operations.slack_secrets import read_secrets


class AccountNotReadyError(RuntimeError):
    """Something is missing; the message names each thing, a line each."""


@dataclass(kw_only=True)
class Account(Inspection):
    """An account, with what was found in it."""

    target: DeploymentTarget
    caller: str
    roles: list[str] = field(default_factory=list)
    """Task and execution roles of the services' present task definitions."""
    log_groups: list[str] = field(default_factory=list)
    """Those that their containers write to."""
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Name of an SSM parameter → the secret, of those that can be used."""

    @property
    def grants(self) -> Grants:
        """What the stack's policies allow, for the package."""
        return Grants(task_roles=frozenset(self.roles), log_groups=frozenset(self.log_groups))


def identify_account(session: Session) -> Account:
    """Ask AWS who is asking, and where.

    Raises:
        NotReady: no region, no credentials, or they are refused.
    """
    if not session.region_name:
        raise AccountNotReadyError(
            "AWS_REGION: is not set, expected a region such as ap-northeast-1"
        )
    try:
        said = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise AccountNotReadyError(f"AWS credentials: {error}") from error
    target = DeploymentTarget(
        region=session.region_name, account=said["Account"], partition=said["Arn"].split(":")[1]
    )
    return Account(target=target, caller=said["Arn"])


def inspect_account(
    session: Session,
    account: Account,
    applications: Mapping[str, Application],
    bucket: str,
    secrets: Iterable[str],
) -> None:
    """Look up everything to which the stack will refer; add a problem for each missing thing.

    Args:
        session: with the credentials of whoever deploys.
        account: where problems and roles are noted.
        applications: what is configured.
        bucket: where the package is to go.
        secrets: names of the SSM parameters.
    """
    account.problems += _bucket_problems(session, bucket)
    account.secrets = read_secrets(session.client("ssm"), list(secrets), account)
    for application in applications.values():
        account.problems += _repository_problems(session, application)
        account.problems += _inspect_services(session, application, account)


def inspect_clusters(session: Session, account: Account, clusters: Mapping[str, Cluster]) -> None:
    """Look for the clusters, groups and fleets that are configured; note what is missing."""
    for cluster in clusters.values():
        account.problems += _cluster_problems(session, cluster)


def _cluster_problems(session: Session, cluster: Cluster) -> Iterator[str]:
    described = session.client("ecs").describe_clusters(clusters=[cluster.name])
    if not any(each["status"] == "ACTIVE" for each in described["clusters"]):
        yield f"{cluster.name}: ECS has no such cluster here"
    if cluster.spot is not None:
        yield from _spot_problems(session, cluster.name, cluster.spot)


def _spot_problems(session: Session, cluster: str, spot: SpotSettings) -> Iterator[str]:
    ec2: Any = session.client("ec2")
    groups = AutoScalingGroups(session.client("autoscaling"))
    fleets: Mapping[FleetKind, SpotFleets | Ec2Fleets | AutoScalingGroups] = {
        FleetKind.SPOT_FLEET: SpotFleets(ec2),
        FleetKind.FLEET: Ec2Fleets(ec2),
        FleetKind.GROUP: groups,
    }
    try:
        groups.instances(spot.on_demand)
    except ShingoError as error:
        yield f"{cluster}.spot.on_demand: {error}"
    try:
        fleets[spot.kind].describe(spot.target)
    except ShingoError as error:
        yield f"{cluster}.spot.{spot.kind}: {error}"


def _bucket_problems(session: Session, bucket: str) -> Iterator[str]:
    here = session.region_name
    try:
        region = session.client("s3").head_bucket(Bucket=bucket).get("BucketRegion", here)
    except ClientError as error:
        said = error.response["Error"]["Code"]
        make = f"make it: aws s3 mb s3://{bucket} --region {here}"
        yield f"BUCKET: {bucket} cannot be used in {here} ({said}); {make}"
        return
    if region != here:
        # S3 answers from anywhere; Lambda takes a package from its own region alone
        # (API_FunctionCode, `S3Bucket`).
        yield (
            f"BUCKET: {bucket} is in {region}, expected one in {here}; "
            f"make another: aws s3 mb s3://{bucket}-{here} --region {here}"
        )


def _repository_problems(session: Session, application: Application) -> Iterator[str]:
    name = application.repository
    try:
        session.client("ecr").describe_repositories(repositoryNames=[name])
    except ClientError as error:
        said = error.response["Error"]["Code"]
        yield f"{application.name}.repository: ECR has no {name} here ({said})"


def _inspect_services(
    session: Session, application: Application, account: Account
) -> Iterator[str]:
    """Add the roles and log groups of an application's services; yield what is missing."""
    ecs: Any = session.client("ecs")
    names = list(application.services.values())
    try:
        found = Ecs(ecs).services(application.cluster, names)
    except ShingoError as error:
        yield f"{application.name}.cluster: ECS has no {application.cluster} here ({error})"
        return
    for color, name in application.services.items():
        service, where = found.get(name), f"{application.name}.services.{color}"
        if service is None or not service.active:
            yield f"{where}: cluster {application.cluster} has no service {name}"
        elif kind := unsupported_kind(service):
            yield f"{where}: {kind}"
    primaries = [service.primary for service in found.values()]
    for definition in dict.fromkeys(each.task_definition for each in primaries if each):
        content = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
        _allow(account, content)
        # What is to be released by `taskDefinition` runs nowhere yet.
        newest = ecs.describe_task_definition(taskDefinition=content["family"])["taskDefinition"]
        _allow(account, newest)


def _allow(account: Account, definition: Mapping[str, Any]) -> None:
    """Add the roles and log groups of a task definition, each once."""
    roles = roles_of(definition, iam_of(definition["taskDefinitionArn"])).values()
    account.roles += [role for role in roles if role not in account.roles]
    groups = (_log_group(container) for container in definition["containerDefinitions"])
    account.log_groups += [g for g in groups if g and g not in account.log_groups]


def _log_group(container: Mapping[str, Any]) -> str:
    logging = container.get("logConfiguration") or {}
    options = logging.get("options", {}) if logging.get("logDriver") == "awslogs" else {}
    return str(options.get("awslogs-group", ""))
