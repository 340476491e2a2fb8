"""Whether a rollout may start: not into an application that is unwell already.

Evidence would say nothing of the release then, ECS ignores an alarm that fires when a deployment
begins, and a rollback would go back to what is known to be bad.

Tested in `test_prepare_unwell.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from handlers.domain.config.applications import Application
from handlers.domain.deployments.target_health import judge_health
from handlers.domain.model.measurements import Alarm, Unmeasured
from handlers.domain.model.outcomes import DeploymentOutcome, RolloutOutcome, Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, by_turn
from handlers.domain.model.service import Service, Target, Task
from handlers.domain.verification import checks
from handlers.domain.verification.color_observation import alarm_names

SEARCHED: Final = 50
"""Rollouts among which the last judgement of a revision is looked for."""
ALL_THE_SAME: Final = 'To start all the same, say why in the input: "despite": "…".'


def unhealthy_colors(
    colors: Mapping[str, ColorProgress],
    services: Mapping[str, Service],
    tasks: Mapping[str, Sequence[Task]],
    targets: Mapping[str, Sequence[Target]],
) -> list[str]:
    """Name the colors that are not healthy as they are, a sentence each.

    Args:
        colors: as they are recorded when the rollout starts.
        services: by name.
        tasks: color → the running tasks of its service.
        targets: target group → all its targets.
    """
    said = []
    for progress in colors.values():
        service = services[progress.service]
        found = judge_health(
            service=service,
            deployment=service.primary.id if service.primary else "",
            revision=progress.previous,
            tasks=tasks[progress.color],
            targets=targets,
            settled=True,
        )
        if found.verdict is not Verdict.HEALTHY:
            said.append(f"{progress.color} is not healthy: {found.detail}")
    return said


def watched_alarms(application: Application) -> list[str]:
    """Name the alarms of all colors, each once."""
    names = (name for color in application.services for name in alarm_names(application, color))
    return list(dict.fromkeys(names))


def alarm_problems(alarms: Mapping[str, Alarm | Unmeasured]) -> list[str]:
    """Name the alarms that fire, or that could not warn of anything, a sentence each."""
    results = [checks.alarm(name, seen, "") for name, seen in alarms.items()]
    return [f"{r.check}: {r.detail}" for r in results if r.verdict is not Verdict.HEALTHY]


def known_bad(revisions: Iterable[str], rollouts: Sequence[Rollout]) -> tuple[str, ...]:
    """Pick the revisions whose last judgement was that they are unhealthy.

    Args:
        revisions: task definition ARNs.
        rollouts: the application's.
    """
    last_first = by_turn(rollouts)
    return tuple(each for each in dict.fromkeys(revisions) if _is_bad(each, last_first))


def _is_bad(revision: str, rollouts: Sequence[Rollout]) -> bool:
    for rollout in rollouts:
        # One of its colors found unhealthy condemns the release, by whatever revision it came.
        if revision not in rollout.release.revisions:
            continue
        if any(color.outcome == DeploymentOutcome.UNHEALTHY for color in rollout.colors.values()):
            return True
        if rollout.outcome == RolloutOutcome.COMPLETED:
            return False
    return False
