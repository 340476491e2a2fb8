"""Verify one deployed color: look once at its deployment, its tasks and its own targets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from handlers import runtime
from handlers.domain.applications import Application
from handlers.domain.health import Finding, find
from handlers.domain.outcomes import Outcome, Verdict
from handlers.domain.rollout import Rollout, Stage
from handlers.domain.service import Service, Target, Task
from handlers.domain.step import parse_step
from handlers.observe import about, count, traced
from handlers.slack import words


class Ecs(Protocol):
    def service(self, cluster: str, name: str) -> Service | None: ...
    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]: ...


class LoadBalancers(Protocol):
    def targets(self, target_group: str) -> list[Target]: ...


class Rollouts(Protocol):
    def change_color(
        self, rollout: str, color: str, *, now: datetime, **changes: object
    ) -> Rollout: ...


def look(
    rollout: Rollout,
    color: str,
    application: Application,
    *,
    ecs: Ecs,
    balancers: LoadBalancers,
    now: datetime,
) -> Finding:
    """Gather what ECS and the load balancer say of the color now, and judge it."""
    progress = rollout.colors[color]
    service = ecs.service(progress.cluster, progress.service)
    groups = {each.target_group for each in service.load_balancers} if service else set()
    return find(
        service=service,
        deployment=progress.deployment,
        revision=rollout.release.revision,
        tasks=ecs.tasks(progress.cluster, progress.service) if service else (),
        targets={group: balancers.targets(group) for group in groups},
        settled=now >= progress.times[Stage.VERIFYING] + application.settle,
    )


def note(
    rollout: Rollout, color: str, finding: Finding, rollouts: Rollouts, now: datetime
) -> Rollout:
    """Record the verdict, once it is one."""
    changes: dict[str, object] = {"detail": finding.detail}
    if finding.verdict is Verdict.HEALTHY:
        changes["stage"] = Stage.RELEASED
    elif finding.verdict is not Verdict.WATCHING:
        unhealthy = finding.verdict is Verdict.UNHEALTHY
        changes |= {"stage": Stage.FAILED, "failure": finding.detail}
        changes["outcome"] = Outcome.UNHEALTHY if unhealthy else Outcome.UNVERIFIED
    return rollouts.change_color(rollout.id, color, now=now, **changes)


def _verify_color(event: Mapping[str, Any]) -> dict[str, str]:
    step, now, rollouts = parse_step(event), runtime.now(), runtime.rollouts()
    rollout = rollouts.read(step.rollout)
    about(rollout, step.color)
    application = runtime.applications()[rollout.application]
    finding = look(
        rollout, step.color, application, ecs=runtime.ecs(), balancers=runtime.balancers(), now=now
    )
    rollout = note(rollout, step.color, finding, rollouts, now)
    count("Verdicts", verdict=finding.verdict, color=step.color, application=application.name)
    teller = runtime.teller()
    rollout = teller.show(rollout)
    if finding.verdict is not Verdict.WATCHING:
        teller.say(rollout, words.verified(step.color, finding.verdict, finding.detail))
    return {"verdict": finding.verdict}


lambda_handler = traced(_verify_color)
