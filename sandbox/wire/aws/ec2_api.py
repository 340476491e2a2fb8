"""EC2's query protocol over HTTP, for spot fleets alone.

Tested in `tests/contract/wire/test_fleets_wire.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.routing import Route

from sandbox.wire.aws.aws_query import Ec2Protocol, numbered
from sandbox.wire.aws.aws_routes import Access, Operation, aws_routes, perform_operation
from sandbox.world.instance_fleets import InstancePool
from sandbox.world.world import World

PROTOCOL: Final = Ec2Protocol("http://ec2.amazonaws.com/doc/2016-11-15/")


def describe_spot_fleet_requests(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer DescribeSpotFleetRequests, for those that are named."""
    named = numbered(parameters, "SpotFleetRequestId")
    return {"spotFleetRequestConfigSet": [_request(world.fleets.pool(ident)) for ident in named]}


def modify_spot_fleet_request(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer ModifySpotFleetRequest: another target capacity."""
    ident = parameters.get("SpotFleetRequestId", "")
    world.fleets.resize(ident, int(parameters["TargetCapacity"]))
    return {"return": True}


def describe_fleets(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer DescribeFleets, for those that are named."""
    named = numbered(parameters, "FleetId")
    return {"fleetSet": [_fleet(world.fleets.pool(ident)) for ident in named]}


def modify_fleet(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer ModifyFleet: another target capacity."""
    target = parameters["TargetCapacitySpecification.TotalTargetCapacity"]
    world.fleets.resize(parameters.get("FleetId", ""), int(target))
    return {"return": True}


OPERATIONS: Final[Mapping[str, Operation]] = {
    "DescribeFleets": describe_fleets,
    "DescribeSpotFleetRequests": describe_spot_fleet_requests,
    "ModifyFleet": modify_fleet,
    "ModifySpotFleetRequest": modify_spot_fleet_request,
}
"""The operations of the sandbox's EC2, by their names in `Action`."""


perform: Final = partial(perform_operation, "EC2", OPERATIONS)
"""Carries out one operation, without HTTP."""


def ec2_routes(world: World, access: Access) -> list[Route]:
    """Return the routes that `AWS_ENDPOINT_URL_EC2` points to, below `/ec2`."""
    return aws_routes("/ec2", PROTOCOL, partial(perform, world), access)


def _request(pool: InstancePool) -> dict[str, Any]:
    return {
        "spotFleetRequestId": pool.name,
        "spotFleetRequestState": pool.state,
        "activityStatus": _activity(pool),
        "createTime": datetime.fromtimestamp(0, UTC).isoformat(),
        "spotFleetRequestConfig": {
            "allocationStrategy": "capacityOptimized",
            "targetCapacity": pool.target,
            "fulfilledCapacity": float(len(pool.in_service())),
            "iamFleetRole": "arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role",
            "type": "maintain",
        },
    }


def _fleet(pool: InstancePool) -> dict[str, Any]:
    return {
        "fleetId": pool.name,
        "fleetState": pool.state,
        "activityStatus": _activity(pool),
        "fulfilledCapacity": float(len(pool.in_service())),
        "targetCapacitySpecification": {"totalTargetCapacity": pool.target},
        "type": "maintain",
    }


def _activity(pool: InstancePool) -> str:
    is_full = len(pool.in_service()) >= pool.target
    return "fulfilled" if is_full else "pending_fulfillment"
