"""Auto Scaling's query protocol over HTTP, answered by the world's groups.

Tested in `tests/contract/wire/test_fleets_wire.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.routing import Route

from sandbox.wire.aws.aws_query import QueryProtocol, members
from sandbox.wire.aws.aws_routes import Access, Operation, aws_routes, perform_operation
from sandbox.wire.fault_injection import WireError
from sandbox.world.instance_fleets import FleetInstance, InstancePool
from sandbox.world.world import World

PROTOCOL: Final = QueryProtocol("http://autoscaling.amazonaws.com/doc/2011-01-01/")


def describe_auto_scaling_groups(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer DescribeAutoScalingGroups; a group that does not exist is left out."""
    names = members(parameters, "AutoScalingGroupNames")
    groups = [pool for pool in world.fleets.pools.values() if not pool.is_spot]
    return {"AutoScalingGroups": [_group(p) for p in groups if p.name in names or not names]}


def set_desired_capacity(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer SetDesiredCapacity; with `HonorCooldown`, a scaling group refuses it."""
    pool = world.fleets.pool(parameters.get("AutoScalingGroupName", ""))
    is_scaling = len(pool.in_service()) != pool.target
    if parameters.get("HonorCooldown") == "true" and is_scaling:
        raise WireError("ScalingActivityInProgress", f"{pool.name} has a scaling activity.")
    world.fleets.resize(pool.name, int(parameters["DesiredCapacity"]))
    return {}


OPERATIONS: Final[Mapping[str, Operation]] = {
    "DescribeAutoScalingGroups": describe_auto_scaling_groups,
    "SetDesiredCapacity": set_desired_capacity,
}
"""The operations of the sandbox's Auto Scaling, by their names in `Action`."""


perform: Final = partial(perform_operation, "Auto Scaling", OPERATIONS)
"""Carries out one operation, without HTTP."""


def auto_scaling_routes(world: World, access: Access) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_AUTO_SCALING` points to, below `/autoscaling`."""
    return aws_routes("/autoscaling", PROTOCOL, partial(perform, world), access)


def _group(pool: InstancePool) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": pool.name,
        "AutoScalingGroupARN": pool.arn,
        "MinSize": pool.minimum,
        "MaxSize": pool.maximum,
        "DesiredCapacity": pool.target,
        "DefaultCooldown": 0,
        "AvailabilityZones": pool.zones,
        "HealthCheckType": "EC2",
        "CreatedTime": datetime.fromtimestamp(0, UTC).isoformat(),
        "Instances": [_instance(instance) for instance in pool.instances if instance.ec2_id],
    }


def _instance(instance: FleetInstance) -> dict[str, Any]:
    return {
        "InstanceId": instance.ec2_id,
        "AvailabilityZone": instance.zone,
        "LifecycleState": instance.state,
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
    }
