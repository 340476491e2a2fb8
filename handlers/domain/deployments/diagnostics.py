"""Why a color is in trouble, in the words of those who saw it: ECS and the load balancer."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from handlers.domain.deployments.stop_causes import StopCause, stop_cause
from handlers.domain.deployments.target_health import own_targets
from handlers.domain.model.service import Service, Target, Task

MOST_REASONS: Final = 4
"""Different reasons told; the board is read on a phone."""

_TELLING: Final = (" is unhealthy in ", "unable to ", "was unable", "failed ")
_SUBJECT: Final = re.compile(r"\(service \S+\) ?|\((task|instance|port) \S+\) ?")
_ROUTINE: Final = "Scaling activity initiated by"
"""Why ECS stops a task that it no longer needs; not a reason for trouble."""


def deployment_reasons(
    service: Service,
    deployment: str,
    stopped: Sequence[Task],
    running: Sequence[Task],
    targets: Mapping[str, Sequence[Target]],
) -> list[str]:
    """Say why a deployment got no further.

    Args:
        service: what ECS says of it.
        deployment: ECS's id of the deployment.
        stopped: the service's tasks that stopped of late.
        running: those that run.
        targets: target group → all its targets, of every color.
    """
    reasons = stopped_reasons(stopped, deployment)
    reasons += target_reasons(own_targets(service, running, targets))
    return reasons + telling_events(service.events)


def stopped_reasons(tasks: Iterable[Task], deployment: str) -> list[str]:
    """Count the reasons for which the tasks of one deployment stopped."""
    reasons = Counter(
        task.stopped_reason
        for task in tasks
        if task.started_by == deployment
        and task.status == "STOPPED"
        and task.stopped_reason
        and not task.stopped_reason.startswith(_ROUTINE)
    )
    return [f"{reason} ({count}x)" for reason, count in reasons.most_common(MOST_REASONS)]


def failed_since(tasks: Iterable[Task], deployment: str, since: datetime) -> list[Task]:
    """List the tasks of one deployment that ended by their own fault since then."""
    return _stopped_since(tasks, deployment, since, {StopCause.RELEASE})


def unclear_since(tasks: Iterable[Task], deployment: str, since: datetime) -> list[Task]:
    """List those that AWS's own trouble ended since then, or a reason that nobody knows."""
    return _stopped_since(tasks, deployment, since, {StopCause.PLATFORM, StopCause.UNKNOWN})


def moved_since(tasks: Iterable[Task], deployment: str, since: datetime) -> list[Task]:
    """List the tasks of one deployment that had to leave their instance since then, or have to."""
    return [
        task
        for task in tasks
        if task.started_by == deployment
        and stop_cause(task) is StopCause.MOVED
        and (task.stopped_at is None or task.stopped_at >= since)
    ]


def _stopped_since(
    tasks: Iterable[Task], deployment: str, since: datetime, causes: Collection[StopCause]
) -> list[Task]:
    return [
        task
        for task in tasks
        if task.started_by == deployment
        and task.stopped_at is not None
        and task.stopped_at >= since
        and stop_cause(task) in causes
    ]


def target_reasons(targets: Iterable[Target]) -> list[str]:
    """Count the reasons for which targets are not healthy."""
    reasons = Counter(
        f"target {target.state}: {target.reason or 'no reason given'}"
        for target in targets
        if target.state == "unhealthy"
    )
    return [f"{reason} ({count}x)" for reason, count in reasons.most_common(MOST_REASONS)]


def telling_events(messages: Iterable[str]) -> list[str]:
    """Pick what ECS said of tasks that could not be placed, started or kept healthy."""
    telling = (m for m in messages if any(sign in m for sign in _TELLING))
    return list(dict.fromkeys(_SUBJECT.sub("", message).rstrip(".") for message in telling))[:1]


def sentence(*parts: str) -> str:
    """Join what there is to say, each part closed by a full stop."""
    return " ".join(
        part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )
