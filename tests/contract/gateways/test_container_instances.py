"""Container instances through botocore's stub, and against moto's ECS."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.ec2.utils import generate_instance_identity_document

from handlers.domain.capacity.container_instance import Resources
from handlers.domain.model.errors import NotThere, Refused, Transient
from handlers.gateways.container_instances import MOST_INSTANCES, ContainerInstances
from tests.contract.gateways.conftest import client

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
    gateway = ContainerInstances(client)
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
    assert found.registered == Resources(cpu=4096, memory=15_500, used_ports=frozenset({"22/tcp"}))
    assert found.remaining == Resources(
        cpu=3840, memory=14_988, used_ports=frozenset({"22/tcp", "32768/tcp", "53/udp"})
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

        (found,) = ContainerInstances(ecs).active("recipes")

        assert found.id == made["InstanceId"]
        assert found.remaining == found.registered
        assert "22/tcp" in found.registered.used_ports


# Draining, and counting tasks.


def found(*numbers, more=""):
    page = {"containerInstanceArns": [f"{ARN}/{number}" for number in numbers]}
    return page | ({"nextToken": more} if more else {})


def test_an_ec2_instance_is_looked_for_among_those_that_take_tasks(instances):
    asked = {"cluster": "recipes", "filter": "ec2InstanceId == i-0a", "status": "ACTIVE"}
    instances.answers.add_response("list_container_instances", found(more="2"), asked)
    instances.answers.add_response("list_container_instances", found(7), asked | {"nextToken": "2"})

    assert instances.active_on("recipes", "i-0a") == [f"{ARN}/7"]


def test_a_cluster_that_does_not_exist_is_named(instances):
    instances.answers.add_client_error("list_container_instances", "ClusterNotFoundException")

    with pytest.raises(NotThere, match="look for i-0a in recipes"):
        instances.active_on("recipes", "i-0a")


def test_instances_are_drained_ten_at_a_time(instances):
    arns = found(*range(12))["containerInstanceArns"]
    for batch in (arns[:10], arns[10:]):
        instances.answers.add_response(
            "update_container_instances_state",
            {"containerInstances": [], "failures": []},
            {"cluster": "recipes", "containerInstances": batch, "status": "DRAINING"},
        )

    instances.drain("recipes", arns)


def test_one_that_is_gone_by_now_is_passed_over_and_one_that_is_refused_is_told(instances):
    failures = [{"arn": f"{ARN}/1", "reason": "MISSING"}, {"arn": f"{ARN}/2", "reason": "INACTIVE"}]
    for told in (failures[:1], failures):
        instances.answers.add_response(
            "update_container_instances_state", {"containerInstances": [], "failures": told}
        )

    instances.drain("recipes", [f"{ARN}/1"])
    with pytest.raises(Refused, match=r"drain instances of recipes: \S+/2: INACTIVE$"):
        instances.drain("recipes", [f"{ARN}/1", f"{ARN}/2"])


def test_throttling_can_be_cured_by_trying_again(instances):
    instances.answers.add_client_error("update_container_instances_state", "ThrottlingException")

    with pytest.raises(Transient):
        instances.drain("recipes", [f"{ARN}/1"])


def test_tasks_are_counted_by_ec2_instance_a_hundred_instances_at_a_time(instances):
    arns = found(*range(130))["containerInstanceArns"]
    asked = {"cluster": "recipes"}
    instances.answers.add_response("list_container_instances", found(*range(100), more="2"), asked)
    instances.answers.add_response(
        "list_container_instances", found(*range(100, 130)), asked | {"nextToken": "2"}
    )
    for batch in (arns[:100], arns[100:]):
        described = [
            {
                "ec2InstanceId": f"i-{arn.rpartition('/')[2]}",
                "runningTasksCount": 2,
                "pendingTasksCount": 1,
            }
            for arn in batch
        ]
        instances.answers.add_response(
            "describe_container_instances",
            {"containerInstances": described},
            asked | {"containerInstances": batch},
        )

    counts = instances.tasks("recipes")

    assert len(counts) == 130
    assert set(counts.values()) == {3}


@mock_aws
def test_a_real_instance_goes_to_draining_and_is_not_found_again():
    ecs, ec2 = client("ecs"), client("ec2")
    ecs.create_cluster(clusterName="recipes")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    launched = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]
    document = _identity(launched["InstanceId"])
    ecs.register_container_instance(cluster="recipes", instanceIdentityDocument=document)
    instances = ContainerInstances(ecs)

    (arn,) = instances.active_on("recipes", launched["InstanceId"])
    instances.drain("recipes", [arn])

    described = ecs.describe_container_instances(cluster="recipes", containerInstances=[arn])
    assert described["containerInstances"][0]["status"] == "DRAINING"
    assert instances.active_on("recipes", launched["InstanceId"]) == []
    assert instances.tasks("recipes") == {launched["InstanceId"]: 0}


def _identity(instance):
    import json

    return json.dumps({"instanceId": instance, "region": "ap-northeast-1"})


def test_a_stub_refuses_what_aws_would(stubbed):
    made, stub = stubbed("ecs")
    stub.add_client_error("list_container_instances", "AccessDeniedException")

    with pytest.raises(Refused) as refused:
        ContainerInstances(made).tasks("recipes")

    assert isinstance(refused.value.__cause__, ClientError)
