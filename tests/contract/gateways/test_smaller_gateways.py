"""The smaller gateways through botocore's stub: images, load balancers, executions, secrets."""

import json

import pytest

from handlers.domain.admission.image_push import MediaTypes
from handlers.domain.admission.image_scan import Manifest, Scan
from handlers.domain.model.errors import NotPushed, NotThere, Refused, TokenGone, Transient
from handlers.domain.model.service import Target
from handlers.gateways.ecr import Images
from handlers.gateways.load_balancers import LoadBalancers
from handlers.gateways.parameter_store import Secret
from handlers.gateways.step_functions import Executions
from simulator.example_release import NEW_DIGEST, image
from tests.support.builders import GROUP, NOW, execution

MACHINE = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:shingo-rollout"


def test_a_tag_is_pinned_to_what_it_means_now(stubbed):
    client, stub = stubbed("ecr")
    found = {"registryId": "123456789012", "repositoryName": "api", "imageDigest": NEW_DIGEST}
    stub.add_response(
        "describe_images",
        {"imageDetails": [found]},
        {"repositoryName": "api", "imageIds": [{"imageTag": "v1.42.0"}]},
    )

    assert Images(client).pinned("api", "v1.42.0") == image(NEW_DIGEST)


def test_a_tag_of_a_repository_that_is_not_there_is_no_build_to_wait_for(stubbed):
    client, stub = stubbed("ecr")
    stub.add_client_error("describe_images", "RepositoryNotFoundException", "does not exist")

    with pytest.raises(NotThere, match=r"look up api:v9") as raised:
        Images(client).pinned("api", "v9")

    assert not isinstance(raised.value, NotPushed)


@pytest.mark.parametrize("answer", ["an error", "an empty list"])
def test_a_tag_that_its_repository_does_not_have_may_still_be_pushed(stubbed, answer):
    client, stub = stubbed("ecr")
    if answer == "an error":
        stub.add_client_error("describe_images", "ImageNotFoundException", "does not exist")
    else:
        stub.add_response("describe_images", {"imageDetails": []})

    with pytest.raises(NotPushed, match=r"look up api:v9"):
        Images(client).pinned("api", "v9")


def test_what_an_image_is_is_read_by_its_digest(stubbed):
    client, stub = stubbed("ecr")
    found = {
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.buildkit.cacheconfig.v0",
    }
    stub.add_response(
        "describe_images",
        {"imageDetails": [found]},
        {"repositoryName": "api", "imageIds": [{"imageDigest": NEW_DIGEST}]},
    )

    media = Images(client).media_types("api", NEW_DIGEST)

    assert (media.manifest, media.artifact) == tuple(found.values())


def test_of_an_image_that_is_gone_nothing_is_known(stubbed):
    client, stub = stubbed("ecr")
    stub.add_client_error("describe_images", "ImageNotFoundException", "does not exist")

    assert Images(client).media_types("api", NEW_DIGEST) == MediaTypes()


def test_a_scan_is_read_with_how_much_it_found(stubbed):
    client, stub = stubbed("ecr")
    stub.add_response(
        "describe_image_scan_findings",
        {
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {"findingSeverityCounts": {"HIGH": 2}},
        },
        {"repositoryName": "api", "imageId": {"imageDigest": NEW_DIGEST}, "maxResults": 1},
    )

    scan = Images(client).scan("api", NEW_DIGEST)

    assert scan == Scan(status="COMPLETE", findings={"HIGH": 2})


def test_an_image_without_a_scan_has_one_that_is_still_to_come(stubbed):
    client, stub = stubbed("ecr")
    stub.add_client_error("describe_image_scan_findings", "ScanNotFoundException")

    assert Images(client).scan("api", NEW_DIGEST).is_pending


@pytest.mark.parametrize(
    ("media_type", "is_index"),
    [
        ("application/vnd.oci.image.index.v1+json", True),
        ("application/vnd.docker.distribution.manifest.v2+json", False),
    ],
)
def test_an_index_tells_its_images_but_what_attests_them_and_a_plain_manifest_none(
    stubbed, media_type, is_index
):
    client, stub = stubbed("ecr")
    platforms = ("arm64", "amd64", "unknown")
    manifests = [
        {"digest": f"sha256:{each}", "platform": {"os": "linux", "architecture": each}}
        for each in platforms
    ]
    stub.add_response(
        "batch_get_image",
        {
            "images": [
                {
                    "imageManifest": json.dumps({"manifests": manifests}),
                    "imageManifestMediaType": media_type,
                }
            ]
        },
    )

    found = Images(client).manifests("api", NEW_DIGEST)

    assert found == is_index * tuple(
        Manifest(digest=f"sha256:{each}", system="linux", architecture=each)
        for each in ("arm64", "amd64")
    )


def test_targets_are_described_by_endpoint_state_and_reason(stubbed):
    client, stub = stubbed("elbv2")
    sick = {
        "State": "unhealthy",
        "Reason": "Target.ResponseCodeMismatch",
        "Description": "Health checks failed with these codes: [502]",
    }
    stub.add_response(
        "describe_target_health",
        {
            "TargetHealthDescriptions": [
                {"Target": {"Id": "i-0a", "Port": 32768}, "TargetHealth": {"State": "healthy"}},
                {"Target": {"Id": "10.0.1.7", "Port": 8080}, "TargetHealth": sick},
                {
                    "Target": {"Id": "10.0.1.8", "Port": 8080},
                    "TargetHealth": {"State": "initial", "Reason": "Elb.RegistrationInProgress"},
                },
                {
                    "Target": {"Id": "2001:db8::2", "Port": 8080},
                    "TargetHealth": {"State": "healthy"},
                },
            ]
        },
        {"TargetGroupArn": GROUP},
    )

    assert LoadBalancers(client).targets(GROUP) == [
        Target(endpoint="i-0a:32768", state="healthy"),
        Target(endpoint="10.0.1.7:8080", state="unhealthy", reason=sick["Description"]),
        Target(endpoint="10.0.1.8:8080", state="initial", reason="Elb.RegistrationInProgress"),
        Target(endpoint="[2001:db8::2]:8080", state="healthy"),
    ]


def test_a_target_group_that_does_not_exist_is_not_there(stubbed):
    client, stub = stubbed("elbv2")
    stub.add_client_error("describe_target_health", "TargetGroupNotFound")

    with pytest.raises(NotThere):
        LoadBalancers(client).targets(GROUP)


def test_an_execution_is_started_with_an_input_of_stable_bytes(stubbed):
    client, stub = stubbed("stepfunctions")
    asked = {
        "stateMachineArn": MACHINE,
        "name": "api-v1.42.0-1",
        "input": '{"application":"api","reason":"schnellere Süche","tag":"v1.42.0"}',
    }
    stub.add_response(
        "start_execution", {"executionArn": execution("api-v1.42.0-1"), "startDate": NOW}, asked
    )

    Executions(client, MACHINE).start(
        "api-v1.42.0-1", {"tag": "v1.42.0", "reason": "schnellere Süche", "application": "api"}
    )


def test_starting_it_again_is_nothing(stubbed):
    client, stub = stubbed("stepfunctions")
    stub.add_client_error("start_execution", "ExecutionAlreadyExists")

    Executions(client, MACHINE).start("api-v1.42.0-1", {"application": "api"})


def test_a_start_that_is_refused_is_told(stubbed):
    client, stub = stubbed("stepfunctions")
    stub.add_client_error("start_execution", "StateMachineDoesNotExist")

    with pytest.raises(Refused, match="start api-v1"):
        Executions(client, MACHINE).start("api-v1.42.0-1", {"application": "api"})


def test_a_token_is_answered_with_data(stubbed):
    client, stub = stubbed("stepfunctions")
    stub.add_response(
        "send_task_success", {}, {"taskToken": "token-1", "output": '{"outcome": "approved"}'}
    )

    Executions(client, MACHINE).answer("token-1", {"outcome": "approved"})


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_token_that_is_closed_is_gone_for_good(stubbed, code):
    client, stub = stubbed("stepfunctions")
    stub.add_client_error("send_task_success", code, "Provided task does not exist anymore")

    with pytest.raises(TokenGone) as raised:
        Executions(client, MACHINE).answer("AQCsecret", {"outcome": "approved"})

    assert "AQCsecret" not in str(raised.value)


def test_a_throttled_answer_is_worth_another_try(stubbed):
    client, stub = stubbed("stepfunctions")
    stub.add_client_error("send_task_success", "ThrottlingException")

    with pytest.raises(Transient):
        Executions(client, MACHINE).answer("token-1", {"outcome": "approved"})


@pytest.mark.parametrize(
    ("status", "runs"),
    [
        ("RUNNING", True),
        ("PENDING_REDRIVE", True),
        ("SUCCEEDED", False),
        ("FAILED", False),
        ("TIMED_OUT", False),
        ("ABORTED", False),
    ],
)
def test_an_execution_runs_or_has_ended(stubbed, status, runs):
    client, stub = stubbed("stepfunctions")
    described = {
        "executionArn": execution("api-1"),
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": NOW,
    }
    stub.add_response("describe_execution", described, {"executionArn": execution("api-1")})

    assert Executions(client, MACHINE).is_running(execution("api-1")) is runs


def test_an_execution_that_is_forgotten_does_not_run(stubbed):
    client, stub = stubbed("stepfunctions")
    stub.add_client_error("describe_execution", "ExecutionDoesNotExist")

    assert Executions(client, MACHINE).is_running(execution("api-1")) is False


def test_every_status_of_an_execution_is_known(clients):
    statuses = set(clients("stepfunctions").meta.service_model.shape_for("ExecutionStatus").enum)

    assert statuses == {
        "RUNNING",
        "SUCCEEDED",
        "FAILED",
        "TIMED_OUT",
        "ABORTED",
        "PENDING_REDRIVE",
    }


def answers(stub, *values):
    for value in values:
        stub.add_response(
            "get_parameter",
            {"Parameter": {"Name": "/shingo/secret", "Value": value}},
            {"Name": "/shingo/secret", "WithDecryption": True},
        )


def test_a_secret_is_read_once(stubbed):
    client, stub = stubbed("ssm")
    answers(stub, "first")
    secret = Secret(client, "/shingo/secret")

    assert [secret.value(), secret.value()] == ["first", "first"]


def test_a_rotated_secret_is_read_anew_and_then_remembered(stubbed):
    client, stub = stubbed("ssm")
    answers(stub, "first", "second")
    secret = Secret(client, "/shingo/secret")

    assert [secret.value(), secret.value(fresh=True), secret.value()] == [
        "first",
        "second",
        "second",
    ]


@pytest.mark.parametrize("stored", ["secret\n", "secret\r\n", "\ufeffsecret", '"secret"\n'])
def test_a_secret_is_read_without_what_stands_around_it_and_the_log_says_so(
    stubbed, caplog, stored
):
    client, stub = stubbed("ssm")
    answers(stub, stored, "secret")
    secret = Secret(client, "/shingo/secret")

    assert secret.value() == "secret"
    assert [record.getMessage() for record in caplog.records] == [
        "parameter /shingo/secret: blanks or quotes around it are left out"
    ]
    assert secret.value(fresh=True) == "secret"
    assert len(caplog.records) == 1


def test_a_secret_that_does_not_exist_is_told_by_its_name(stubbed):
    client, stub = stubbed("ssm")
    stub.add_client_error("get_parameter", "ParameterNotFound")

    with pytest.raises(NotThere, match="read parameter /shingo/secret"):
        Secret(client, "/shingo/secret").value()


def test_what_people_and_machines_say_is_sent_as_plain_json(stubbed):
    client, stub = stubbed("stepfunctions")
    outcome = {"outcome": "put_back", "detail": 'he said "stop" ☂'}
    stub.add_response(
        "send_task_success", {}, {"taskToken": "token-1", "output": json.dumps(outcome)}
    )

    Executions(client, MACHINE).answer("token-1", outcome)
