"""Fleets and Auto Scaling groups: by botocore's stub, and by moto where it has them."""

import pytest
from moto import mock_aws

from handlers.domain.capacity.spot_policy import Fleet
from handlers.domain.model.errors import NotThere, Refused
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.spot_fleets import Ec2Fleets, SpotFleets
from tests.contract.gateways.conftest import REGION, client

REQUEST = "sfr-73fbd2ce-aa30-494c-8788-1cee4b7b5b1e"
FLEET = "fleet-12a34b55-67cd-8ef9-ba9b-9208dd2c9b2a"


def a_request(state="active", target=4, fulfilled=3.0):
    config = {"TargetCapacity": target, "FulfilledCapacity": fulfilled, "IamFleetRole": "arn:role"}
    return {
        "SpotFleetRequestConfigs": [
            {
                "SpotFleetRequestId": REQUEST,
                "SpotFleetRequestState": state,
                "SpotFleetRequestConfig": config,
            }
        ]
    }


def a_fleet(state="active", target=4, fulfilled=3.0):
    aim = {"TotalTargetCapacity": target}
    return {
        "Fleets": [
            {
                "FleetId": FLEET,
                "FleetState": state,
                "FulfilledCapacity": fulfilled,
                "TargetCapacitySpecification": aim,
            }
        ]
    }


def a_group(**given):
    usual = {
        "AutoScalingGroupName": "recipes-spot",
        "MinSize": 1,
        "MaxSize": 9,
        "DesiredCapacity": 3,
        "DefaultCooldown": 300,
        "AvailabilityZones": [f"{REGION}a"],
        "HealthCheckType": "EC2",
        "CreatedTime": "2026-11-23T09:00:00Z",
        "Instances": [],
    }
    return {"AutoScalingGroups": [usual | given]}


def an_instance(number, state="InService", **given):
    usual = {
        "InstanceId": f"i-{number}",
        "AvailabilityZone": f"{REGION}a",
        "LifecycleState": state,
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
    }
    return usual | given


KINDS = {
    "a spot fleet request": (SpotFleets, REQUEST, "describe_spot_fleet_requests", a_request),
    "an EC2 fleet": (Ec2Fleets, FLEET, "describe_fleets", a_fleet),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_fleet_is_seen_with_its_target_and_what_there_is_of_it(stubbed, kind):
    gateway, ident, operation, answer = kind
    made, stub = stubbed("ec2")
    stub.add_response(operation, answer())

    assert gateway(made).describe(ident) == Fleet(target=4, fulfilled=3.0)


@pytest.mark.parametrize("state", ["modifying", "submitted", "cancelled_running", "deleted"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_only_an_active_fleet_may_be_changed(stubbed, kind, state):
    gateway, ident, operation, answer = kind
    made, stub = stubbed("ec2")
    stub.add_response(operation, answer(state))

    assert gateway(made).describe(ident).busy == f"it is {state.replace('_', ' ')}"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_fleet_that_is_not_there_is_named(stubbed, kind):
    gateway, ident, operation, answer = kind
    made, stub = stubbed("ec2")
    stub.add_response(operation, {key: [] for key in answer()})

    with pytest.raises(NotThere, match=ident):
        gateway(made).describe(ident)


def test_a_spot_fleet_request_is_told_its_target_and_nothing_else(stubbed):
    made, stub = stubbed("ec2")
    asked = {"SpotFleetRequestId": REQUEST, "TargetCapacity": 6}
    stub.add_response("modify_spot_fleet_request", {"Return": True}, asked)

    assert SpotFleets(made).resize(REQUEST, 6)


def test_an_ec2_fleet_is_told_its_target_and_nothing_else(stubbed):
    made, stub = stubbed("ec2")
    asked = {"FleetId": FLEET, "TargetCapacitySpecification": {"TotalTargetCapacity": 6}}
    stub.add_response("modify_fleet", {"Return": True}, asked)

    assert Ec2Fleets(made).resize(FLEET, 6)


def test_a_fleet_that_cannot_be_changed_is_an_error(stubbed):
    made, stub = stubbed("ec2")
    stub.add_client_error("modify_spot_fleet_request", "InvalidParameterValue", "one-time request")

    with pytest.raises(Refused, match="one-time request"):
        SpotFleets(made).resize(REQUEST, 6)


def test_of_each_instance_it_is_known_whether_it_is_in_service(stubbed):
    made, stub = stubbed("autoscaling")
    instances = [an_instance(1), an_instance(2, "Pending"), an_instance(3, "Terminating:Wait")]
    stub.add_response(
        "describe_auto_scaling_groups",
        a_group(Instances=instances),
        {"AutoScalingGroupNames": ["recipes-on-demand"]},
    )

    found = AutoScalingGroups(made).instances("recipes-on-demand")

    assert found == {"i-1": True, "i-2": False, "i-3": False}


def test_a_group_is_seen_with_its_own_bounds_and_weights(stubbed):
    made, stub = stubbed("autoscaling")
    instances = [an_instance(1, WeightedCapacity="4"), an_instance(2), an_instance(3, "Pending")]
    stub.add_response("describe_auto_scaling_groups", a_group(Instances=instances))

    assert AutoScalingGroups(made).describe("recipes-spot") == Fleet(
        target=3, fulfilled=5.0, least=1, most=9
    )


def test_a_group_that_is_being_deleted_is_left_alone(stubbed):
    made, stub = stubbed("autoscaling")
    stub.add_response("describe_auto_scaling_groups", a_group(Status="Delete in progress"))

    assert AutoScalingGroups(made).describe("recipes-spot").busy == "it is being deleted"


def test_a_group_that_still_scales_is_not_changed_and_that_is_no_fault(stubbed):
    made, stub = stubbed("autoscaling")
    asked = {
        "AutoScalingGroupName": "recipes-spot",
        "DesiredCapacity": 5,
        "HonorCooldown": True,
    }
    stub.add_client_error(
        "set_desired_capacity", "ScalingActivityInProgress", expected_params=asked
    )
    stub.add_response("set_desired_capacity", {}, asked)

    assert not AutoScalingGroups(made).resize("recipes-spot", 5)
    assert AutoScalingGroups(made).resize("recipes-spot", 5)


def test_another_refusal_of_a_group_is_a_fault(stubbed):
    made, stub = stubbed("autoscaling")
    stub.add_client_error("set_desired_capacity", "ValidationError", "above max value")

    with pytest.raises(Refused, match="above max value"):
        AutoScalingGroups(made).resize("recipes-spot", 50)


@mock_aws
def test_a_real_spot_fleet_gets_the_target():
    ec2 = client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.request_spot_fleet(
        SpotFleetRequestConfig={
            "TargetCapacity": 2,
            "IamFleetRole": "arn:aws:iam::123456789012:role/fleet",
            "AllocationStrategy": "lowestPrice",
            "LaunchSpecifications": [
                {"ImageId": image, "InstanceType": "m5.large", "SubnetId": subnet}
            ],
        }
    )["SpotFleetRequestId"]
    fleets = SpotFleets(ec2)

    assert fleets.describe(made) == Fleet(target=2, fulfilled=2.0)
    assert fleets.resize(made, 5)
    assert fleets.describe(made).target == 5


@mock_aws
def test_a_real_group_gets_the_target_and_its_instances_come_into_service():
    ec2, scaling = client("ec2"), client("autoscaling")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    scaling.create_launch_configuration(
        LaunchConfigurationName="recipes", ImageId=image, InstanceType="m5.large"
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="recipes-spot",
        LaunchConfigurationName="recipes",
        MinSize=1,
        MaxSize=6,
        DesiredCapacity=2,
        AvailabilityZones=[f"{REGION}a"],
    )
    groups = AutoScalingGroups(scaling)

    assert groups.resize("recipes-spot", 4)

    assert groups.describe("recipes-spot") == Fleet(target=4, fulfilled=4.0, least=1, most=6)
    assert list(groups.instances("recipes-spot").values()) == [True] * 4
