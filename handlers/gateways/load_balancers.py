"""The load balancer: the health of the targets of a target group.

Tested in `test_smaller_gateways.py`.
"""

from typing import TYPE_CHECKING

from handlers.domain.model.service import Target, endpoint
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


class LoadBalancers:
    def __init__(self, client: "ElasticLoadBalancingv2Client") -> None:
        self._client = client

    def targets(self, target_group: str) -> list[Target]:
        """Describe the health of all targets of a group."""
        with aws_errors(f"describe target health of {target_group}"):
            answer = self._client.describe_target_health(TargetGroupArn=target_group)
        return [
            Target(
                endpoint=endpoint(each["Target"]["Id"], each["Target"].get("Port", "")),
                state=each["TargetHealth"]["State"],
                reason=each["TargetHealth"].get("Description", "")
                or each["TargetHealth"].get("Reason", ""),
            )
            for each in answer["TargetHealthDescriptions"]
        ]
