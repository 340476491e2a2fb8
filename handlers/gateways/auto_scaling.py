"""Auto Scaling groups: the instances in service, and how many there should be.

Tested in `test_spot_fleets.py`.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from handlers.domain.capacity.spot_policy import Fleet
from handlers.domain.model.errors import NotThere
from handlers.gateways.aws_clients import aws_errors

_UNDER_WAY: Final = "ScalingActivityInProgress"
_IN_SERVICE: Final = "InService"


class AutoScaling(Protocol):
    """What is needed of boto3's client."""

    def describe_auto_scaling_groups(self, **asked: object) -> Mapping[str, Any]: ...

    def set_desired_capacity(self, **asked: object) -> Mapping[str, Any]: ...


class AutoScalingGroups:
    def __init__(self, client: AutoScaling) -> None:
        self._client = client

    def instances(self, group: str) -> dict[str, bool]:
        """Say of each instance of a group, by EC2 id, whether it is in service.

        Raises:
            NotThere: there is no such group.
        """
        found = self._described(group)["Instances"]
        return {each["InstanceId"]: each["LifecycleState"] == _IN_SERVICE for each in found}

    def describe(self, group: str) -> Fleet:
        """Describe a group as a fleet.

        Raises:
            NotThere: there is no such group.
        """
        found = self._described(group)
        present = [i for i in found["Instances"] if i["LifecycleState"] == _IN_SERVICE]
        return Fleet(
            target=found["DesiredCapacity"],
            fulfilled=sum(float(each.get("WeightedCapacity", 1)) for each in present),
            # Only a group that is being deleted has a status (API_AutoScalingGroup).
            busy="it is being deleted" if found.get("Status") else "",
            least=found["MinSize"],
            most=found["MaxSize"],
        )

    def resize(self, group: str, target: int) -> bool:
        """Set its desired capacity; False, and nothing changed, while it scales or cools down."""
        with aws_errors(f"resize {group}"):
            try:
                self._client.set_desired_capacity(
                    AutoScalingGroupName=group, DesiredCapacity=target, HonorCooldown=True
                )
            except ClientError as error:
                if error.response["Error"].get("Code") != _UNDER_WAY:
                    raise
                return False
        return True

    def _described(self, group: str) -> Mapping[str, Any]:
        with aws_errors(f"describe Auto Scaling group {group}"):
            answer = self._client.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        if not answer["AutoScalingGroups"]:
            raise NotThere(f"describe Auto Scaling group {group}: there is none")
        found: Mapping[str, Any] = answer["AutoScalingGroups"][0]
        return found
