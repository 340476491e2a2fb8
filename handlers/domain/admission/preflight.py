"""Whether a rollout may start: not into an application that is unwell already.

Evidence would say nothing of the release then, ECS ignores an alarm that fires when a deployment
begins, and a rollback would go back to what is known to be bad.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from handlers.domain.config.applications import Application
from handlers.domain.deployments.target_health import find
from handlers.domain.model.measurements import Alarm, Unmeasured
from handlers.domain.model.outcomes import DeploymentOutcome, RolloutOutcome, Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, short_name
from handlers.domain.model.service import Service, Task
from handlers.domain.verification import checks
from handlers.domain.verification.observation import alarm_names
from handlers.domain.verification.observation_window import LoadBalancers

SEARCHED: Final = 50
"""Rollouts among which the last judgement of a revision is looked for."""
ALL_THE_SAME: Final = 'To start all the same, say why in the input: "despite": "…".'


class Ecs(Protocol):
    """What it needs of ECS."""

    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]: ...


class Alarms(Protocol):
    """What it needs of CloudWatch."""

    def alarms(self, names: Sequence[str]) -> dict[str, Alarm | Unmeasured]: ...


def unwell(
    colors: Mapping[str, ColorProgress],
    services: Mapping[str, Service],
    ecs: Ecs,
    balancers: LoadBalancers,
) -> list[str]:
    """Name the colors that are not healthy as they are, a sentence each."""
    groups = {lb.target_group for service in services.values() for lb in service.load_balancers}
    targets = {group: balancers.targets(group) for group in sorted(groups)}
    said = []
    for progress in colors.values():
        service = services[progress.service]
        found = find(
            service=service,
            deployment=service.primary.id if service.primary else "",
            revision=progress.previous,
            tasks=ecs.tasks(progress.cluster, progress.service),
            targets=targets,
            settled=True,
        )
        if found.verdict is not Verdict.HEALTHY:
            said.append(f"{progress.color} is not healthy: {found.detail}")
    return said


def alarmed(application: Application, alarms: Alarms) -> list[str]:
    """Name the alarms that fire, or that could not warn of anything, a sentence each."""
    names = [name for color in application.services for name in alarm_names(application, color)]
    seen = alarms.alarms(names) if names else {}
    results = [checks.alarm(name, seen[name], "") for name in dict.fromkeys(names)]
    return [f"{r.check}: {r.detail}" for r in results if r.verdict is not Verdict.HEALTHY]


def known_bad(revisions: Iterable[str], rollouts: Sequence[Rollout]) -> tuple[str, ...]:
    """Pick the revisions whose last judgement was that they are unhealthy.

    Args:
        revisions: task definition ARNs.
        rollouts: the application's, newest first.
    """
    return tuple(each for each in dict.fromkeys(revisions) if _is_bad(each, rollouts))


def judged_bad(revision: str) -> str:
    """Say that a revision was judged bad."""
    return f"{short_name(revision)} was found unhealthy by an earlier rollout."


def _is_bad(revision: str, rollouts: Sequence[Rollout]) -> bool:
    for rollout in rollouts:
        if rollout.release.revision != revision:
            continue
        if any(color.outcome == DeploymentOutcome.UNHEALTHY for color in rollout.colors.values()):
            return True
        if rollout.outcome == RolloutOutcome.COMPLETED:
            return False
    return False
