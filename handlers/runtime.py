"""The composition root, and the only reader of the environment.

Everything is built on first use and kept for the life of the function, so that importing
a handler touches nothing and each function makes only the clients that it needs.
"""

import os
import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from handlers.domain.applications import Application, load_applications
from handlers.gateways import slack_reply
from handlers.gateways.approvals import Approvals
from handlers.gateways.aws import client
from handlers.gateways.ecs import Ecs
from handlers.gateways.executions import Executions
from handlers.gateways.images import Images
from handlers.gateways.load_balancer import LoadBalancers
from handlers.gateways.locks import Locks
from handlers.gateways.rollouts import Rollouts
from handlers.gateways.secrets import Secret
from handlers.gateways.table import Table
from handlers.gateways.waits import Waits
from handlers.observe import logger
from handlers.telling import Teller

_ROOT = Path(__file__).parent.parent
_SLACK_API = "https://slack.com/api/"

whisper = slack_reply.whisper


def now() -> datetime:
    """Return the present time; the only clock that handlers have."""
    return datetime.now(UTC)


def team() -> str:
    """Return the id of the Slack workspace whose people may speak to us."""
    return os.environ["SLACK_TEAM"]


@cache
def applications() -> dict[str, Application]:
    """Read the configuration, which is packed beside the code."""
    packed = _ROOT / "applications.toml"
    path = packed if packed.exists() else _ROOT / "definitions" / "applications.toml"
    return load_applications(tomllib.loads(path.read_text()))


@cache
def rollouts() -> Rollouts:
    """Return the table of rollouts."""
    return Rollouts(_table("ROLLOUTS_TABLE"))


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
def ecs() -> Ecs:
    """Return ECS."""
    return Ecs(client("ecs"))


@cache
def balancers() -> LoadBalancers:
    """Return the load balancers."""
    return LoadBalancers(client("elbv2"))


@cache
def images() -> Images:
    """Return the image registry."""
    return Images(client("ecr"))


@cache
def executions() -> Executions:
    """Return the state machine's executions."""
    return Executions(client("stepfunctions"), os.environ["STATE_MACHINE_ARN"])


@cache
def signing_secret() -> Secret:
    """Return the secret that Slack signs with."""
    return Secret(client("ssm"), os.environ["SLACK_SIGNING_SECRET_PARAMETER"])


@cache
def teller() -> Teller:
    """Return what tells people."""
    from handlers.gateways.slack import Slack  # noqa: PLC0415  (not on the acknowledgement path)

    token = Secret(client("ssm"), os.environ["SLACK_BOT_TOKEN_PARAMETER"])
    slack = Slack(token.value, os.environ.get("SLACK_API_URL") or _SLACK_API)
    return Teller(slack, rollouts(), _channel, lambda why: logger().warning("slack: %s", why))


def _channel(application: str) -> str:
    known = applications().get(application)
    return (known.channel if known else "") or os.environ["SLACK_CHANNEL"]


@cache
def _dynamodb() -> object:
    return client("dynamodb")


def _table(variable: str, key: str = "id") -> Table:
    return Table(_dynamodb(), os.environ[variable], key)  # type: ignore[arg-type]
