"""ECS's container instances: which EC2 instance is which, what runs there, and draining."""

from typing import TYPE_CHECKING, Final

from handlers.domain.model.errors import Refused
from handlers.gateways.aws_clients import aws_errors
from handlers.gateways.cluster_capacity import described

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

MOST_CHANGED: Final = 10
"""In one UpdateContainerInstancesState (API_UpdateContainerInstancesState)."""


class Hosts:
    """The instances of clusters in our words."""

    def __init__(self, client: "ECSClient") -> None:
        """Talk through this client."""
        self._client = client

    def active(self, cluster: str, ec2_instance: str) -> list[str]:
        """List the container instances of an EC2 instance that still take tasks, by ARN.

        Raises:
            NotThere: the cluster does not exist.
        """
        with aws_errors(f"look for {ec2_instance} in {cluster}"):
            pages = self._client.get_paginator("list_container_instances").paginate(
                cluster=cluster, filter=f"ec2InstanceId == {ec2_instance}", status="ACTIVE"
            )
            return [arn for page in pages for arn in page["containerInstanceArns"]]

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
        with aws_errors(f"list instances of {cluster}"):
            pages = self._client.get_paginator("list_container_instances").paginate(cluster=cluster)
            arns = [arn for page in pages for arn in page["containerInstanceArns"]]
        return {
            host["ec2InstanceId"]: host["runningTasksCount"] + host["pendingTasksCount"]
            for host in described(self._client, cluster, arns)
        }
