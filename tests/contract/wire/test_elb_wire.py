"""Target health as the real boto3 sees it, and every answer against botocore's own model."""

import botocore.session
import pytest
from botocore.exceptions import ClientError

from sandbox.wire.aws.elb_api import OPERATIONS, perform
from sandbox.world.service_requests import ServiceChange
from tests.support.botocore_shapes import mismatches

MODEL = botocore.session.get_session().get_service_model("elbv2")


@pytest.fixture(scope="module")
def client(served):
    client = served.client("elbv2", "elb")
    yield client
    client.close()


@pytest.fixture
def elb(client, aws):
    return client


def group_arn(aws, name):
    return next(item.arn for item in aws.world.target_groups.values() if item.name == name)


def deploy(aws, tag):
    """Start a deployment of a tag to api-red."""
    world = aws.world
    container = world.task_definitions.find("api").containers[0] | {"image": f"api:{tag}"}
    content = world.task_definitions.find("api").content
    made = world.register_task_definition({**content, "containerDefinitions": [container]})
    service = world.service(world.cluster("recipes"), "api-red")
    world.update_service(service, ServiceChange(task_definition=made.arn))


def test_target_groups_are_found_by_name_and_by_arn(aws, elb):
    by_name = elb.describe_target_groups(Names=["web"])["TargetGroups"]
    by_arn = elb.describe_target_groups(TargetGroupArns=[group_arn(aws, "api")])["TargetGroups"]
    everything = elb.describe_target_groups()["TargetGroups"]

    assert [(item["TargetGroupName"], item["TargetType"]) for item in by_name + by_arn] == [
        ("web", "instance"),
        ("api", "ip"),
    ]
    assert len(everything) == 2


def test_the_three_colors_share_the_targets_of_a_group(aws, elb):
    found = elb.describe_target_health(TargetGroupArn=group_arn(aws, "api"))

    states = [item["TargetHealth"]["State"] for item in found["TargetHealthDescriptions"]]
    assert states == ["healthy"] * 6


def test_a_target_that_fails_its_checks_says_why(aws, elb):
    deploy(aws, "v1.43.0-unhealthy")

    aws.later(seconds=60)

    found = elb.describe_target_health(TargetGroupArn=group_arn(aws, "api"))
    sick = [
        item["TargetHealth"]
        for item in found["TargetHealthDescriptions"]
        if item["TargetHealth"]["State"] == "unhealthy"
    ]
    assert sick == [
        {
            "State": "unhealthy",
            "Reason": "Target.FailedHealthChecks",
            "Description": "Health checks failed with these codes: [503]",
        }
    ]


def test_targets_that_are_asked_for_and_not_registered_are_unused(aws, elb):
    found = elb.describe_target_health(
        TargetGroupArn=group_arn(aws, "api"), Targets=[{"Id": "10.9.9.9", "Port": 8080}]
    )

    health = found["TargetHealthDescriptions"][0]
    assert health["Target"] == {"Id": "10.9.9.9", "Port": 8080}
    assert health["TargetHealth"]["Reason"] == "Target.NotRegistered"


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("TargetGroupNotFound", lambda elb: elb.describe_target_health(TargetGroupArn="none")),
        ("TargetGroupNotFound", lambda elb: elb.describe_target_groups(Names=["none"])),
        ("TargetGroupNotFound", lambda elb: elb.describe_target_groups(TargetGroupArns=["none"])),
        ("InvalidAction", lambda elb: elb.describe_load_balancers()),
    ],
)
def test_what_cannot_be_served_is_refused_by_its_name(elb, code, call):
    with pytest.raises(ClientError) as refusal:
        call(elb)

    assert refusal.value.response["Error"]["Code"] == code


def test_every_answer_has_the_shape_of_botocores_model(aws):
    asked = set()

    def ask(operation, **parameters):
        asked.add(operation)
        shape = MODEL.operation_model(operation).output_shape
        answer = perform(aws.world, operation, parameters)
        assert mismatches(answer, shape) == []

    deploy(aws, "v1.43.0-unhealthy")
    for _ in range(30):
        aws.later(seconds=11)
        aws.tick()
        ask("DescribeTargetHealth", TargetGroupArn=group_arn(aws, "api"))
    ask("DescribeTargetGroups")

    assert asked == set(OPERATIONS)
