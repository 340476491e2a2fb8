"""The composition root, and the only reader of the environment.

Everything is built on first use and kept for the life of the function, so that importing
a handler touches nothing and each function makes only the clients that it needs.
"""

import os
import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.clusters import Cluster, FleetKind, load_clusters
from handlers.domain.verification.observation_window import ObservationTools
from handlers.gateways.approval_store import Approvals
from handlers.gateways.audit_store import Audit
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.aws_clients import QUICK, URGENT, client
from handlers.gateways.cloudwatch import Metrics
from handlers.gateways.cluster_capacity import Instances
from handlers.gateways.container_instances import Hosts
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.ecr import Images
from handlers.gateways.ecs import Ecs
from handlers.gateways.group_store import GroupRecords
from handlers.gateways.load_balancers import LoadBalancers
from handlers.gateways.lock_store import Locks
from handlers.gateways.parameter_store import Secret
from handlers.gateways.rollout_store import Rollouts
from handlers.gateways.slack_client import IN_A_STEP, WHILE_PEOPLE_WAIT, Patience, SlackClient
from handlers.gateways.spot_fleets import Ec2Fleets, SpotFleets
from handlers.gateways.step_functions import Executions
from handlers.gateways.wait_store import Waits
from handlers.observability import logger
from handlers.services.boards import Slack, Teller
from handlers.services.group_board import GroupTeller

_ROOT = Path(__file__).parent.parent
_SLACK_API = "https://slack.com/api/"


def now() -> datetime:
    """Return the present time; the only clock that handlers have."""
    return datetime.now(UTC)


def team() -> str:
    """Return the id of the Slack workspace whose people may speak to us."""
    return os.environ["SLACK_TEAM"]


@cache
def applications() -> dict[str, Application]:
    """Read the configuration, which is packed beside the code."""
    return load_applications(_document("applications.toml"))


@cache
def clusters() -> dict[str, Cluster]:
    """Read which clusters' instances are looked after; packed likewise, and may be missing."""
    return load_clusters(_document("clusters.toml"))


def _document(name: str) -> dict[str, object]:
    packed = _ROOT / name
    path = packed if packed.exists() else _ROOT / "definitions" / name
    return tomllib.loads(path.read_text()) if path.exists() else {}


@cache
def rollouts() -> Rollouts:
    """Return the table of rollouts."""
    return Rollouts(_table("ROLLOUTS_TABLE"))


@cache
def group_records() -> GroupRecords:
    """Return the groups of rollouts, which are kept with them."""
    return GroupRecords(_table("ROLLOUTS_TABLE"))


@cache
def approvals() -> Approvals:
    """Return the table of approvals."""
    return Approvals(_table("APPROVALS_TABLE"))


@cache
def waits() -> Waits:
    """Return the table of deployments being waited for."""
    return Waits(_table("DEPLOYMENTS_TABLE"))


@cache
def locks() -> Locks:
    """Return the table of locks."""
    return Locks(_table("LOCKS_TABLE", key="application"))


@cache
def audit() -> Audit:
    """Return the audit."""
    return Audit(_table("AUDIT_TABLE", key="rollout"))


@cache
def ecs() -> Ecs:
    """Return ECS."""
    return Ecs(client("ecs"))


@cache
def instances() -> Instances:
    """Return the clusters' instances."""
    return Instances(client("ecs"))


@cache
def hosts() -> Hosts:
    """Return the container instances; a throttled call is tried again for over a minute."""
    return Hosts(client("ecs", URGENT))


@cache
def auto_scaling() -> AutoScalingGroups:
    """Return the Auto Scaling groups."""
    return AutoScalingGroups(client("autoscaling"))


def fleets(kind: FleetKind) -> SpotFleets | Ec2Fleets | AutoScalingGroups:
    """Return what holds the fleets of a kind."""
    if kind is FleetKind.GROUP:
        return auto_scaling()
    return SpotFleets(_ec2()) if kind is FleetKind.SPOT_FLEET else Ec2Fleets(_ec2())


@cache
def balancers() -> LoadBalancers:
    """Return the load balancers."""
    return LoadBalancers(client("elbv2"))


@cache
def quick_ecs() -> Ecs:
    """Return ECS, for a look while somebody waits."""
    return Ecs(client("ecs", QUICK))


@cache
def quick_balancers() -> LoadBalancers:
    """Return the load balancers, for a look while somebody waits."""
    return LoadBalancers(client("elbv2", QUICK))


@cache
def metrics() -> Metrics:
    """Return the metrics and alarms."""
    return Metrics(client("cloudwatch"))


@cache
def looking() -> ObservationTools:
    """Return what a look at a color is taken with."""
    from handlers.gateways.cloudwatch_logs import Logs  # noqa: PLC0415  (not on the acknowledgement path)
    from handlers.gateways.smoke_check import Smoke  # noqa: PLC0415

    logs = Logs(client("logs"))
    return ObservationTools(
        ecs=ecs(), balancers=balancers(), metrics=metrics(), logs=logs, smoke=Smoke()
    )


@cache
def images() -> Images:
    """Return the image registry."""
    return Images(client("ecr"))


@cache
def executions() -> Executions:
    """Return the state machine's executions."""
    return Executions(client("stepfunctions"), os.environ["STATE_MACHINE_ARN"])


@cache
def group_executions() -> Executions:
    """Return the executions of the group's state machine."""
    return Executions(client("stepfunctions"), os.environ["GROUP_MACHINE_ARN"])


@cache
def signing_secret() -> Secret:
    """Return the secret that Slack signs with."""
    return Secret(client("ssm"), os.environ["SLACK_SIGNING_SECRET_PARAMETER"])


@cache
def teller() -> Teller:
    """Return what tells people."""
    return _teller(_slack(IN_A_STEP))


@cache
def group_teller() -> GroupTeller:
    """Return what tells people of a group."""
    return GroupTeller(_slack(IN_A_STEP), group_records(), _channel, _complain)


@cache
def quick_slack() -> SlackClient:
    """Return Slack, for the calls that are made while somebody waits."""
    return _slack(WHILE_PEOPLE_WAIT)


@cache
def quick_teller() -> Teller:
    """Return what tells people while they wait."""
    return _teller(quick_slack())


def _slack(patience: Patience) -> SlackClient:
    return SlackClient(_bot_token().value, _slack_api(), now, patience)


def _teller(slack: Slack) -> Teller:
    return Teller(slack, rollouts(), _channel, _complain)


def _complain(why: str) -> None:
    logger().warning("slack: %s", why)


@cache
def _bot_token() -> Secret:
    return Secret(client("ssm"), os.environ["SLACK_BOT_TOKEN_PARAMETER"])


def _slack_api() -> str:
    return os.environ.get("SLACK_API_URL") or _SLACK_API


def _channel(application: str) -> str:
    known = applications().get(application)
    return (known.channel if known else "") or os.environ["SLACK_CHANNEL"]


@cache
def _ec2() -> Any:  # noqa: ANN401  (gateways say what they need of it)
    return client("ec2")


@cache
def _dynamodb() -> object:
    return client("dynamodb")


def _table(variable: str, key: str = "id") -> Table:
    return Table(_dynamodb(), os.environ[variable], key)  # type: ignore[arg-type]
