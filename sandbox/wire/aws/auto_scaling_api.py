"""Auto Scaling's query protocol over HTTP, answered by the world's groups."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from threading import RLock
from typing import Any, Final

from starlette.routing import Route

from sandbox.wire.aws import aws_query
from sandbox.wire.aws.query_routes import Dialect, Operation, carry_out, query_routes
from sandbox.wire.fault_injection import Seam, WireError
from sandbox.world.instance_fleets import FleetInstance, InstancePool
from sandbox.world.world import World

DIALECT: Final = Dialect(namespace="http://autoscaling.amazonaws.com/doc/2011-01-01/")


def describe_auto_scaling_groups(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer DescribeAutoScalingGroups; a group that does not exist is left out."""
    names = aws_query.members(parameters, "AutoScalingGroupNames")
    groups = [pool for pool in world.fleets.pools.values() if not pool.is_spot]
    return {"AutoScalingGroups": [_group(p) for p in groups if p.name in names or not names]}


def set_desired_capacity(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer SetDesiredCapacity, which a group that still scales refuses if asked to."""
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
"""What the sandbox's Auto Scaling can do, by the name that `Action` has."""


def perform(world: World, action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Carry out one action.

    Raises:
        WireError: AWS would refuse it, or the sandbox does not know it.
    """
    return carry_out("Auto Scaling", OPERATIONS, world, action, parameters)


def auto_scaling_routes(
    world: World, lock: RLock, tick: Callable[[], None], seam: Seam | None = None
) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_AUTO_SCALING` points to, below `/autoscaling`."""
    used = seam or Seam()
    return query_routes(
        "/autoscaling", DIALECT, partial(perform, world), lock=lock, tick=tick, seam=used
    )


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
