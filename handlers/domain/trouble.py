"""Why a color is in trouble, in the words of those who saw it: ECS and the load balancer."""

from collections import Counter
from collections.abc import Iterable

from handlers.domain.service import Target, Task

MOST_REASONS = 4
"""Different reasons told; the board is read on a phone."""


def stopped_reasons(tasks: Iterable[Task], deployment: str) -> list[str]:
    """Count the reasons for which the tasks of one deployment stopped."""
    reasons = Counter(
        task.stopped_reason
        for task in tasks
        if task.started_by == deployment and task.status == "STOPPED" and task.stopped_reason
    )
    return [f"{reason} ({count}x)" for reason, count in reasons.most_common(MOST_REASONS)]


def target_reasons(targets: Iterable[Target]) -> list[str]:
    """Count the reasons for which targets are not healthy."""
    reasons = Counter(
        f"target {target.state}: {target.reason or 'no reason given'}"
        for target in targets
        if target.state == "unhealthy"
    )
    return [f"{reason} ({count}x)" for reason, count in reasons.most_common(MOST_REASONS)]


def sentence(*parts: str) -> str:
    """Join what there is to say, each part closed by a full stop."""
    return " ".join(
        part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )
