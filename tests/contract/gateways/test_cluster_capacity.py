"""A cluster's container instances through botocore's stub, and against moto's ECS."""

import json

import boto3
import pytest
from moto import mock_aws
from moto.ec2.utils import generate_instance_identity_document

from handlers.domain.capacity.container_instance import Resources
from handlers.domain.model.errors import NotThere, Transient
from handlers.gateways.cluster_capacity import MOST_INSTANCES, Instances

ARN = "arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes"


def resources(cpu, memory, *ports, udp=()):
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": list(ports)},
        {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": list(udp)},
    ]


def described(name="a", **given):
    usual = {
        "containerInstanceArn": f"{ARN}/{name}",
        "ec2InstanceId": f"i-{name}",
        "status": "ACTIVE",
        "agentConnected": True,
        "attributes": [
            {"name": "ecs.capability.task-eni"},
            {"name": "ecs.instance-type", "value": "m6i.xlarge"},
        ],
        "registeredResources": resources(4096, 15_500, "22"),
        "remainingResources": resources(3840, 14_988, "22", "32768", udp=["53"]),
    }
    return usual | given


@pytest.fixture
def instances(stubbed):
    client, stub = stubbed("ecs")
    gateway = Instances(client)
    gateway.answers = stub
    return gateway


def answer(instances, *found):
    arns = [each["containerInstanceArn"] for each in found]
    instances.answers.add_response(
        "list_container_instances",
        {"containerInstanceArns": arns},
        {"cluster": "recipes", "status": "ACTIVE"},
    )
    instances.answers.add_response(
        "describe_container_instances",
        {"containerInstances": list(found)},
        {"cluster": "recipes", "containerInstances": arns},
    )


def test_an_instance_has_a_type_what_it_registered_with_and_what_is_left(instances):
    answer(instances, described())

    (found,) = instances.active("recipes")

    assert (found.arn, found.id, found.type) == (f"{ARN}/a", "i-a", "m6i.xlarge")
    assert found.whole == Resources(cpu=4096, memory=15_500, taken=frozenset({"22/tcp"}))
    assert found.left == Resources(
        cpu=3840, memory=14_988, taken=frozenset({"22/tcp", "32768/tcp", "53/udp"})
    )


def test_what_takes_no_tasks_is_left_out(instances):
    draining = described("b", status="DRAINING")
    gone = described("c", agentConnected=False)

    answer(instances, described(), draining, gone)

    assert [each.id for each in instances.active("recipes")] == ["i-a"]


def test_an_instance_of_no_cloud_is_named_by_its_arn(instances):
    external = {k: v for k, v in described().items() if k not in {"ec2InstanceId", "attributes"}}
    answer(instances, external)

    (found,) = instances.active("recipes")

    assert (found.id, found.type) == ("a", "unknown type")


def test_instances_are_listed_by_pages_and_described_a_hundred_at_a_time(instances):
    arns = [f"{ARN}/{number}" for number in range(MOST_INSTANCES + 1)]
    asked = {"cluster": "recipes", "status": "ACTIVE"}
    first, second = arns[:MOST_INSTANCES], arns[MOST_INSTANCES:]
    instances.answers.add_response(
        "list_container_instances", {"containerInstanceArns": first, "nextToken": "more"}, asked
    )
    instances.answers.add_response(
        "list_container_instances",
        {"containerInstanceArns": second},
        asked | {"nextToken": "more"},
    )
    for batch in (first, second):
        instances.answers.add_response(
            "describe_container_instances",
            {"containerInstances": [described(arn.rsplit("/")[-1]) for arn in batch]},
            {"cluster": "recipes", "containerInstances": batch},
        )

    assert [each.arn for each in instances.active("recipes")] == arns


def test_an_empty_cluster_is_not_asked_about_instances(instances):
    instances.answers.add_response("list_container_instances", {"containerInstanceArns": []})

    assert instances.active("recipes") == []


@pytest.mark.parametrize(
    ("code", "error"), [("ClusterNotFoundException", NotThere), ("ThrottlingException", Transient)]
)
def test_what_cannot_be_listed_is_an_error_of_ours(instances, code, error):
    instances.answers.add_client_error("list_container_instances", code)

    with pytest.raises(error, match="list container instances of recipes"):
        instances.active("recipes")


def test_instances_that_register_with_moto_are_found():
    with mock_aws():
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        ecs, ec2 = (boto3.client(s, region_name="ap-northeast-1", **keys) for s in ("ecs", "ec2"))
        ecs.create_cluster(clusterName="recipes")
        (image,) = ec2.describe_images(MaxResults=5)["Images"][:1]
        (made,) = ec2.run_instances(ImageId=image["ImageId"], MinCount=1, MaxCount=1)["Instances"]
        document = generate_instance_identity_document(
            boto3.resource("ec2", region_name="ap-northeast-1", **keys).Instance(made["InstanceId"])
        )
        ecs.register_container_instance(
            cluster="recipes", instanceIdentityDocument=json.dumps(document)
        )

        (found,) = Instances(ecs).active("recipes")

        assert found.id == made["InstanceId"]
        assert found.left == found.whole
        assert "22/tcp" in found.whole.taken
