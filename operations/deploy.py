"""Deploys Shingo to an AWS account: `make deploy`.

It first checks that everything exists to which the stack refers, and names all that is missing.
Then it uploads the package, makes a change set, shows it, and executes it after a confirmation.
Region and credentials are those that the AWS CLI would use.
"""

import hashlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.clusters import Cluster, load_clusters
from handlers.domain.config.grants import GRANTS_FILE, grants_as_toml
from handlers.domain.config.toml_reader import ConfigurationError
from operations.account import (
    Account,
    AccountNotReadyError,
    identify_account,
    inspect_account,
    inspect_clusters,
)
from operations.artifacts import (
    DEFINITION,
    GROUP_DEFINITION,
    TEMPLATE,
    arn_parameters,
    cluster_parameters,
    definition_in,
    packaged,
)
from operations.cloudformation import DELETABLE, DeployError, Stack, stack_problems
from operations.deploy_options import REQUIRED, DeployOptions, read_options
from operations.open_rollouts import open_rollout_problems
from operations.package import ROOT, PackageError, build_package
from operations.slack_api import SlackApi
from operations.slack_app import MANIFEST, inspect_slack, slack_use
from operations.slack_secrets import BOT_TOKEN, secret_names
from operations.stack_limits import StackPlan, limit_problems

__all__ = ["MANIFEST", "REQUIRED", "main"]
Ask = Callable[[str], str]


def main(
    environment: Mapping[str, str] = os.environ, ask: Ask = input, poll_seconds: float = 2.0
) -> int:
    """Deploy; return the process's exit status.

    Args:
        environment: the make variables.
        ask: asks a person a question.
        poll_seconds: between two polls of the stack.
    """
    console = Console(highlight=False, soft_wrap=True)
    try:
        # boto3 reads AWS_DEFAULT_REGION alone; the AWS CLI reads AWS_REGION before it.
        region = environment.get("REGION") or environment.get("AWS_REGION")
        session = Session(region_name=region or None)
        return _deploy(read_options(environment), session, ask, poll_seconds, console)
    except (AccountNotReadyError, ConfigurationError, DeployError, PackageError) as error:
        console.print(f"[red]Not deployed:[/]\n{escape(str(error))}")
    except (BotoCoreError, ClientError) as error:
        console.print(f"[red]AWS refused:[/] {escape(str(error))}")
    return 1


def _deploy(
    wanted: DeployOptions, session: Session, ask: Ask, poll_seconds: float, console: Console
) -> int:
    applications = load_applications(tomllib.loads(wanted.applications.read_text()))
    clusters = load_clusters(tomllib.loads(wanted.clusters.read_text()))
    account = identify_account(session)
    stack = Stack(session.client("cloudformation"), wanted.stack, poll_seconds)
    _inspect(session, wanted, account, applications, clusters)
    parameters = _parameters(wanted, account, applications, clusters)
    account.problems += [*stack_problems(stack), *_limit_problems(wanted, account, parameters)]
    for note in account.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    if account.problems:
        raise AccountNotReadyError("\n".join(account.problems))
    console.print(_intent(wanted, account, applications, clusters))
    is_left_over = stack.status() in DELETABLE
    if is_left_over and not _clear(stack, wanted, ask, console):
        return _refused(console, "nothing was changed")
    with console.status("building and uploading the package ..."):
        url = _upload(session, wanted, account)
    with console.status("asking CloudFormation what would change ..."):
        plan = stack.plan(url, parameters)
    if not plan:
        console.print(f"Stack {wanted.stack} is as it should be already.")
        return _print_outputs(stack, console)
    console.print(_print_changes(stack, plan))
    if not (wanted.sure or _is_confirmed(ask, "Deploy this?")):
        stack.forget(plan)
        kept = "nothing more was changed" if is_left_over else "nothing was changed"
        return _refused(console, kept)
    with console.status("deploying ...") as status:
        stack.execute(plan, lambda doing: status.update(f"{doing} ..."))
    return _print_outputs(stack, console)


def _limit_problems(
    wanted: DeployOptions, account: Account, parameters: Mapping[str, str]
) -> list[str]:
    """Say what would be too long for AWS, and what is expected of it."""
    template = packaged(TEMPLATE, code="s3://", definitions={}, roles=account.roles)
    plan = StackPlan(
        template=template, parameters=parameters, target=account.target, stack=wanted.stack
    )
    return limit_problems(plan)


def _inspect(
    session: Session,
    wanted: DeployOptions,
    account: Account,
    applications: Mapping[str, Application],
    clusters: Mapping[str, Cluster],
) -> None:
    """Try everything that the deployment will rely on; note what is wrong."""
    names = secret_names(wanted.stack)
    inspect_account(session, account, applications, wanted.bucket, names.values())
    inspect_clusters(session, account, clusters)
    account.problems += open_rollout_problems(
        session.client("cloudformation"), session.client("dynamodb"), wanted.stack, applications
    )
    token_name = names[BOT_TOKEN]
    if token := account.secrets.get(token_name):
        use = slack_use(wanted.team, wanted.channel, token_name, applications.values())
        inspect_slack(SlackApi(wanted.slack_api, token), use, account)


def _clear(stack: Stack, wanted: DeployOptions, ask: Ask, console: Console) -> bool:
    """Delete what is left of a stack that cannot be changed; return whether people agreed."""
    status = stack.status()
    why = f"Stack {stack.name} is {status}: {DELETABLE[status]}."
    console.print(f"{why} It can only be deleted and made anew.")
    if not (wanted.sure or _is_confirmed(ask, f"Delete what is left of stack {stack.name}?")):
        return False
    with console.status(f"deleting stack {stack.name} ..."):
        stack.delete()
    console.print(f"What was left of stack {stack.name} is deleted.")
    return True


def _refused(console: Console, kept: str) -> int:
    console.print(f"Not deployed, and {kept}. (YES=1 says yes beforehand.)")
    return 1


def _intent(
    wanted: DeployOptions,
    account: Account,
    applications: Mapping[str, Application],
    clusters: Mapping[str, Cluster],
) -> str:
    return _aligned(
        {
            "stack": f"{wanted.stack} in {account.target.region}",
            "account": f"{account.target.account}, as {account.caller}",
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
    wanted: DeployOptions,
    account: Account,
    applications: Mapping[str, Application],
    clusters: Mapping[str, Cluster],
) -> dict[str, str]:
    return {
        "SlackChannel": wanted.channel,
        "SlackTeam": wanted.team,
        "SlackApiUrl": wanted.slack_api,
        **secret_names(wanted.stack),
        **arn_parameters(applications.values(), account.target, account.roles, account.log_groups),
        **cluster_parameters(clusters.values(), account.target),
    }


def _upload(session: Session, wanted: DeployOptions, account: Account) -> str:
    """Upload the package, the definition and the template; return the template's URL.

    Each is named by its content: what is new has a new name, which is how CloudFormation sees
    a change, and what an earlier deployment used stays for going back to it.
    """
    s3 = session.client("s3")

    def put(content: bytes, ending: str) -> str:
        key = f"{wanted.stack}/{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
        s3.put_object(Bucket=wanted.bucket, Key=key, Body=content)
        return key

    allowed = ROOT / "build" / GRANTS_FILE
    allowed.parent.mkdir(exist_ok=True)
    allowed.write_text(grants_as_toml(account.grants))
    package = build_package(
        wanted.applications, clusters=wanted.clusters, grants=allowed
    ).read_bytes()
    code = f"s3://{wanted.bucket}/{put(package, 'zip')}"
    definitions = {
        path.name: f"s3://{wanted.bucket}/{put(definition, 'asl.json')}"
        for path in (DEFINITION, GROUP_DEFINITION)
        for definition in (definition_in(account.target.partition, path),)
    }
    template = packaged(TEMPLATE, code=code, definitions=definitions, roles=account.roles)
    key = put(json.dumps(template).encode(), "template.json")
    return f"{s3.meta.endpoint_url}/{wanted.bucket}/{key}"


def _print_changes(stack: Stack, plan: str) -> Table:
    table = Table("", "resource", "type", box=None, pad_edge=False)
    for change in stack.changes(plan):
        action = f"{change.action} [red]and replace[/]" if change.replaced else change.action
        table.add_row(action, change.name, change.kind)
    return table


def _is_confirmed(ask: Ask, question: str) -> bool:
    try:
        return ask(f"{question} Type yes: ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _print_outputs(stack: Stack, console: Console) -> int:
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
