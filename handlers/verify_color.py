"""Verify one deployed color: look once at its deployment, its tasks and its own targets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from handlers import runtime
from handlers.domain.audit import Entry, Kind, by_machine
from handlers.domain.evidence import look
from handlers.domain.health import Finding
from handlers.domain.outcomes import Outcome, Verdict
from handlers.domain.rollout import Rollout, Stage
from handlers.domain.step import parse_step
from handlers.observe import about, count, traced
from handlers.slack import words


class Rollouts(Protocol):
    def change_color(
        self, rollout: str, color: str, *, now: datetime, **changes: object
    ) -> Rollout: ...


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


def _noted(rollout: Rollout, color: str, finding: Finding, now: datetime) -> Entry:
    said = f"{finding.verdict}: {finding.detail}"
    once = f"{rollout.colors[color].deployment}:{finding.verdict}"
    return by_machine(rollout, Kind.VERIFIED, now, color=color, detail=said, once=once)


def _verify_color(event: Mapping[str, Any]) -> dict[str, str]:
    step, now, rollouts = parse_step(event), runtime.now(), runtime.rollouts()
    rollout = rollouts.read(step.rollout)
    about(rollout, step.color)
    if rollout.roll_back_asked:
        return {"verdict": Outcome.ROLL_BACK}
    application = runtime.applications()[rollout.application]
    progress = rollout.colors[step.color]
    finding = look(
        rollout,
        step.color,
        runtime.ecs().service(progress.cluster, progress.service),
        ecs=runtime.ecs(),
        balancers=runtime.balancers(),
        settled=now >= progress.times[Stage.VERIFYING] + application.settle,
    )
    rollout = note(rollout, step.color, finding, rollouts, now)
    count("Verdicts", verdict=finding.verdict, color=step.color, application=application.name)
    teller = runtime.teller()
    rollout = teller.show(rollout)
    if finding.verdict is not Verdict.WATCHING:
        runtime.audit().note(_noted(rollout, step.color, finding, now))
        teller.say(rollout, words.verified(step.color, finding.verdict, finding.detail))
    return {"verdict": finding.verdict}


lambda_handler = traced(_verify_color)
