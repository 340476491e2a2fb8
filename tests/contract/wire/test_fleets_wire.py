"""Spot fleets and groups as the real boto3 sees them, and as our gateways do."""

import pytest
from botocore.exceptions import ClientError

from handlers.domain.capacity.spot_policy import Fleet
from handlers.domain.model.errors import NotThere
from handlers.gateways.auto_scaling import AutoScalingGroups
from handlers.gateways.container_instances import ContainerInstances
from handlers.gateways.spot_fleets import Ec2Fleets, SpotFleets
from sandbox.world.example_fleets import ON_DEMAND, SPOT, add_fleets
from sandbox.world.instance_fleets import LAUNCH_SECONDS, MODIFY_SECONDS

EC2_FLEET = "fleet-12a34b55-67cd-8ef9-ba9b-9208dd2c9b2a"


@pytest.fixture
def aws(served):
    served.renew()
    add_fleets(served.world)
    cluster = served.world.clusters["recipes"]
    served.world.fleets.add_fleet(EC2_FLEET, cluster, ["a"], 1)
    return served


@pytest.fixture
def ec2(aws):
    client = aws.client("ec2", "ec2")
    yield client
    client.close()


@pytest.fixture
def groups(aws):
    client = aws.client("autoscaling", "autoscaling")
    yield AutoScalingGroups(client)
    client.close()


@pytest.fixture
def hosts(aws):
    client = aws.client("ecs", "ecs")
    yield ContainerInstances(client)
    client.close()


@pytest.mark.parametrize(
    ("gateway", "ident", "size"), [(SpotFleets, SPOT, 2), (Ec2Fleets, EC2_FLEET, 1)]
)
def test_a_fleet_is_resized_and_left_alone_until_that_is_through(aws, ec2, gateway, ident, size):
    fleets = gateway(ec2)
    assert fleets.describe(ident) == Fleet(target=size, fulfilled=float(size))

    assert fleets.resize(ident, 4)

    assert fleets.describe(ident) == Fleet(target=4, fulfilled=float(size), busy="it is modifying")
    aws.later(seconds=MODIFY_SECONDS + LAUNCH_SECONDS)
    assert fleets.describe(ident) == Fleet(target=4, fulfilled=4.0)


@pytest.mark.parametrize("gateway", [SpotFleets, Ec2Fleets])
def test_a_fleet_that_does_not_exist_is_not_there(ec2, gateway):
    with pytest.raises(NotThere):
        gateway(ec2).describe("sfr-gone")


def test_a_groups_instances_and_bounds_are_told(groups):
    assert list(groups.instances(ON_DEMAND).values()) == [True] * 3
    assert groups.describe(ON_DEMAND) == Fleet(target=3, fulfilled=3.0, least=0, most=100)
    with pytest.raises(NotThere):
        groups.describe("gone")


def test_a_group_that_still_scales_says_so(aws, groups):
    assert groups.resize(ON_DEMAND, 4)
    assert not groups.resize(ON_DEMAND, 5)

    aws.later(seconds=LAUNCH_SECONDS)

    assert groups.resize(ON_DEMAND, 5)


def test_a_container_instance_is_found_by_its_ec2_id_and_drained_once(aws, hosts):
    instance = aws.world.fleets.pools[SPOT].instances[0].ec2_id

    (arn,) = hosts.active_on("recipes", instance)
    hosts.drain("recipes", [arn])

    assert aws.world.clusters["recipes"].instances[arn].status == "DRAINING"
    assert hosts.active_on("recipes", instance) == []
    assert hosts.active_on("recipes", "i-0") == []
    assert hosts.tasks("recipes")[instance] == 0
    assert len(hosts.tasks("recipes")) == 6


def test_an_instance_that_is_gone_is_passed_over(hosts):
    gone = "arn:aws:ecs:ap-northeast-1:123456789012:container-instance/recipes/gone"

    hosts.drain("recipes", [gone])


def test_what_the_sandbox_does_not_know_is_refused_in_each_dialect(aws, ec2):
    with pytest.raises(ClientError, match="does not know DescribeVpcs"):
        ec2.describe_vpcs()
    scaling = aws.client("autoscaling", "autoscaling")
    with pytest.raises(ClientError, match="does not know DescribePolicies"):
        scaling.describe_policies()
    scaling.close()


def test_container_instances_are_set_to_nothing_but_active_and_draining(aws):
    ecs = aws.client("ecs", "ecs")
    (arn, *_) = aws.world.clusters["recipes"].instances

    with pytest.raises(ClientError) as refused:
        ecs.update_container_instances_state(
            cluster="recipes", containerInstances=[arn], status="REGISTERING"
        )

    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    ecs.close()
