"""Deploy to your own account: `make deploy SLACK_CHANNEL=C… SLACK_TEAM=T… BUCKET=…`.

Says what would change and asks before it changes anything (`YES=1` answers for you). Uses the
credentials and region that the AWS CLI would.
"""

import json
import os
import sys
import time
import tomllib
from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from handlers.domain.applications import Application, load_applications
from sandbox.package import APPLICATIONS, build_package
from sandbox.stack import DEFINITION, TEMPLATE, configured_arns, listed, packaged

NEEDED: Final = {
    "SLACK_CHANNEL": "the channel of the boards, by id, such as C024BE91L",
    "SLACK_TEAM": "the Slack workspace, by id, such as T024BE7LD",
    "BUCKET": "an S3 bucket of yours for the package",
}
STACK: Final = "shingo"
_NOTHING_NEW: Final = ("didn't contain changes", "No updates are to be performed")
PATIENCE: Final = 900
"""Seconds that CloudFormation is waited for."""


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Deploy; return the process's exit status."""
    missing = [f"  {name}: {what}" for name, what in NEEDED.items() if not environment.get(name)]
    if missing:
        print("Say these first, as in `make deploy SLACK_CHANNEL=C024BE91L …`:", *missing, sep="\n")
        return 2
    try:
        return _deploy(environment)
    except (BotoCoreError, ClientError) as error:
        print(f"AWS said no: {error}")
        return 1


def _deploy(environment: Mapping[str, str]) -> int:
    stack = environment.get("STACK") or STACK
    session = boto3.session.Session()
    account = session.client("sts").get_caller_identity()["Account"]
    applications = load_applications(tomllib.loads(APPLICATIONS.read_text()))
    parameters = {
        "SlackChannel": environment["SLACK_CHANNEL"],
        "SlackTeam": environment["SLACK_TEAM"],
        **configured_arns(applications, str(session.region_name), account),
        "TaskRoleArns": listed(_task_roles(session.client("ecs"), applications)),
    }
    s3 = session.client("s3")
    template = packaged(
        s3, environment["BUCKET"], TEMPLATE, build_package(), DEFINITION.read_bytes()
    )
    cloudformation = session.client("cloudformation")
    change = _change_set(cloudformation, stack, template, parameters)
    if change is None:
        print(f"Stack {stack} is up to date.")
        return 0
    print(f"Stack {stack} in account {account}, {session.region_name}:")
    for each in change["Changes"]:
        what = each["ResourceChange"]
        print(f"  {what['Action']:8} {what['LogicalResourceId']} ({what['ResourceType']})")
    if environment.get("YES") != "1" and input("Do it? [y/N] ").strip().lower() != "y":
        cloudformation.delete_change_set(ChangeSetName=change["ChangeSetId"])
        print("Nothing was changed.")
        return 1
    cloudformation.execute_change_set(ChangeSetName=change["ChangeSetId"])
    return _outcome(cloudformation, stack)


def _task_roles(ecs: Any, applications: Mapping[str, Application]) -> list[str]:  # noqa: ANN401
    """Find the roles that the configured services' task definitions name now."""
    roles = []
    for application in applications.values():
        names = list(application.services.values())
        answer = ecs.describe_services(cluster=application.cluster, services=names)
        for arn in dict.fromkeys(each["taskDefinition"] for each in answer["services"]):
            found = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
            roles += [found[key] for key in ("taskRoleArn", "executionRoleArn") if key in found]
    return roles


def _change_set(
    cloudformation: Any,  # noqa: ANN401 - a boto3 client
    stack: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
) -> Any:  # noqa: ANN401 - what CloudFormation says
    created = cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=f"shingo-{int(time.time())}",
        ChangeSetType="UPDATE" if _exists(cloudformation, stack) else "CREATE",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        change = cloudformation.describe_change_set(ChangeSetName=created["Id"])
        if change["Status"] == "CREATE_COMPLETE":
            return change
        if change["Status"] == "FAILED":
            if any(said in change.get("StatusReason", "") for said in _NOTHING_NEW):
                return None
            raise SystemExit(f"The change set failed: {change.get('StatusReason')}")
        time.sleep(1)
    raise SystemExit("CloudFormation did not make the change set in time.")


def _exists(cloudformation: Any, stack: str) -> bool:  # noqa: ANN401 - a boto3 client
    try:
        described = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError:
        return False
    return bool(described) and described[0]["StackStatus"] != "REVIEW_IN_PROGRESS"


def _outcome(cloudformation: Any, stack: str) -> int:  # noqa: ANN401 - a boto3 client
    until, status = time.monotonic() + PATIENCE, ""
    while time.monotonic() < until:
        described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if described["StackStatus"] != status:
            status = described["StackStatus"]
            print(f"  {status}", flush=True)
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            for output in described.get("Outputs", ()):
                print(f"{output['OutputKey']}: {output['OutputValue']}")
            return 0
        if not status.endswith(("_IN_PROGRESS", "_CLEANUP_IN_PROGRESS")):
            return 1
        time.sleep(1)
    return 1


if __name__ == "__main__":
    sys.exit(main())
