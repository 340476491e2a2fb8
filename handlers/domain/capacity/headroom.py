"""Whether a cluster has room for a color's new tasks at all, before anybody is asked about it.

A rolling deployment needs a place for one new task to begin with: beside the old ones where
`maximumPercent` lets it, or where an old one was that `minimumHealthyPercent` lets ECS stop first
(API_DeploymentConfiguration). Each that becomes healthy lets one more of the old ones go.

Only what is certain is refused. Attributes, constraints, GPUs and network interfaces could rule
out more instances, and are not looked at. Where instances may come by themselves (capacity
providers), or there are none (Fargate), nothing is known of room, and nothing is refused.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.domain.capacity.container_instance import ContainerInstance, Resources
from handlers.domain.capacity.reservation import Reservation
from handlers.domain.model.rollout import ColorProgress
from handlers.domain.model.service import Service, Task


@dataclass(frozen=True, kw_only=True)
class RollingLimits:
    """How many tasks a rolling deployment may start, and stop, to begin with."""

    start: int
    stop: int


def rolling_limits(service: Service) -> RollingLimits:
    """Work it out; ECS rounds the most down and the least up."""
    most = service.desired * service.maximum_percent // 100
    least = math.ceil(service.desired * service.minimum_healthy_percent / 100)
    return RollingLimits(start=max(most - service.running, 0), stop=max(service.running - least, 0))


def why_unknown(service: Service) -> str:
    """Say why nothing is known of a service's room; nothing where it can be looked at."""
    if service.capacity_providers:
        return f"{service.name} is placed by {', '.join(service.capacity_providers)}"
    if service.launch_type != "EC2":
        return f"{service.name} has no instances (launch type {service.launch_type or 'unknown'})"
    if service.strategy != "ROLLING":
        return f"{service.name} is deployed by {service.strategy}"
    return ""


def measurable_colors(
    colors: Mapping[str, ColorProgress], services: Mapping[str, Service]
) -> list[ColorProgress]:
    """List the colors of whose headroom something can be known."""
    return [each for each in colors.values() if not why_unknown(services[each.service])]


def colors_without_headroom(
    colors: Sequence[ColorProgress],
    services: Mapping[str, Service],
    needs: Mapping[str, Reservation],
    active: Sequence[ContainerInstance],
    freed: Mapping[str, Sequence[Resources]],
) -> list[str]:
    """Name the colors for which there is no room, a sentence for those with the same reason.

    Args:
        colors: all of one cluster.
        services: by name.
        needs: color → what one new task of it reserves.
        active: the cluster's instances.
        freed: color → what they could have left, at most, once ECS has stopped what it may.
    """
    found: dict[str, list[str]] = {}
    for progress in colors:
        service, left = services[progress.service], freed.get(progress.color, ())
        need = needs[progress.color]
        why = placement_obstacle(service, rolling_limits(service), need, active, left)
        if why:
            found.setdefault(why, []).append(progress.color)
    return [f"{', '.join(names)}: {why}" for why, names in found.items()]


def placement_obstacle(
    service: Service,
    allowed: RollingLimits,
    need: Reservation,
    active: Sequence[ContainerInstance],
    freed: Sequence[Resources],
) -> str:
    """Say why no new task of a service can be placed; nothing where one can.

    Args:
        service: as it is now.
        allowed: what its deployment may do.
        need: what one new task reserves.
        active: the cluster's instances.
        freed: what they could have left, at most, once ECS has stopped what it may.
    """
    bounds = (
        f"maximumPercent {service.maximum_percent} and "
        f"minimumHealthyPercent {service.minimum_healthy_percent}"
    )
    if not allowed.start and not allowed.stop:
        return f"{bounds} let ECS neither start nor stop a task, with {service.desired} desired."
    if not is_full(need, active) or any(room.fits(need) for room in freed):
        return ""
    text = f"one more task needs {need}, and no instance of {service.cluster} has that left."
    text += f" {_best_instance(need, active)}"
    if allowed.stop:
        return f"{text} Nor would it have with what {bounds} let ECS stop first."
    return f"{text} {bounds} let ECS stop nothing first."


def resources_after_stops(
    active: Sequence[ContainerInstance], had: Reservation, tasks: Sequence[Task], stops: int
) -> list[Resources]:
    """Return what each instance has left at most, once ECS has stopped what it may.

    Args:
        active: the cluster's instances.
        had: what one task that may be stopped reserves.
        tasks: those that run.
        stops: how many of them ECS may stop.
    """
    on = Counter(task.container_instance for task in tasks)
    return [each.remaining.plus_stopped(had, min(stops, on[each.arn])) for each in active]


def is_full(need: Reservation, active: Sequence[ContainerInstance]) -> bool:
    """Tell whether no instance has room for one more task."""
    return not any(each.remaining.fits(need) for each in active)


def _best_instance(need: Reservation, active: Sequence[ContainerInstance]) -> str:
    if not active:
        return "It has no instance that takes tasks."

    def share(instance: ContainerInstance) -> tuple[float, bool]:
        left = instance.remaining
        covered = min(left.cpu / max(need.cpu, 1), left.memory / max(need.memory, 1), 1)
        return covered, left.used_ports.isdisjoint(need.ports)

    best = max(active, key=share)
    left = Reservation(cpu=best.remaining.cpu, memory=best.remaining.memory)
    clash = sorted(best.remaining.used_ports & need.ports)
    taken = f", and port {', '.join(clash)} taken" if clash else ""
    return f"The best, {best.id} ({best.type}), has {left}{taken}."
