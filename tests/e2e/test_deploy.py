"""`make deploy`, on a MiniStack that stands in for one's own account."""

import pytest

from operations.deploy import MANIFEST, main
from operations.local_aws import ACCOUNT, REGION
from operations.package import ROOT
from sandbox.host.ministack import running_ministack
from sandbox.host.sandbox import CLUSTERS
from sandbox.world.example_fleets import SPOT
from tests.support.playing import patient_sandbox

pytestmark = pytest.mark.wire

VARIABLES = {"BUCKET": "mine", "SLACK_CHANNEL": "C0DEPLOYS", "SLACK_TEAM": "T0SHINGO"}
VARIABLES |= {"AWS_REGION": REGION, "STACK": "mine"}
LOOK = 0.02


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
    """An account with the example's services, its images, its secrets and a bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.stack.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", sandbox.ecs_endpoint)
    return sandbox


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
        "SSM parameter /shingo/slack-bot-token: is not there",
        "SSM parameter /shingo/slack-signing-secret: is not there",
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
    deploy(capsys, YES="1")

    status, said, asked = deploy(capsys, YES="1", SLACK_CHANNEL="C0OTHERS")

    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack_of(account)["Parameters"]}
    assert (status, asked) == (0, [])
    assert "Modify" in said
    assert given["SlackChannel"] == "C0OTHERS"
    assert stack_of(account)["StackStatus"] == "UPDATE_COMPLETE"


def test_a_parameter_that_the_template_refuses_is_named(capsys, account):
    status, said, _ = deploy(capsys, STACK="wrong", SLACK_CHANNEL="#deploys", YES="1")

    assert status == 1
    assert "SlackChannel" in said
