"""Drain the container instance of an EC2 instance that is about to be interrupted.

EC2 warns two minutes ahead. An instance that is in no configured cluster is none of ours, and
one that drains already is not found any more, so that a doubled warning changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from handlers import runtime
from handlers.domain.model.errors import ShingoError
from handlers.observability import count, logger, traced
from handlers.services.context import Context

RECOMMENDATION: Final = "EC2 Instance Rebalance Recommendation"


def drain(context: Context, cluster: str, instance: str, warned: datetime) -> None:
    """Drain an EC2 instance in one cluster, if it is there and takes tasks."""
    instances = context.gateways.container_instances
    found = instances.active_on(cluster, instance)
    if not found:
        return
    instances.drain(cluster, found)
    late = (context.now() - warned).total_seconds()
    logger().info("draining", extra={"cluster": cluster, "instance": instance, "seconds": late})
    count("DrainDelay", late, "Seconds", Cluster=cluster)


def _drain_spot_instance(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    instance = event["detail"]["instance-id"]
    is_recommended = event["detail-type"] == RECOMMENDATION
    faults = []
    for cluster in context.settings.clusters.values():
        if is_recommended and not cluster.drain_on_rebalance:
            continue
        try:
            drain(context, cluster.name, instance, datetime.fromisoformat(event["time"]))
        except ShingoError as fault:  # it may be in another cluster, and time is short
            faults.append(fault)
            logger().warning("not drained", extra={"cluster": cluster.name, "why": str(fault)})
    if faults:
        raise faults[0]


lambda_handler = traced(_drain_spot_instance)
