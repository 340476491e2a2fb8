"""The template, the package and the sandbox's own parts on a real MiniStack."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from handlers.domain.config.applications import load_applications
from handlers.gateways.lost_event_queue import LostEventQueue
from operations.local_aws import ACCOUNT, REGION
from operations.package import APPLICATIONS, ROOT
from sandbox.host.event_delivery import EventBridge
from sandbox.host.image_registry import seed_images
from sandbox.host.ministack import running_ministack
from sandbox.host.stack import DeployError, StackSettings, deploy
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.wire

HTTP = urllib3.PoolManager(timeout=PATIENCE, retries=False)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

RECORDER = """
import json, os, boto3

def lambda_handler(event, context):
    boto3.client("dynamodb").put_item(
        TableName=os.environ["LOCKS_TABLE"],
        Item={"application": {"S": context.aws_request_id}, "event": {"S": json.dumps(event)},
              "by": {"S": context.function_name}},
    )
    if event.get("color") == "red":
        boto3.client("stepfunctions").send_task_success(
            taskToken=event["token"], output=json.dumps({"outcome": "completed"}))
    return {"statusCode": 200, "body": json.dumps(event)}
"""
"""Stands in for every handler: notes what it was given, and answers red's own token at once."""

ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "TimeoutSeconds": 600,
    "ResultPath": "$.deployment",
}
MACHINE = {
    "StartAt": "Deploy red",
    "States": {
        "Deploy red": {
            **ASK,
            "Parameters": {
                "FunctionName": "${DeployColor}",
                "Payload": {"color": "red", "token.$": "$$.Task.Token"},
            },
            "Next": "Deploy yellow",
        },
        "Deploy yellow": {
            **ASK,
            "Parameters": {
                "FunctionName": "${DeployColor}",
                "Payload": {"color": "yellow", "token.$": "$$.Task.Token"},
            },
            "End": True,
        },
    },
}


def recording_package(path):
    verbs = [
        p.stem for p in (ROOT / "handlers").glob("*.py") if "lambda_handler = " in p.read_text()
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("handlers/__init__.py", "")
        for verb in verbs:
            archive.writestr(f"handlers/{verb}.py", RECORDER)
    return path


def order(folder, **changes):
    definition = folder / "machine.asl.json"
    definition.write_text(json.dumps(MACHINE))
    return StackSettings(
        **{
            "applications": load_applications(tomllib.loads(APPLICATIONS.read_text())),
            "bot_token": "xoxb-made-up",
            "signing_secret": "made-up",
            "slack_api_url": "http://127.0.0.1:9/slack/api/",
            "slack_channel": "C0RELEASES",
            "slack_team": "T0SHINGO",
            "package": recording_package(folder / "lambda.zip"),
            "definition": definition,
            **changes,
        }
    )


@pytest.fixture(scope="module")
def ministack():
    with running_ministack() as running:
        yield running


@pytest.fixture(scope="module")
def stack(ministack, tmp_path_factory):
    return deploy(ministack.endpoint, order(tmp_path_factory.mktemp("stack")))


@pytest.fixture
def noted(ministack, stack):
    """Give a function that waits until a handler has noted some events, and returns them."""
    dynamodb = ministack.client("dynamodb")

    def wait_for(function, matches, most=1, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            items = dynamodb.scan(TableName=stack.tables["Locks"])["Items"]
            found = [
                json.loads(item["event"]["S"])
                for item in items
                if item["by"]["S"] == stack.functions[function]
            ]
            found = [event for event in found if matches(event)]
            if len(found) >= most:
                return found
            time.sleep(0.02)
        return found

    return wait_for


def ecs_event(name, deployment):
    return {
        "version": "0",
        "id": deployment,
        "detail-type": "ECS Deployment State Change",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-11-23T00:00:00Z",
        "region": "ap-northeast-1",
        "resources": ["arn:aws:ecs:ap-northeast-1:123456789012:service/recipes/web-red"],
        "detail": {
            "eventType": "INFO",
            "eventName": name,
            "deploymentId": deployment,
            "updatedAt": "2026-11-23T00:00:00Z",
            "reason": "ECS deployment completed.",
        },
    }


def test_everything_of_the_template_is_there(ministack, stack):
    names = {"Rollouts", "Approvals", "Deployments", "Locks", "Audit"}
    machine = ministack.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.state_machine_arn
    )

    assert set(stack.tables) == names
    assert len(stack.functions) == 22
    assert machine["name"] == "shingo-rollout"
    assert stack.functions["DeployColor"] in machine["definition"]
    assert "${" not in machine["definition"]


def test_functions_find_their_settings(ministack, stack):
    settings = ministack.client("lambda").get_function_configuration(
        FunctionName=stack.functions["ReceiveSlack"]
    )

    variables = settings["Environment"]["Variables"]
    assert variables["STATE_MACHINE_ARN"] == stack.state_machine_arn
    assert variables["APPROVALS_TABLE"] == stack.tables["Approvals"]
    assert variables["SLACK_API_URL"] == "http://127.0.0.1:9/slack/api/"
    assert settings["Handler"] == "handlers.receive_slack.lambda_handler"


def test_secrets_are_kept_as_secure_strings(ministack, stack):
    ssm = ministack.client("ssm")

    parameter = ssm.get_parameter(Name="/shingo/slack-bot-token", WithDecryption=True)["Parameter"]

    assert (parameter["Type"], parameter["Value"]) == ("SecureString", "xoxb-made-up")


@pytest.mark.parametrize("route", ["commands", "interactions"])
def test_a_form_that_is_posted_reaches_the_receiver_in_base64(stack, route):
    answer = HTTP.request(
        "POST",
        getattr(stack, f"{route}_url"),
        body=b"command=%2Frollout",
        headers={**FORM, "X-Slack-Signature": "v0=made-up"},
    )

    event = answer.json()
    assert event["version"] == "2.0"
    assert event["rawPath"] == f"/slack/{route}"
    assert event["isBase64Encoded"] is True
    assert event["body"] == "Y29tbWFuZD0lMkZyb2xsb3V0"
    assert event["headers"]["x-slack-signature"] == "v0=made-up"


def test_nothing_else_is_routed(stack):
    get = HTTP.request("GET", stack.commands_url)
    elsewhere = HTTP.request("POST", f"{stack.api_url}/slack/other", body=b"a=b", headers=FORM)

    assert (get.status, elsewhere.status) == (404, 404)


def signed(method, url, body=b"", *, key=ACCOUNT):
    """Sign a request as `curl --aws-sigv4` and the SDKs do; the account's own key is its root."""
    request = AWSRequest(method, url, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(key, "made-up"), "execute-api", REGION).add_auth(request)
    return HTTP.request(method, url, body=body, headers=dict(request.headers))


@pytest.mark.parametrize(
    ("method", "path", "approval"),
    [
        ("GET", "", None),
        ("POST", "/question-1_x/approve", "question-1_x"),
        ("POST", "/question-1_x/reject", "question-1_x"),
    ],
)
def test_an_answer_without_slack_is_signed_and_says_who_signed(stack, method, path, approval):
    url = f"{stack.api_url}/approvals{path}"

    unsigned = HTTP.request(method, url, body=b"{}")
    event = signed(method, url, b'{"reason": "502s"}').json()

    assert unsigned.status == 403
    iam = event["requestContext"]["authorizer"]["iam"]
    assert (iam["userArn"], iam["accountId"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
    assert event["requestContext"]["http"]["method"] == method
    assert (event["pathParameters"] or {}).get("id") == approval
    assert (event["isBase64Encoded"], event["body"]) == (False, '{"reason": "502s"}')


def test_a_question_is_not_answered_by_a_get(stack):
    answers = [signed("GET", f"{stack.api_url}/approvals/x/{what}") for what in ("approve", "x")]

    assert [answer.status for answer in answers] == [404, 404]


def test_a_deployment_that_ended_reaches_the_follower_by_the_templates_rule(stack, noted):
    EventBridge(stack.endpoint).deliver(ecs_event("SERVICE_DEPLOYMENT_COMPLETED", "ecs-svc/1"))

    (event,) = noted("FollowDeployment", lambda e: e["detail"]["deploymentId"] == "ecs-svc/1")
    assert event == ecs_event("SERVICE_DEPLOYMENT_COMPLETED", "ecs-svc/1")


def test_progress_reaches_the_follower_too_and_fate_may_lose_or_double_an_event(stack, noted):
    fates = {"ecs-svc/lost": (), "ecs-svc/double": (0, 0), "ecs-svc/late": (0.2,)}
    bus = EventBridge(stack.endpoint, lambda e: fates.get(e["detail"]["deploymentId"], (0,)))

    bus.deliver(ecs_event("SERVICE_DEPLOYMENT_IN_PROGRESS", "ecs-svc/progress"))
    for deployment in fates:
        bus.deliver(ecs_event("SERVICE_DEPLOYMENT_FAILED", deployment))

    others = {*fates, "ecs-svc/progress"}
    arrived = noted("FollowDeployment", lambda e: e["detail"]["deploymentId"] in others, most=4)
    assert sorted(event["detail"]["deploymentId"] for event in arrived) == [
        "ecs-svc/double",
        "ecs-svc/double",
        "ecs-svc/late",
        "ecs-svc/progress",
    ]


def lost_events(ministack, stack):
    """Return the queue of lost events as its function finds it."""
    function = stack.functions["SweepRollouts"]
    described = ministack.client("lambda").get_function_configuration(FunctionName=function)
    url = described["Environment"]["Variables"]["LOST_EVENTS_QUEUE"]
    return LostEventQueue(ministack.client("sqs"), url)


def test_what_cannot_be_delivered_is_kept_in_the_queue_of_lost_events(ministack, stack):
    bus, queue = EventBridge(stack.endpoint), lost_events(ministack, stack)
    missing = [
        replace(
            rule, targets=tuple(replace(t, function=f"{t.function}-gone") for t in rule.targets)
        )
        for rule in bus.rules
    ]
    bus.rules = tuple(missing)

    bus.deliver(ecs_event("SERVICE_DEPLOYMENT_FAILED", "ecs-svc/undelivered"))

    (lost,) = queue.take()
    assert lost.event == ecs_event("SERVICE_DEPLOYMENT_FAILED", "ecs-svc/undelivered")
    assert lost.why.startswith("ResourceNotFoundException: ")
    queue.delete(lost)


def test_a_handler_may_answer_its_own_token_and_a_stopped_execution_is_followed(
    ministack, stack, noted
):
    states = ministack.client("stepfunctions")
    execution = states.start_execution(
        stateMachineArn=stack.state_machine_arn, name="stopped", input="{}"
    )["executionArn"]
    assert noted("DeployColor", lambda e: e["color"] == "yellow")

    states.stop_execution(executionArn=execution, error="Stopped", cause="by an operator")

    (event,) = noted("FollowExecution", lambda e: e["detail"]["name"] == "stopped")
    assert event["detail"]["status"] == "ABORTED"
    assert event["detail"]["stateMachineArn"] == stack.state_machine_arn


def test_every_seeded_tag_has_a_digest_of_its_own(ministack):
    digests = seed_images(ministack.endpoint, {"web": ["v1", "v2"], "api": ["v1"]})

    image = ministack.client("ecr").describe_images(
        repositoryName="web", imageIds=[{"imageTag": "v2"}]
    )["imageDetails"][0]
    assert image["imageDigest"] == digests["web"]["v2"]
    assert len({digests["web"]["v1"], digests["web"]["v2"], digests["api"]["v1"]}) == 3


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("Type: AWS::Logs::LogGroup", "Type: AWS::Logs::NoSuchThing", "NoSuchThing"),
        (
            "\nResources:\n",
            "\nResources:\n  Bad: {Type: AWS::CloudWatch::Dashboard, Properties: {DashboardName: b}}\n",
            "Bad: DashboardBody is required",
        ),
    ],
)
def test_a_stack_that_cannot_be_created_says_what_and_why(tmp_path, right, wrong, expected):
    broken = tmp_path / "template.yaml"
    text = (ROOT / "definitions" / "template.yaml").read_text()
    broken.write_text(text.replace(right, wrong))

    with running_ministack() as ministack, pytest.raises(DeployError) as error:
        deploy(ministack.endpoint, order(tmp_path, template=broken))

    assert expected in str(error.value)


PARENT = """
import signal
import sys
# Whoever runs the tests in the background has them ignore it, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from sandbox.host.ministack import running_ministack

with running_ministack() as ministack:
    print(ministack.pid, ministack.endpoint, ministack.log.parent, flush=True)
    sys.stdin.read()
"""


def processes_of(group):
    """List the ids of the live processes of a group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(folder.name))
    return found


def listeners_of(group):
    """List where the processes of a group listen, as /proc/net/tcp writes it (proc(5))."""
    sockets = set()
    for process in processes_of(group):
        for each in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):
                sockets.add(str(each.readlink()))
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    listening = "0A"
    return [row[1] for row in rows if row[3] == listening and f"socket:[{row[9]}]" in sockets]


needs_proc = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's /proc")


@needs_proc
def test_ministack_listens_on_one_loopback_port_and_nowhere_else(ministack, stack):
    port = int(ministack.endpoint.rsplit(":", 1)[1])

    assert listeners_of(ministack.pid) == [f"0100007F:{port:04X}"]


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_nothing_outlives_its_parent(tmp_path, number):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as parent:
        group, endpoint, folder = parent.stdout.readline().split()
        stack = deploy(endpoint, order(tmp_path))
        HTTP.request("POST", stack.commands_url, body=b"a=b", headers=FORM)
        assert len(processes_of(int(group))) >= 2  # the server and a Lambda worker

        parent.send_signal(number)
        parent.wait(PATIENCE)

    end = time.monotonic() + PATIENCE
    while processes_of(int(group)) and time.monotonic() < end:
        time.sleep(0.02)
    assert processes_of(int(group)) == []
    assert not Path(folder).exists()
