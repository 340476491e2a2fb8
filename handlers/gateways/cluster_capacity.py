"""The container instances of a cluster, as ECS places tasks on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from handlers.domain.capacity.container_instance import ContainerInstance, Resources
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

MOST_INSTANCES: Final = 100
"""In one DescribeContainerInstances, and in a page of ListContainerInstances."""
_TYPE: Final = "ecs.instance-type"
_PROTOCOLS: Final = {"PORTS": "tcp", "PORTS_UDP": "udp"}


class Instances:
    """ECS's container instances in our words."""

    def __init__(self, client: "ECSClient") -> None:
        """Talk through this client."""
        self._client = client

    def active(self, cluster: str) -> list[ContainerInstance]:
        """Describe the instances that take tasks: ACTIVE, and with their agent connected.

        Raises:
            NotThere: the cluster does not exist.
        """
        with aws_errors(f"list container instances of {cluster}"):
            pages = self._client.get_paginator("list_container_instances").paginate(
                cluster=cluster, status="ACTIVE"
            )
            arns = [arn for page in pages for arn in page["containerInstanceArns"]]
        found = described(self._client, cluster, arns)
        return [_instance(each) for each in found if _takes(each)]


def described(client: "ECSClient", cluster: str, arns: Sequence[str]) -> list[Mapping[str, Any]]:
    """Describe container instances in ECS's words; those that are gone are left out."""
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(arns), MOST_INSTANCES):
        with aws_errors(f"describe container instances of {cluster}"):
            answer = client.describe_container_instances(
                cluster=cluster, containerInstances=list(arns[start : start + MOST_INSTANCES])
            )
        found += answer["containerInstances"]
    return found


def _takes(described: Mapping[str, Any]) -> bool:
    """Tell whether it takes tasks: its status may have changed since it was listed."""
    return described["status"] == "ACTIVE" and bool(described.get("agentConnected"))


def _instance(described: Mapping[str, Any]) -> ContainerInstance:
    attributes = {each["name"]: each.get("value", "") for each in described.get("attributes", ())}
    arn = described["containerInstanceArn"]
    return ContainerInstance(
        arn=arn,
        id=described.get("ec2InstanceId") or arn.rsplit("/", 1)[-1],
        type=attributes.get(_TYPE, "unknown type"),
        whole=_room(described["registeredResources"]),
        left=_room(described["remainingResources"]),
    )


def _room(resources: Iterable[Mapping[str, Any]]) -> Resources:
    """Read resources; their ports are those that are taken (API_ContainerInstance)."""
    by_name = {each["name"]: each for each in resources}
    taken = (
        f"{port}/{protocol}"
        for name, protocol in _PROTOCOLS.items()
        for port in by_name.get(name, {}).get("stringSetValue", ())
    )
    return Resources(
        cpu=by_name["CPU"]["integerValue"],
        memory=by_name["MEMORY"]["integerValue"],
        taken=frozenset(taken),
    )
