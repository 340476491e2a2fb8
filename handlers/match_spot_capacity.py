"""Let a spot fleet follow its on-demand group, when that changes and now and then.

The event is only a hint to look: how many instances are in service is asked for. The target is
set, not added to, so that a doubled event changes nothing; a lost one is repaired by the schedule.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers import runtime
from handlers.domain.capacity.spot_policy import Fleet, next_target, units_needed_by_tasks
from handlers.domain.config.clusters import Cluster, SpotSettings
from handlers.domain.model.errors import ShingoError
from handlers.observability import count, logger, traced
from handlers.services.context import Context
from handlers.services.rollout_lock import holder


def match(context: Context, cluster: str, spot: SpotSettings) -> None:
    """Bring one cluster's spot fleet to what the policy says."""
    fleets = context.gateways.spot_fleets(spot.kind)
    on_demand = context.gateways.auto_scaling.instances(spot.on_demand)
    in_service = sum(on_demand.values())
    fleet = fleets.describe(spot.target)
    move = next_target(spot.policy, in_service, fleet)
    if move.after < move.before:
        needed = _needed(context, cluster, fleet, on_demand)
        move = next_target(spot.policy, in_service, fleet, needed)
    said = {"cluster": cluster, "from": move.before, "to": move.after, "why": move.why}
    if not move.is_change:
        logger().info("spot target kept", extra=said)
    elif spot.dry_run:
        logger().info("spot target would be set", extra=said)
    elif fleets.resize(spot.target, move.after):
        logger().info("spot target set", extra=said)
        count("SpotTarget", move.after, Cluster=cluster)
    else:
        logger().info("spot target kept: it is being changed", extra=said)


def _needed(context: Context, cluster: str, fleet: Fleet, on_demand: Iterable[str]) -> int:
    """Say below what the target must not go: nothing, unless a rollout is open in the cluster."""
    if not _is_being_rolled_out(context, cluster):
        return 0
    return units_needed_by_tasks(
        fleet, context.gateways.container_instances.tasks(cluster), on_demand
    )


def _is_being_rolled_out(context: Context, cluster: str) -> bool:
    applications = context.settings.applications.values()
    return any(a.cluster == cluster and holder(context, a.name) for a in applications)


def _is_meant(cluster: Cluster, event: Mapping[str, Any]) -> bool:
    """Whether an event is about a cluster: the schedule's is about all of them."""
    group = event.get("detail", {}).get("AutoScalingGroupName")
    return cluster.spot is not None and group in {None, cluster.spot.on_demand}


def _match_spot_capacity(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    faults = []
    for cluster in context.settings.clusters.values():
        if cluster.spot is None or not _is_meant(cluster, event):
            continue
        try:
            match(context, cluster.name, cluster.spot)
        except ShingoError as fault:  # one cluster's trouble is not another's
            faults.append(fault)
            logger().warning("not matched", extra={"cluster": cluster.name, "why": str(fault)})
    if faults:
        raise faults[0]


lambda_handler = traced(_match_spot_capacity)
