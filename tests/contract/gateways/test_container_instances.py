"""Container instances through botocore's stub, and through moto's ECS."""

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from handlers.domain.model.errors import NotThere, Refused, Transient
from handlers.gateways.container_instances import Hosts
from tests.contract.gateways.conftest import client

ARN = "arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes"


@pytest.fixture
def hosts(stubbed):
    made, stub = stubbed("ecs")
    gateway = Hosts(made)
    gateway.answers = stub
    return gateway


def found(*numbers, more=""):
    page = {"containerInstanceArns": [f"{ARN}/{number}" for number in numbers]}
    return page | ({"nextToken": more} if more else {})


def test_an_ec2_instance_is_looked_for_among_those_that_take_tasks(hosts):
    asked = {"cluster": "recipes", "filter": "ec2InstanceId == i-0a", "status": "ACTIVE"}
    hosts.answers.add_response("list_container_instances", found(more="2"), asked)
    hosts.answers.add_response("list_container_instances", found(7), asked | {"nextToken": "2"})

    assert hosts.active("recipes", "i-0a") == [f"{ARN}/7"]


def test_a_cluster_that_does_not_exist_is_named(hosts):
    hosts.answers.add_client_error("list_container_instances", "ClusterNotFoundException")

    with pytest.raises(NotThere, match="look for i-0a in recipes"):
        hosts.active("recipes", "i-0a")


def test_instances_are_drained_ten_at_a_time(hosts):
    arns = found(*range(12))["containerInstanceArns"]
    for batch in (arns[:10], arns[10:]):
        hosts.answers.add_response(
            "update_container_instances_state",
            {"containerInstances": [], "failures": []},
            {"cluster": "recipes", "containerInstances": batch, "status": "DRAINING"},
        )

    hosts.drain("recipes", arns)


def test_one_that_is_gone_by_now_is_passed_over_and_one_that_is_refused_is_told(hosts):
    failures = [{"arn": f"{ARN}/1", "reason": "MISSING"}, {"arn": f"{ARN}/2", "reason": "INACTIVE"}]
    for told in (failures[:1], failures):
        hosts.answers.add_response(
            "update_container_instances_state", {"containerInstances": [], "failures": told}
        )

    hosts.drain("recipes", [f"{ARN}/1"])
    with pytest.raises(Refused, match=r"drain instances of recipes: \S+/2: INACTIVE$"):
        hosts.drain("recipes", [f"{ARN}/1", f"{ARN}/2"])


def test_throttling_can_be_cured_by_trying_again(hosts):
    hosts.answers.add_client_error("update_container_instances_state", "ThrottlingException")

    with pytest.raises(Transient):
        hosts.drain("recipes", [f"{ARN}/1"])


def test_tasks_are_counted_by_ec2_instance_a_hundred_instances_at_a_time(hosts):
    arns = found(*range(130))["containerInstanceArns"]
    asked = {"cluster": "recipes"}
    hosts.answers.add_response("list_container_instances", found(*range(100), more="2"), asked)
    hosts.answers.add_response(
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
        hosts.answers.add_response(
            "describe_container_instances",
            {"containerInstances": described},
            asked | {"containerInstances": batch},
        )

    counts = hosts.tasks("recipes")

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
    hosts = Hosts(ecs)

    (arn,) = hosts.active("recipes", launched["InstanceId"])
    hosts.drain("recipes", [arn])

    described = ecs.describe_container_instances(cluster="recipes", containerInstances=[arn])
    assert described["containerInstances"][0]["status"] == "DRAINING"
    assert hosts.active("recipes", launched["InstanceId"]) == []
    assert hosts.tasks("recipes") == {launched["InstanceId"]: 0}


def _identity(instance):
    import json

    return json.dumps({"instanceId": instance, "region": "ap-northeast-1"})


def test_a_stub_refuses_what_aws_would(stubbed):
    made, stub = stubbed("ecs")
    stub.add_client_error("list_container_instances", "AccessDeniedException")

    with pytest.raises(Refused) as refused:
        Hosts(made).tasks("recipes")

    assert isinstance(refused.value.__cause__, ClientError)
