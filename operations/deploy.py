"""Puts Shingo into one's own AWS account: `make deploy` (see the README).

Looks first whether everything is there that the stack refers to, and says all that is missing.
Then it uploads the package, makes a change set, shows it, and carries it out after a yes.
Region and credentials are those that the AWS CLI would use.
"""

import hashlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handlers.domain.config.applications import Application, ConfigurationError, load_applications
from handlers.domain.config.clusters import Cluster, load_clusters
from operations.account import Account, NotReady, inspect, inspect_clusters, who_am_i
from operations.artifacts import (
    DEFINITION,
    GROUP_DEFINITION,
    TEMPLATE,
    arn_parameters,
    cluster_parameters,
    packaged,
)
from operations.cloudformation import DeployError, Stack
from operations.package import APPLICATIONS, CLUSTERS, ROOT, PackageError, build_package
from sandbox.host.stack import STACK

REQUIRED: Final = {
    "BUCKET": "an S3 bucket of yours for the package, in the region of the deployment",
    "SLACK_CHANNEL": "the Slack channel of the boards, by id, such as C024BE91L",
    "SLACK_TEAM": "the Slack workspace, by id, such as T024BE7LD",
}
"""Variable → what is expected of it."""
MANIFEST: Final = ROOT / "definitions" / "slack-manifest.yaml"
_SECRETS: Final = ("SlackBotTokenParameter", "SlackSigningSecretParameter")
_EXAMPLE: Final = "make deploy BUCKET=my-artifacts SLACK_CHANNEL=C024BE91L SLACK_TEAM=T024BE7LD"

Ask = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to deploy, as the variables say."""

    bucket: str
    channel: str
    team: str
    stack: str
    applications: Path
    clusters: Path
    sure: bool


def main(environment: Mapping[str, str] = os.environ, ask: Ask = input, look: float = 2.0) -> int:
    """Deploy; return the process's exit status.

    Args:
        environment: the make variables.
        ask: asks a person a question.
        look: seconds between two looks at how far AWS is.
    """
    console = Console(highlight=False, soft_wrap=True)
    try:
        # boto3 reads AWS_DEFAULT_REGION alone; the AWS CLI reads AWS_REGION before it.
        session = Session(region_name=environment.get("AWS_REGION") or None)
        return _deploy(read(environment), session, ask, look, console)
    except (NotReady, ConfigurationError, DeployError, PackageError) as error:
        console.print(f"[red]Not deployed:[/]\n{escape(str(error))}")
    except (BotoCoreError, ClientError) as error:
        console.print(f"[red]AWS refused:[/] {escape(str(error))}")
    return 1


def read(environment: Mapping[str, str]) -> Wanted:
    """Read the variables.

    Raises:
        NotReady: naming each that is missing, and what is expected of it.
    """
    wants = {name: what for name, what in REQUIRED.items() if not environment.get(name)}
    problems = [f"{name}: is not set, expected {what}" for name, what in wants.items()]
    files = {
        name: Path(environment.get(name) or usual)
        for name, usual in {"APPLICATIONS": APPLICATIONS, "CLUSTERS": CLUSTERS}.items()
    }
    problems += [
        f"{name}: there is no file {path}" for name, path in files.items() if not path.is_file()
    ]
    if problems:
        raise NotReady("\n".join([*problems, f"For example: {_EXAMPLE}"]))
    return Wanted(
        bucket=environment["BUCKET"],
        channel=environment["SLACK_CHANNEL"],
        team=environment["SLACK_TEAM"],
        stack=environment.get("STACK") or STACK,
        applications=files["APPLICATIONS"],
        clusters=files["CLUSTERS"],
        sure=environment.get("YES") == "1",
    )


def _deploy(wanted: Wanted, session: Session, ask: Ask, look: float, console: Console) -> int:
    applications = load_applications(tomllib.loads(wanted.applications.read_text()))
    clusters = load_clusters(tomllib.loads(wanted.clusters.read_text()))
    account = who_am_i(session)
    parameters = packaged(TEMPLATE, code="", definitions={})["Parameters"]
    secrets = [parameters[name]["Default"] for name in _SECRETS]
    inspect(session, account, applications, wanted.bucket, secrets)
    inspect_clusters(session, account, clusters)
    if account.problems:
        raise NotReady("\n".join(account.problems))
    console.print(_intent(wanted, account, applications, clusters))
    stack = Stack(session.client("cloudformation"), wanted.stack, look)
    with console.status("building and uploading the package ..."):
        url = _uploaded(session, wanted)
    with console.status("asking CloudFormation what would change ..."):
        plan = stack.plan(url, _parameters(wanted, account, applications, clusters))
    if not plan:
        console.print(f"Stack {wanted.stack} is as it should be already.")
        return _finished(stack, console)
    console.print(_changes(stack, plan))
    if not (wanted.sure or _said_yes(ask)):
        stack.forget(plan)
        console.print("Not deployed, and nothing was changed. (YES=1 says yes beforehand.)")
        return 1
    with console.status("deploying ...") as status:
        stack.carry_out(plan, lambda doing: status.update(f"{doing} ..."))
    return _finished(stack, console)


def _intent(
    wanted: Wanted,
    account: Account,
    applications: Mapping[str, Application],
    clusters: Mapping[str, Cluster],
) -> str:
    return _aligned(
        {
            "stack": f"{wanted.stack} in {account.place.region}",
            "account": f"{account.place.account}, as {account.caller}",
            "package": f"by way of bucket {wanted.bucket}",
            "Slack": f"workspace {wanted.team}, channel {wanted.channel}",
            "applications": f"{', '.join(applications)}, from {wanted.applications.name}",
            "clusters": f"{', '.join(clusters) or 'none'}, from {wanted.clusters.name}",
            "task roles": ", ".join(account.roles) or "none",
        }
    )


def _aligned(said: Mapping[str, str]) -> str:
    width = max(map(len, said)) + 2
    return "\n".join(f"{name:{width}}{escape(value)}" for name, value in said.items())


def _parameters(
    wanted: Wanted,
    account: Account,
    applications: Mapping[str, Application],
    clusters: Mapping[str, Cluster],
) -> dict[str, str]:
    return {
        "SlackChannel": wanted.channel,
        "SlackTeam": wanted.team,
        **arn_parameters(applications.values(), account.place, account.roles, account.log_groups),
        **cluster_parameters(clusters.values(), account.place),
    }


def _uploaded(session: Session, wanted: Wanted) -> str:
    """Upload the package, the definition and the template; return the template's URL.

    Each is named by its content: what is new has a new name, which is how CloudFormation sees
    a change, and what an earlier deployment used stays for going back to it.
    """
    s3 = session.client("s3")

    def put(content: bytes, ending: str) -> str:
        key = f"{wanted.stack}/{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
        s3.put_object(Bucket=wanted.bucket, Key=key, Body=content)
        return key

    package = build_package(wanted.applications, clusters=wanted.clusters).read_bytes()
    code = f"s3://{wanted.bucket}/{put(package, 'zip')}"
    definitions = {
        path.name: f"s3://{wanted.bucket}/{put(path.read_bytes(), 'asl.json')}"
        for path in (DEFINITION, GROUP_DEFINITION)
    }
    template = packaged(TEMPLATE, code=code, definitions=definitions)
    key = put(json.dumps(template).encode(), "template.json")
    return f"{s3.meta.endpoint_url}/{wanted.bucket}/{key}"


def _changes(stack: Stack, plan: str) -> Table:
    table = Table("", "resource", "type", box=None, pad_edge=False)
    for change in stack.changes(plan):
        action = f"{change.action} [red]and replace[/]" if change.replaced else change.action
        table.add_row(action, change.name, change.kind)
    return table


def _said_yes(ask: Ask) -> bool:
    try:
        return ask("Deploy this? Type yes: ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _finished(stack: Stack, console: Console) -> int:
    """Show the stack's outputs, and write the Slack app's manifest with them."""
    text = MANIFEST.read_text()
    outputs = stack.outputs()
    for name, value in outputs.items():
        text = re.sub(rf"https://REPLACE-WITH-OUTPUT-{name}\S*", value, text)
    mine = ROOT / "build" / MANIFEST.name
    mine.write_text(text)
    console.print(_aligned(outputs))
    console.print(f"The Slack app's manifest with these addresses: {mine.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
