"""The checks before a rollout starts: is it allowed, is what runs healthy, is there room for tasks.

ECS, the load balancer and CloudWatch are asked here; `grant_check`, `preflight` and `headroom`
judge the answers.
"""

from collections.abc import Mapping
from dataclasses import replace

from handlers.domain.admission.grant_check import iam_of, ungranted
from handlers.domain.admission.preflight import alarm_problems, unhealthy_colors, watched_alarms
from handlers.domain.capacity.container_instance import ContainerInstance, Resources
from handlers.domain.capacity.headroom import (
    colors_without_headroom,
    is_full,
    measurable_colors,
    resources_after_stops,
    rolling_limits,
    why_unknown,
)
from handlers.domain.capacity.reservation import reservation_of
from handlers.domain.config.applications import Application
from handlers.domain.model.rollout import ColorProgress, Rollout
from handlers.domain.model.service import Service
from handlers.observability import logger
from handlers.services.context import Context
from handlers.services.release_plan import described_by_color


def grant_problems(context: Context, application: Application, rollout: Rollout) -> list[str]:
    """Name what the deployment does not allow of what colors run and are to run; often nothing.

    What is registered anew has the roles and the log group of what it is made from. Lines are
    looked for in the container of the release, whatever each color calls it.
    """
    grants, release = context.settings.grants, rollout.release
    if grants is None:
        return []
    revisions = [*(color.previous for color in rollout.colors.values()), *release.revisions]
    definitions = list(map(context.gateways.ecs.task_definition, dict.fromkeys(revisions)))
    names = {release.container_for(color, application.container) for color in rollout.colors}
    found = [
        problem
        for name in sorted(names)
        for problem in ungranted(
            definitions, replace(application, container=name), grants, iam_of(rollout.execution)
        )
    ]
    return list(dict.fromkeys(found))


def health_problems(
    context: Context,
    application: Application,
    colors: Mapping[str, ColorProgress],
    services: Mapping[str, Service],
) -> list[str]:
    """Name the colors that are not healthy as they are, and the alarms, a sentence each."""
    ecs, balancers = context.gateways.ecs, context.gateways.load_balancers
    groups = {lb.target_group for service in services.values() for lb in service.load_balancers}
    targets = {group: balancers.targets(group) for group in sorted(groups)}
    tasks = {each.color: ecs.tasks(each.cluster, each.service) for each in colors.values()}
    alarms = context.gateways.metrics.alarms(watched_alarms(application))
    return [*unhealthy_colors(colors, services, tasks, targets), *alarm_problems(alarms)]


def headroom_problems(
    context: Context, rollout: Rollout, services: Mapping[str, Service]
) -> list[str]:
    """Name the colors for whose new tasks there is no room, and log where that is not known."""
    for why in filter(None, map(why_unknown, services.values())):
        logger().info("room is not known: %s", why)
    colors = measurable_colors(rollout.colors, services)
    if not colors:
        return []
    made_of = {c: rollout.release.revision_for(c) or rollout.base_for(c) for c in rollout.colors}
    definitions = described_by_color(context.gateways.ecs, made_of)
    needs = {color: reservation_of(each) for color, each in definitions.items()}
    active = context.gateways.cluster_capacity.active(colors[0].cluster)
    freed = {
        each.color: _freed(context, each, services[each.service], active)
        for each in colors
        if is_full(needs[each.color], active)
    }
    return colors_without_headroom(colors, services, needs, active, freed)


def _freed(
    context: Context,
    color: ColorProgress,
    service: Service,
    active: list[ContainerInstance],
) -> list[Resources]:
    """Return what each instance has left at most, once ECS has stopped what it may."""
    stops, ecs = rolling_limits(service).stop, context.gateways.ecs
    if not stops:
        return []
    had = reservation_of(ecs.task_definition(color.previous))
    return resources_after_stops(active, had, ecs.tasks(color.cluster, color.service), stops)
