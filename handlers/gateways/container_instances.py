"""ECS's container instances: what they have and have left, what runs there, and draining."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from handlers.domain.capacity.container_instance import ContainerInstance, Resources
from handlers.domain.model.errors import Refused
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

MOST_INSTANCES: Final = 100
"""In one DescribeContainerInstances, and in a page of ListContainerInstances."""
MOST_CHANGED: Final = 10
"""In one UpdateContainerInstancesState (API_UpdateContainerInstancesState)."""
_TYPE: Final = "ecs.instance-type"
_PROTOCOLS: Final = {"PORTS": "tcp", "PORTS_UDP": "udp"}


class ContainerInstances:
    def __init__(self, client: "ECSClient") -> None:
        self._client = client

    def active(self, cluster: str) -> list[ContainerInstance]:
        """Describe the instances that take tasks: ACTIVE, and with their agent connected.

        Raises:
            NotThere: the cluster does not exist.
        """
        arns = self._listed(f"list container instances of {cluster}", cluster, status="ACTIVE")
        found = described(self._client, cluster, arns)
        return [_instance(each) for each in found if _takes(each)]

    def active_on(self, cluster: str, ec2_instance: str) -> list[str]:
        """List the container instances of an EC2 instance that still take tasks, by ARN.

        Raises:
            NotThere: the cluster does not exist.
        """
        ours = f"ec2InstanceId == {ec2_instance}"
        what = f"look for {ec2_instance} in {cluster}"
        return self._listed(what, cluster, filter=ours, status="ACTIVE")

    def drain(self, cluster: str, arns: list[str]) -> None:
        """Have ECS place nothing more on container instances, and move their tasks away.

        One that is gone by now is passed over.

        Raises:
            Refused: ECS did not change one of them.
        """
        failures = []
        for start in range(0, len(arns), MOST_CHANGED):
            batch = arns[start : start + MOST_CHANGED]
            with aws_errors(f"drain instances of {cluster}"):
                answer = self._client.update_container_instances_state(
                    cluster=cluster, containerInstances=batch, status="DRAINING"
                )
            failures += [each for each in answer["failures"] if each.get("reason") != "MISSING"]
        if failures:
            said = ", ".join(f"{each.get('arn')}: {each.get('reason')}" for each in failures)
            raise Refused(f"drain instances of {cluster}: {said}")

    def tasks(self, cluster: str) -> dict[str, int]:
        """Count the tasks of each EC2 instance of a cluster, those on their way included."""
        arns = self._listed(f"list instances of {cluster}", cluster)
        return {
            each["ec2InstanceId"]: each["runningTasksCount"] + each["pendingTasksCount"]
            for each in described(self._client, cluster, arns)
        }

    def _listed(self, what: str, cluster: str, **narrowed: Any) -> list[str]:  # noqa: ANN401  (the client's own parameters)
        with aws_errors(what):
            listing = self._client.get_paginator("list_container_instances")
            pages = listing.paginate(cluster=cluster, **narrowed)
            return [arn for page in pages for arn in page["containerInstanceArns"]]


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
        registered=_resources(described["registeredResources"]),
        remaining=_resources(described["remainingResources"]),
    )


def _resources(resources: Iterable[Mapping[str, Any]]) -> Resources:
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
        used_ports=frozenset(taken),
    )
