"""What people are shown when they are asked, and whether it still holds when they answer.

An approval is for what was shown. So it is bound to each color's deployment and, where a
color was shown healthy, to its being healthy at the moment of the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.domain.deployments.target_health import judge_health
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from handlers.domain.model.service import Service, Target, Task


@dataclass(frozen=True, kw_only=True)
class ColorSnapshot:
    """What is seen of one color at one moment."""

    deployment: str
    runs: str
    verdict: str = ""
    """Of a color that is on the release; empty for one that is not yet."""
    detail: str = ""


def color_snapshot(
    rollout: Rollout,
    color: ColorProgress,
    service: Service | None,
    *,
    tasks: Sequence[Task],
    targets: Mapping[str, Sequence[Target]],
) -> ColorSnapshot:
    """Say what is seen of a color; its health is judged once it is on the release.

    Args:
        rollout: its record.
        color: the color's.
        service: what ECS says of it.
        tasks: its running tasks, of a released color.
        targets: target group → all its targets, likewise.
    """
    primary = service.primary if service else None
    found = None
    if color.stage is Stage.RELEASED:
        found = judge_health(
            service=service,
            deployment=color.deployment,
            revision=rollout.release.revision_for(color.color),
            tasks=tasks,
            targets=targets,
            settled=True,
        )
    return ColorSnapshot(
        deployment=primary.id if primary else "",
        runs=primary.task_definition if primary else "",
        verdict=found.verdict if found else "",
        detail=found.detail if found else "",
    )


def snapshot_differences(
    shown: Mapping[str, ColorSnapshot], now: Mapping[str, ColorSnapshot]
) -> list[str]:
    """Say what was shown and does not hold any more, a sentence each."""
    parts = []
    for color, before in shown.items():
        after = now.get(color)
        if after is None or not after.deployment:
            # Shown like that, it is no news: else nobody could ever answer.
            parts += [f"{color}'s service does not exist any more."] if before.deployment else []
        elif after.deployment != before.deployment:
            parts.append(f"Someone changed {color}: it runs {short_name(after.runs)} now.")
        elif before.verdict == Verdict.HEALTHY and after.verdict != Verdict.HEALTHY:
            parts.append(
                f"{color} was healthy and is {after.verdict.replace('_', ' ')} now: {after.detail}"
            )
    return parts
