"""Whether a deployed color is healthy: its own tasks and its own targets, never the group's.

The three colors share a target group, whose counts would dilute a bad color to a third.
Nothing unmeasured counts as healthy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import short_name
from handlers.domain.model.service import LoadBalancer, RolloutState, Service, Target, Task

_UNHEALTHY: Final = "UNHEALTHY"
"""Of HealthStatus in botocore's model of ECS; UNKNOWN also where no container has a check."""


@dataclass(frozen=True, kw_only=True)
class HealthFinding:
    """A verdict, and one sentence of what it rests on."""

    verdict: Verdict
    detail: str


def judge_health(
    *,
    service: Service | None,
    deployment: str,
    revision: str,
    tasks: Sequence[Task],
    targets: Mapping[str, Sequence[Target]],
    settled: bool,
) -> HealthFinding:
    """Judge one color.

    Args:
        service: what ECS says of it.
        deployment: the id of our deployment.
        revision: the release's task definition.
        tasks: the service's running tasks.
        targets: target group → all its targets, of every color.
        settled: whether the time is over in which targets may still become healthy.
    """
    if service is None or not service.active:
        return HealthFinding(
            verdict=Verdict.UNHEALTHY, detail="The service does not exist any more."
        )
    primary = service.primary
    if primary is None or primary.id != deployment or primary.task_definition != revision:
        runs = short_name(primary.task_definition) if primary else "nothing"
        return HealthFinding(
            verdict=Verdict.UNHEALTHY, detail=f"Someone changed it: it runs {runs}."
        )
    if primary.state != RolloutState.COMPLETED:
        return _not_yet(settled, Verdict.UNHEALTHY, primary.reason or "Its deployment goes on.")
    serving = [task for task in tasks if task.status == "RUNNING"]
    own = [task for task in serving if task.task_definition == revision]
    if not own:
        return _not_yet(settled, Verdict.NO_DATA, "None of its tasks run.")
    others = len(serving) - len(own)
    return _judge_tasks(service, own, others, targets, settled=settled)


def _judge_tasks(
    service: Service,
    own: Sequence[Task],
    others: int,
    targets: Mapping[str, Sequence[Target]],
    *,
    settled: bool,
) -> HealthFinding:
    sick = sum(task.health == _UNHEALTHY for task in own)
    if sick:
        detail = f"{sick} of {len(own)} tasks fail their containers' health checks."
        return _not_yet(settled, Verdict.UNHEALTHY, detail)
    found = _judge_targets(service, own, targets, settled=settled)
    if others and found.verdict is Verdict.HEALTHY:
        detail = f"{others} tasks of another revision still serve beside {len(own)} of its own."
        return _not_yet(settled, Verdict.INCONCLUSIVE, detail)
    return found


def _judge_targets(
    service: Service, own: Sequence[Task], targets: Mapping[str, Sequence[Target]], *, settled: bool
) -> HealthFinding:
    wanted, bad, unknown = 0, [], 0
    for balancer in service.load_balancers:
        states = {target.endpoint: target for target in targets.get(balancer.target_group, ())}
        for task in own:
            wanted += 1
            found = [states[name] for name in _names(task, balancer) if name in states]
            unknown += not found
            bad += [target for target in found if target.state != "healthy"]
    starting = [target for target in bad if target.state == "initial"]
    # ECS starts a task more before it stops one, where that one has to leave its instance.
    if wanted - len(bad) - unknown >= service.desired * len(service.load_balancers):
        starting = []
    bad = [target for target in bad if target.state != "initial"]
    if bad:
        counts = ", ".join(
            sorted({f"{t.state} ({t.reason})" if t.reason else t.state for t in bad})
        )
        detail = f"{len(bad)} of {wanted} targets are not healthy: {counts}."
        return _not_yet(settled, Verdict.UNHEALTHY, detail)
    if unknown:
        detail = f"{unknown} of {wanted} tasks are not registered with the load balancer."
        return _not_yet(settled, Verdict.NO_DATA, detail)
    # Auto-scaling may have asked for more just now: no fault of the release, and no health either.
    # Tasks that fail to start are counted by a check of their own.
    if starting or len(own) < service.desired:
        begun = f", {len(starting)} of them only starting" if starting else ""
        detail = f"{len(own)} of {service.desired} tasks run{begun}."
        return _not_yet(settled, Verdict.INCONCLUSIVE, detail)
    running = f"{len(own)} of {service.desired} tasks run"
    detail = f"{running}, {wanted} targets healthy." if wanted else f"{running}."
    return HealthFinding(verdict=Verdict.HEALTHY, detail=detail)


def own_targets(
    service: Service, tasks: Sequence[Task], targets: Mapping[str, Sequence[Target]]
) -> list[Target]:
    """Pick this service's own targets from its target groups, which other colors share."""
    own: list[Target] = []
    for balancer in service.load_balancers:
        names = {name for task in tasks for name in _names(task, balancer)}
        own += [t for t in targets.get(balancer.target_group, ()) if t.endpoint in names]
    return own


def _names(task: Task, balancer: LoadBalancer) -> list[str]:
    """Name the task as this target group may: by host and host port, or by its own addresses."""
    return [
        end if ":" in end.rpartition("]")[2] else f"{end}:{balancer.port}" for end in task.endpoints
    ]


def _not_yet(settled: bool, verdict: Verdict, detail: str) -> HealthFinding:
    return HealthFinding(verdict=verdict if settled else Verdict.WATCHING, detail=detail)
