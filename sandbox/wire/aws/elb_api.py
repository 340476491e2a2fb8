"""The load balancer's query protocol over HTTP, answered by the world's target groups.

Tested in `tests/contract/wire/test_elb_wire.py`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.routing import Route

from sandbox.wire.aws.aws_query import QueryProtocol, members, structures
from sandbox.wire.aws.aws_routes import Access, Operation, aws_routes, perform_operation
from sandbox.world.target_groups import Target, TargetGroup
from sandbox.world.world import World
from sandbox.world.world_errors import TargetGroupNotFoundError

PROTOCOL: Final = QueryProtocol("http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/")

_NOT_REGISTERED = Target(
    "",
    0,
    "",
    "unused",
    "Target.NotRegistered",
    "Target is not registered to the target group",
)


def describe_target_health(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer DescribeTargetHealth, for all targets of a group or for those that are named."""
    group = world.target_group(parameters.get("TargetGroupArn", ""))
    named = structures(parameters, "Targets")
    if not named:
        shown = [_health(item.id, item.port, item) for item in group.targets.values()]
        return {"TargetHealthDescriptions": shown}
    shown = []
    for item in named:
        ident, port = item.get("Id", ""), int(item.get("Port", group.port))
        found = group.targets.get((ident, port), _NOT_REGISTERED)
        shown.append(_health(ident, port, found))
    return {"TargetHealthDescriptions": shown}


def describe_target_groups(world: World, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer DescribeTargetGroups, by ARN, by name, or all of them."""
    groups = world.target_groups
    found = [world.target_group(arn) for arn in members(parameters, "TargetGroupArns")]
    by_name = {item.name: item for item in groups.values()}
    for name in members(parameters, "Names"):
        if name not in by_name:
            raise TargetGroupNotFoundError("One or more target groups not found")
        found.append(by_name[name])
    asked = any(key.startswith(("TargetGroupArns.", "Names.")) for key in parameters)
    return {"TargetGroups": [_group(item) for item in (found if asked else groups.values())]}


OPERATIONS: Final[Mapping[str, Operation]] = {
    "DescribeTargetGroups": describe_target_groups,
    "DescribeTargetHealth": describe_target_health,
}
"""The operations of the sandbox's load balancer, by their names in `Action`."""


perform: Final = partial(perform_operation, "load balancer", OPERATIONS)
"""Carries out one operation, without HTTP."""


def elb_routes(world: World, access: Access) -> list[Route]:
    """Return the load balancer's routes, below `/elb`."""
    return aws_routes("/elb", PROTOCOL, partial(perform, world), access)


def _health(ident: str, port: int, target: Target) -> dict[str, Any]:
    health = {"State": target.state}
    if target.reason:
        health |= {"Reason": target.reason, "Description": target.description}
    where: dict[str, Any] = {"Id": ident, "Port": port}
    if target.zone:
        where["AvailabilityZone"] = target.zone
    return {"Target": where, "HealthCheckPort": str(port), "TargetHealth": health}


def _group(group: TargetGroup) -> dict[str, Any]:
    return {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": "HTTP",
        "Port": group.port,
        "VpcId": group.vpc,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "HealthCheckPath": group.health_check_path,
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [],
        "TargetType": group.kind,
        "ProtocolVersion": "HTTP1",
        "IpAddressType": "ipv4",
    }
