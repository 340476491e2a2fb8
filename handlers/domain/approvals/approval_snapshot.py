"""What people are shown when they are asked, and whether it still holds when they answer.

An approval is for what was shown. So it is bound to each color's deployment and, where a
color was shown healthy, to its being healthy at the moment of the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from handlers.domain.deployments.target_health import Finding, find
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import Rollout, Stage, short_name
from handlers.domain.model.service import Service, Target, Task


class Ecs(Protocol):
    """What gathering evidence needs of ECS."""

    def services(self, cluster: str, names: list[str]) -> dict[str, Service]: ...
    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]: ...


class LoadBalancers(Protocol):
    """What it needs of the load balancer."""

    def targets(self, target_group: str) -> list[Target]: ...


@dataclass(frozen=True, kw_only=True)
class ColorSnapshot:
    """What is seen of one color at one moment."""

    deployment: str
    runs: str
    verdict: str = ""
    """Of a color that is on the release; empty for one that is not yet."""
    detail: str = ""


def inspect_color(
    rollout: Rollout,
    color: str,
    service: Service | None,
    *,
    ecs: Ecs,
    balancers: LoadBalancers,
    settled: bool,
) -> Finding:
    """Gather what ECS and the load balancer say of a color on the release, and judge it."""
    progress = rollout.colors[color]
    active = service if service and service.active else None
    groups = {each.target_group for each in active.load_balancers} if active else set()
    return find(
        service=active,
        deployment=progress.deployment,
        revision=rollout.release.revision,
        tasks=ecs.tasks(progress.cluster, progress.service) if active else (),
        targets={group: balancers.targets(group) for group in groups},
        settled=settled,
    )


def take_snapshot(rollout: Rollout, ecs: Ecs, balancers: LoadBalancers) -> dict[str, ColorSnapshot]:
    """Look at every color: one call for the services, and a few for each that is released."""
    colors = rollout.colors.values()
    cluster = next(iter(colors)).cluster
    services = ecs.services(cluster, [color.service for color in colors])
    seen: dict[str, ColorSnapshot] = {}
    for color in colors:
        service = services.get(color.service)
        primary = service.primary if service else None
        found = None
        if color.stage is Stage.RELEASED:
            found = inspect_color(
                rollout, color.color, service, ecs=ecs, balancers=balancers, settled=True
            )
        seen[color.color] = ColorSnapshot(
            deployment=primary.id if primary else "",
            runs=primary.task_definition if primary else "",
            verdict=found.verdict if found else "",
            detail=found.detail if found else "",
        )
    return seen


def snapshot_differences(
    shown: Mapping[str, ColorSnapshot], now: Mapping[str, ColorSnapshot]
) -> list[str]:
    """Say what was shown and does not hold any more, a sentence each."""
    said = []
    for color, before in shown.items():
        after = now.get(color)
        if after is None or not after.deployment:
            # Shown like that, it is no news: else nobody could ever answer.
            said += [f"{color}'s service does not exist any more."] if before.deployment else []
        elif after.deployment != before.deployment:
            said.append(f"Someone changed {color}: it runs {short_name(after.runs)} now.")
        elif before.verdict == Verdict.HEALTHY and after.verdict != Verdict.HEALTHY:
            said.append(
                f"{color} was healthy and is {after.verdict.replace('_', ' ')} now: {after.detail}"
            )
    return said
