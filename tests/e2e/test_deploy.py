"""`make deploy`, on a MiniStack that stands in for one's own account."""

import json
import time
import tomllib
import zipfile
from io import BytesIO

import boto3
import pytest

from handlers.domain.config.grants import GRANTS_FILE
from operations import audit_export, capacity_report
from operations.deploy import MANIFEST, main
from operations.local_aws import ACCOUNT, REGION
from operations.package import ROOT
from sandbox.host.ministack import running_ministack
from sandbox.host.running_sandbox import CLUSTERS
from sandbox.wire.slack.slack_directory import SCOPES, Channel, Directory
from sandbox.world.example_fleets import SPOT
from tests.support.patience import PATIENCE
from tests.support.playing import patient_sandbox

pytestmark = pytest.mark.wire

VARIABLES = {"BUCKET": "mine", "SLACK_CHANNEL": "C0DEPLOYS", "SLACK_TEAM": "T0SHINGO"}
VARIABLES |= {"AWS_REGION": REGION, "STACK": "mine"}
LOOK = 0.02
STACKS = ("mine", "clustered", "refused", "wrong", "broken", "second")


@pytest.fixture(autouse=True)
def credentials(monkeypatch, tmp_path):
    """See nothing of the AWS settings of whoever runs the tests."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")


@pytest.fixture(scope="module")
def sandbox():
    with patient_sandbox() as running:
        where = {"LocationConstraint": REGION}
        running.client("s3").create_bucket(Bucket="mine", CreateBucketConfiguration=where)
        yield running


@pytest.fixture
def account(sandbox, monkeypatch):
    """An account with the example's services, its images, its stacks' secrets and a bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.stack.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", sandbox.ecs_endpoint)
    monkeypatch.setitem(VARIABLES, "SLACK_API_URL", f"{sandbox.address}/slack/api/")
    for stack in STACKS:
        put_secret(sandbox, f"/{stack}/slack-bot-token", sandbox.workspace.bot_token)
        put_secret(sandbox, f"/{stack}/slack-signing-secret", sandbox.workspace.signing_secret)
    yield sandbox
    sandbox.workspace.scopes = SCOPES
    sandbox.workspace.directory = Directory()


def put_secret(sandbox, name, value, **options):
    given = {"Type": "SecureString", **options}
    sandbox.client("ssm").put_parameter(Name=name, Value=value, Overwrite=True, **given)


def deploy(capsys, *, answer="no", **changes):
    """Run it; return its exit status, what it said, and what it asked."""
    asked = []

    def ask(question):
        asked.append(question)
        return answer

    status = main({**VARIABLES, **changes}, ask, LOOK)
    return status, capsys.readouterr().out, asked


def stack_of(sandbox, name="mine"):
    stacks = sandbox.client("cloudformation").describe_stacks()["Stacks"]
    return next((one for one in stacks if one["StackName"] == name), None)


def packed_grants(sandbox):
    """Read what the functions are told that they may do, from the package that was uploaded."""
    s3 = sandbox.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="mine", Prefix="mine/")["Contents"]]
    (package,) = (key for key in keys if key.endswith(".zip"))
    with zipfile.ZipFile(
        BytesIO(s3.get_object(Bucket="mine", Key=package)["Body"].read())
    ) as zipped:
        return tomllib.loads(zipped.read(GRANTS_FILE).decode())


def test_each_variable_that_is_missing_is_named_with_what_is_expected(capsys, tmp_path):
    given = {"BUCKET": "", "SLACK_TEAM": "", "APPLICATIONS": str(tmp_path / "none.toml")}
    given["CLUSTERS"] = str(tmp_path / "nothing.toml")

    status, said, asked = deploy(capsys, **given)

    assert (status, asked) == (1, [])
    for name in (
        "BUCKET: is",
        "SLACK_TEAM: is",
        "APPLICATIONS: there is no",
        "CLUSTERS: there is no",
    ):
        assert name in said
    assert "SLACK_CHANNEL: is" not in said


def test_without_a_region_it_says_so(capsys):
    status, said, _ = deploy(capsys, AWS_REGION="")

    assert status == 1
    assert "AWS_REGION: is not set" in said


def test_every_mistake_in_the_applications_is_named(capsys, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('[Shop]\ndeadline = "soon"\n')

    status, said, _ = deploy(capsys, APPLICATIONS=str(mine))

    assert status == 1
    assert "Shop.cluster: found nothing" in said
    assert "Shop.deadline: found 'soon'" in said


def test_everything_that_the_account_lacks_is_named_at_once(capsys, monkeypatch):
    with running_ministack() as ministack:
        monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint)

        status, said, asked = deploy(capsys)

        stacks = ministack.client("cloudformation").describe_stacks()["Stacks"]
    assert (status, asked, stacks) == (1, [], [])
    for missing in (
        "BUCKET: mine cannot be used",
        f"aws s3 mb s3://mine --region {REGION}",
        "SSM parameter /mine/slack-bot-token: is not there",
        "SSM parameter /mine/slack-signing-secret: is not there",
        "api.repository: ECR has no api",
        "web.cluster: ECS has no recipes",
    ):
        assert missing in said


def test_services_that_are_not_there_are_named(capsys, account, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('[api]\ncluster = "recipes"\n[api.services]\nred = "api-rouge"\n')

    status, said, _ = deploy(capsys, APPLICATIONS=str(mine))

    assert status == 1
    assert "api.services.red: cluster recipes has no service api-rouge" in said


def test_clusters_groups_and_fleets_that_are_not_there_are_named(
    capsys, account, tmp_path, monkeypatch
):
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", f"{account.address}/ec2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_AUTO_SCALING", f"{account.address}/autoscaling")
    mine = tmp_path / "mine.toml"
    fleet = "sfr-00000000-aa30-494c-8788-1cee4b7b5b1e"
    mine.write_text(
        f"[elsewhere]\n"
        f'[recipes.spot]\non_demand = "gone"\nspot_fleet = "{fleet}"\nmost = 9\n'
        f'[news.spot]\non_demand = "recipes-on-demand"\ngroup = "absent"\nmost = 9\n'
    )

    status, said, _ = deploy(capsys, CLUSTERS=str(mine))

    assert status == 1
    for problem in (
        "elsewhere: ECS has no such cluster here",
        "news: ECS has no such cluster here",
        "recipes.spot.on_demand: describe Auto Scaling group gone: there is none",
        f"recipes.spot.spot_fleet: describe spot fleet request {fleet}",
        "news.spot.group: describe Auto Scaling group absent: there is none",
    ):
        assert problem in said
    assert "recipes: ECS" not in said


def test_what_the_clusters_file_names_is_what_the_functions_may_touch(capsys, account, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", f"{account.address}/ec2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_AUTO_SCALING", f"{account.address}/autoscaling")

    status, said, _ = deploy(capsys, YES="1", STACK="clustered", CLUSTERS=str(CLUSTERS))

    stack = stack_of(account, "clustered")
    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    assert status == 0, said
    assert given["HostClusterArns"] == f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/recipes"
    assert given["SpotFleetArns"].endswith(f":spot-fleet-request/{SPOT}")


def test_what_is_more_than_aws_takes_is_named_and_nothing_is_uploaded(capsys, account):
    before = account.client("s3").list_objects_v2(Bucket="mine")["KeyCount"]

    status, said, asked = deploy(capsys, STACK="s" * 73, YES="1")

    assert (status, asked) == (1, [])
    assert "the name of the state machine Rollout" in said
    assert "found 81 characters, expected at most 80" in said
    assert account.client("s3").list_objects_v2(Bucket="mine")["KeyCount"] == before
    assert stack_of(account, "s" * 73) is None


def test_a_no_leaves_the_account_as_it_was(capsys, account):
    status, said, asked = deploy(capsys, answer="no", STACK="refused")

    assert (status, len(asked)) == (1, 1)
    assert "Add PrepareRollout" in " ".join(said.split())
    assert "nothing was changed" in said
    left = stack_of(account, "refused")
    assert left is None or left["StackStatus"] == "DELETE_COMPLETE"


def test_a_yes_deploys_and_a_second_time_finds_nothing_to_change(capsys, account):
    status, said, asked = deploy(capsys, answer="yes")

    stack = stack_of(account)
    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert (status, len(asked), stack["StackStatus"]) == (0, 1, "CREATE_COMPLETE")
    assert (given["SlackChannel"], given["SlackTeam"]) == ("C0DEPLOYS", "T0SHINGO")
    assert f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/recipes/web-green" in given["ServiceArns"]
    assert set(given["TaskRoleArns"].split(",")) == {
        f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ecsTaskExecutionRole", "api", "web")
    }
    assert set(packed_grants(account)["task_roles"]) == set(given["TaskRoleArns"].split(","))
    for expected in (ACCOUNT, "C0DEPLOYS", "PrepareRollout", outputs["StateMachineArn"]):
        assert expected in said
    manifest = (ROOT / "build" / MANIFEST.name).read_text()
    assert f"url: {outputs['SlackCommandsUrl']}\n" in manifest
    assert f"request_url: {outputs['SlackInteractionsUrl']}\n" in manifest
    assert "REPLACE" not in manifest

    status, said, asked = deploy(capsys)

    assert (status, asked) == (0, [])
    assert "as it should be already" in said


def test_a_change_is_shown_and_made_without_asking_where_the_yes_was_given(capsys, account):
    others = Channel("C0OTHERS", "others")
    account.workspace.directory = Directory(channels=(*Directory().channels, others))
    deploy(capsys, YES="1")

    status, said, asked = deploy(capsys, YES="1", SLACK_CHANNEL="C0OTHERS")

    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack_of(account)["Parameters"]}
    assert (status, asked) == (0, []), said
    assert "Modify" in said
    assert given["SlackChannel"] == "C0OTHERS"
    assert stack_of(account)["StackStatus"] == "UPDATE_COMPLETE"


def test_a_parameter_that_the_template_refuses_is_named(capsys, account):
    status, said, _ = deploy(capsys, STACK="wrong", SLACK_CHANNEL="#deploys", YES="1")

    assert status == 1
    assert "SLACK_CHANNEL: Slack knows no channel #deploys" in said


def test_a_parameter_that_only_the_template_refuses_is_named(capsys, account):
    status, said, _ = deploy(capsys, STACK="wrong", SLACK_API_URL="ftp://127.0.0.1/", YES="1")

    assert status == 1
    assert "Slack did not answer at ftp://127.0.0.1/ (auth.test: URLError)" in said
    assert "SlackApiUrl" in said


# What the deployment will rely on.


@pytest.mark.parametrize("stack", ["9lives", "aws-shingo", "SSM-shingo", "my_stack", "s" * 129])
def test_a_name_that_no_stack_of_ours_can_have_is_refused(capsys, stack):
    status, said, _ = deploy(capsys, STACK=stack)

    assert status == 1
    assert f"STACK: found '{stack}', expected a name" in said


def test_a_secret_with_a_newline_is_used_without_it_and_told(capsys, account):
    put_secret(account, "/mine/slack-bot-token", f"{account.workspace.bot_token}\n")
    put_secret(account, "/mine/slack-signing-secret", f'"{account.workspace.signing_secret}"\r\n')

    status, said, _asked = deploy(capsys, answer="yes")

    assert status == 0, said
    for name in ("bot-token", "signing-secret"):
        assert f"SSM parameter /mine/slack-{name}: has blanks, quotes or line breaks" in said
    assert account.workspace.bot_token not in said
    assert account.workspace.signing_secret not in said


def test_all_that_is_wrong_with_slack_and_its_secrets_is_told_at_once(capsys, account, tmp_path):
    workspace, ssm = account.workspace, account.client("ssm")
    ssm.delete_parameter(Name="/mine/slack-signing-secret")
    put_secret(account, "/mine/slack-signing-secret", '{"secret": "abc"}', Type="String")
    put_secret(account, "/mine/slack-bot-token", workspace.bot_token, KeyId="alias/mine")
    workspace.scopes = ("commands", "channels:read")
    elsewhere = Channel("C0ELSE", "elsewhere", is_member=False)
    archived = Channel("C0OLD", "old", is_archived=True)
    workspace.directory = Directory(channels=(*workspace.directory.channels, elsewhere, archived))
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[api]\ncluster = "recipes"\nchannel = "C0ELSE"\n'
        '[web]\ncluster = "recipes"\nchannel = "C0OLD"\n'
    )
    given = {"SLACK_CHANNEL": "C0NOWHERE", "SLACK_TEAM": "T0OTHER", "APPLICATIONS": str(mine)}

    status, said, asked = deploy(capsys, **given)

    ssm.delete_parameter(Name="/mine/slack-signing-secret")
    assert (status, asked) == (1, [])
    for problem in (
        "SLACK_TEAM: found T0OTHER, and the bot token is of the workspace T0SHINGO",
        "Slack app: lacks the scopes chat:write, usergroups:read, users:read; paste",
        "SLACK_CHANNEL: Slack knows no channel C0NOWHERE that @shingo may see",
        "api.channel: invite @shingo to #elsewhere (C0ELSE)",
        "web.channel: #old (C0OLD) is archived",
        (
            "SSM parameter /mine/slack-signing-secret: is a String, expected a SecureString; "
            "aws ssm delete-parameter"
        ),
        "SSM parameter /mine/slack-signing-secret: holds JSON",
        "SSM parameter /mine/slack-bot-token: is encrypted with alias/mine",
    ):
        assert problem in said
    assert "abc" not in said
    assert workspace.bot_token not in said


def test_a_bucket_of_another_region_is_refused(capsys, account):
    s3 = boto3.client("s3", region_name="eu-west-1")
    s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    status, said, _ = deploy(capsys, BUCKET="far")

    assert status == 1
    assert f"BUCKET: far is in eu-west-1, expected one in {REGION}" in said


def broken_stack(account, name="broken"):
    """Make a stack that cannot be made, and is ROLLBACK_COMPLETE."""
    cloudformation = account.client("cloudformation")
    wrong = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "mine"}}
    body = json.dumps({"Resources": {"Wrong": wrong}})
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    end = time.monotonic() + PATIENCE
    while stack_of(account, name)["StackStatus"] != "ROLLBACK_COMPLETE":
        assert time.monotonic() < end, stack_of(account, name)
        time.sleep(LOOK)


def test_what_is_left_of_a_stack_that_could_not_be_made_is_not_deleted_without_a_yes(
    capsys, account
):
    broken_stack(account)

    status, said, asked = deploy(capsys, STACK="broken")

    assert (status, asked) == (1, ["Delete what is left of stack broken? Type yes: "])
    assert "Stack broken is ROLLBACK_COMPLETE" in said
    assert stack_of(account, "broken")["StackStatus"] == "ROLLBACK_COMPLETE"

    status, said, asked = deploy(capsys, STACK="broken", answer="yes")

    assert (status, len(asked)) == (0, 2), said
    live = account.client("cloudformation").describe_stacks(StackName="broken")["Stacks"][0]
    assert live["StackStatus"] == "CREATE_COMPLETE"


def test_two_stacks_have_secrets_machines_and_logs_of_their_own(capsys, account):
    put_secret(account, "/second/slack-bot-token", account.workspace.bot_token)
    for stack in ("mine", "second"):
        status, said, _ = deploy(capsys, YES="1", STACK=stack)
        assert status == 0, said

    stacks = [stack_of(account, name) for name in ("mine", "second")]

    given = [{e["ParameterKey"]: e["ParameterValue"] for e in s["Parameters"]} for s in stacks]
    outputs = [{e["OutputKey"]: e["OutputValue"] for e in s["Outputs"]} for s in stacks]
    assert [each["SlackBotTokenParameter"] for each in given] == [
        "/mine/slack-bot-token",
        "/second/slack-bot-token",
    ]
    assert not set(outputs[0].values()) & set(outputs[1].values())


def test_what_an_operator_asks_later_knows_the_stack_and_the_region(
    capsys, account, monkeypatch, tmp_path
):
    mine = tmp_path / "mine.toml"
    mine.write_text('[api]\ncluster = "recipes"\n')
    status, said, _ = deploy(capsys, YES="1", STACK="second", APPLICATIONS=str(mine))
    assert status == 0, said
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", f"{account.address}/cloudwatch")

    assert audit_export.main(["--stack", "second", "--region", REGION]) == 0
    assert audit_export.main(["--stack", "second", "--region", "eu-west-1"]) == 1
    assert capacity_report.main(["--stack", "second", "--region", REGION]) == 0

    said = capsys.readouterr()
    assert "The audit could not be read" in said.err
    assert "api" in said.out
    assert "web" not in said.out
