"""The composition root, and the only reader of the environment.

Everything is built on first use and kept for the life of the function, so that importing
a handler touches nothing and each function makes only the clients that it needs.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.clusters import Cluster, FleetKind, load_clusters
from handlers.domain.config.grants import GRANTS_FILE, Grants, load_grants
from handlers.domain.config.people import People, load_people
from handlers.domain.config.verification_reader import MIN_PERIOD
from handlers.gateways import aws_clients
from handlers.gateways.approval_store import Approvals
from handlers.gateways.audit_store import Audit
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.aws_clients import CONFIG, QUICK, URGENT
from handlers.gateways.cloudwatch import Metrics
from handlers.gateways.container_instances import ContainerInstances
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.ecr import Images
from handlers.gateways.ecs import Ecs
from handlers.gateways.group_store import GroupRecords
from handlers.gateways.load_balancers import LoadBalancers
from handlers.gateways.lock_store import Locks
from handlers.gateways.lost_event_queue import LostEventQueue
from handlers.gateways.parameter_store import Secret
from handlers.gateways.rollout_store import Rollouts
from handlers.gateways.slack_client import IN_A_STEP, WHILE_PEOPLE_WAIT, SlackClient
from handlers.gateways.slack_http import Patience
from handlers.gateways.spot_fleets import Ec2Fleets, SpotFleets
from handlers.gateways.step_functions import Executions
from handlers.gateways.wait_store import Waits
from handlers.services.context import Context, Gateways
from handlers.services.ports import SpotFleet

if TYPE_CHECKING:
    from handlers.gateways.cloudwatch_logs import Logs
    from handlers.gateways.smoke_check import Smoke

_ROOT = Path(__file__).parent.parent
_SLACK_API = "https://slack.com/api/"
_ID_BYTES = 18


@cache
def context() -> Context:
    """Return what the use cases of this function are given."""
    return _context(LiveGateways())


@cache
def quick_context() -> Context:
    """Return the same where somebody waits for the answer: it gives AWS and Slack less time."""
    return _context(QuickGateways())


def _context(gateways: Gateways) -> Context:
    return Context(now=now, new_id=new_id, settings=LiveSettings(), gateways=gateways)


def now() -> datetime:
    """Return the present time; the only clock that handlers have."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(_ID_BYTES)


class LiveSettings:
    """The configuration files, which are packed beside the code, and the environment."""

    @cached_property
    def applications(self) -> Mapping[str, Application]:
        # On the sandbox's faster clock a minute of the world is a second or two.
        seconds = os.environ.get("PERIOD_SECONDS")
        unit = timedelta(seconds=float(seconds)) if seconds else MIN_PERIOD
        return load_applications(self._applications_file, unit)

    @cached_property
    def people(self) -> People:
        return load_people(self._applications_file)

    @cached_property
    def _applications_file(self) -> dict[str, object]:
        return _document("applications.toml")

    @cached_property
    def clusters(self) -> Mapping[str, Cluster]:
        """Read which clusters' instances are looked after; the file may be missing."""
        return load_clusters(_document("clusters.toml"))

    @cached_property
    def grants(self) -> Grants | None:
        """Read what the deployment allows; `make deploy` and the sandbox write the file."""
        return load_grants(_document(GRANTS_FILE))

    @property
    def team(self) -> str:
        return os.environ["SLACK_TEAM"]

    @property
    def channel(self) -> str:
        return os.environ["SLACK_CHANNEL"]


class LiveGateways:
    """AWS and Slack."""

    @cached_property
    def rollouts(self) -> Rollouts:
        return Rollouts(_table("ROLLOUTS_TABLE"))

    @cached_property
    def groups(self) -> GroupRecords:
        return GroupRecords(_table("ROLLOUTS_TABLE"))

    @cached_property
    def approvals(self) -> Approvals:
        return Approvals(_table("APPROVALS_TABLE"))

    @cached_property
    def waits(self) -> Waits:
        return Waits(_table("DEPLOYMENTS_TABLE"))

    @cached_property
    def locks(self) -> Locks:
        return Locks(_table("LOCKS_TABLE", key="application"))

    @cached_property
    def audit(self) -> Audit:
        return Audit(_table("AUDIT_TABLE", key="rollout"))

    @cached_property
    def executions(self) -> Executions:
        return Executions(_client("stepfunctions"), os.environ["STATE_MACHINE_ARN"])

    @cached_property
    def group_executions(self) -> Executions:
        return Executions(_client("stepfunctions"), os.environ["GROUP_MACHINE_ARN"])

    @cached_property
    def ecs(self) -> Ecs:
        return Ecs(_client("ecs"))

    @cached_property
    def load_balancers(self) -> LoadBalancers:
        return LoadBalancers(_client("elbv2"))

    @cached_property
    def cluster_capacity(self) -> ContainerInstances:
        return ContainerInstances(_client("ecs"))

    @cached_property
    def container_instances(self) -> ContainerInstances:
        """Return the container instances; a throttled call is tried again for over a minute."""
        return ContainerInstances(_client("ecs", URGENT))

    @cached_property
    def auto_scaling(self) -> AutoScalingGroups:
        return AutoScalingGroups(_client("autoscaling"))

    def spot_fleets(self, kind: FleetKind) -> SpotFleet:
        if kind is FleetKind.GROUP:
            return self.auto_scaling
        return (
            SpotFleets(_client("ec2"))
            if kind is FleetKind.SPOT_FLEET
            else Ec2Fleets(_client("ec2"))
        )

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics(_client("cloudwatch"))

    @cached_property
    def logs(self) -> "Logs":
        from handlers.gateways.cloudwatch_logs import Logs  # noqa: PLC0415  (not while people wait)

        return Logs(_client("logs"))

    @cached_property
    def smoke_check(self) -> "Smoke":
        from handlers.gateways.smoke_check import Smoke  # noqa: PLC0415  (not while people wait)

        return Smoke()

    @cached_property
    def images(self) -> Images:
        return Images(_client("ecr"))

    @cached_property
    def lost_events(self) -> LostEventQueue:
        return LostEventQueue(_client("sqs"), os.environ["LOST_EVENTS_QUEUE"])

    @cached_property
    def slack(self) -> SlackClient:
        return _slack(IN_A_STEP)

    @cached_property
    def signing_secret(self) -> Secret:
        return Secret(_client("ssm"), os.environ["SLACK_SIGNING_SECRET_PARAMETER"])


class QuickGateways(LiveGateways):
    """AWS and Slack, where somebody waits for the answer."""

    @cached_property
    def ecs(self) -> Ecs:
        return Ecs(_client("ecs", QUICK))

    @cached_property
    def load_balancers(self) -> LoadBalancers:
        return LoadBalancers(_client("elbv2", QUICK))

    @cached_property
    def slack(self) -> SlackClient:
        return _slack(WHILE_PEOPLE_WAIT)


@cache
def _client(service: str, config: Config = CONFIG) -> Any:  # noqa: ANN401  (gateways annotate it)
    return aws_clients.client(service, config)


def _slack(patience: Patience) -> SlackClient:
    url = os.environ.get("SLACK_API_URL") or _SLACK_API
    token = _bot_token()
    return SlackClient(token.value, url, now, patience, lambda: token.value(fresh=True))


@cache
def _bot_token() -> Secret:
    return Secret(_client("ssm"), os.environ["SLACK_BOT_TOKEN_PARAMETER"])


def _table(variable: str, key: str = "id") -> Table:
    return Table(_client("dynamodb"), os.environ[variable], key)


def _document(name: str) -> dict[str, object]:
    packed = _ROOT / name
    path = packed if packed.exists() else _ROOT / "definitions" / name
    return tomllib.loads(path.read_text()) if path.exists() else {}
