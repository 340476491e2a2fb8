"""Whether a deployment has done what was asked: identity, never stability.

A service that is stable because ECS put the old revision back, because someone else
deployed, or because it was scaled to zero is stable and not deployed. So what counts is
*our* deployment, by the id in UpdateService's response, on *our* revision, with tasks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import short_name
from handlers.domain.model.service import Deployment, RolloutState, Service, ServiceDeployment


@dataclass(frozen=True, kw_only=True)
class ExpectedDeployment:
    """What is waited for: this deployment, on this revision, before this time."""

    deployment: str
    revision: str
    previous: str
    """What a rollback by ECS would return to."""
    deadline: datetime


@dataclass(frozen=True, kw_only=True)
class DeploymentEnd:
    """How it ended, and ECS's own words for why."""

    outcome: DeploymentOutcome
    detail: str = ""


_BY_HAND: Final = re.compile(
    r"\b(user|customer|operator|caller|manual\w*|request\w*|stop\w*|cancel\w*|abort\w*|API"
    r"|StopServiceDeployment)\b",
    re.IGNORECASE,
)
"""Texts of a rollback that somebody asked for. StopServiceDeployment always rolls back
(API_StopServiceDeployment), and AWS publishes nowhere what it then says of why."""
_BY_ECS: Final = re.compile(r"circuit breaker|\balarms?\b|\bhooks?\b|\binvalid\b", re.IGNORECASE)
"""Texts of ECS's own rollbacks: "Service deployment rolled back because the circuit breaker
threshold was exceeded." (acceptance tests of Terraform's AWS provider), "… because of invalid
networking configuration: …" (ECS developer guide, "Troubleshooting"). Those that nobody knows are
taken for ECS's own, and are told as they are."""
LEAST_CRASHES: Final = 10
"""Failed tasks from which a deployment has failed, in a service of up to as many. That is above
the breaker's own threshold: half of the desired count, at least 3 (ECS developer guide, "How the
Amazon ECS deployment circuit breaker detects failures")."""
ROLLED_BACK_STATUSES = frozenset(
    {"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
)
STOPPED_STATUSES = frozenset({"STOP_REQUESTED", "STOPPED"})
GOING_STATUSES = frozenset({"PENDING", "IN_PROGRESS", "SUCCESSFUL"})
KNOWN_STATUSES = ROLLED_BACK_STATUSES | STOPPED_STATUSES | GOING_STATUSES
"""All values of ServiceDeploymentStatus in botocore's model; a test pins that."""


def judge_deployment(
    aim: ExpectedDeployment,
    service: Service | None,
    history: Sequence[ServiceDeployment],
    now: datetime,
) -> DeploymentEnd | None:
    """Say how the deployment ended, or None while it is on its way.

    Args:
        aim: what is waited for.
        service: what ECS says of the service; None when it knows none of that name.
        history: the service's deployments since ours began, ours first;
            only looked at when ours is not the primary one any more. One that a later
            deployment replaced is stopped too, so only the last of them was stopped by hand.
        now: the present time.
    """
    if service is None or not service.active:
        return DeploymentEnd(
            outcome=DeploymentOutcome.FAILED, detail="The service does not exist any more."
        )
    primary = service.primary
    if primary is not None and primary.id == aim.deployment:
        settled = _judge_ours(aim, service, primary)
    else:
        settled = _judge_replaced(aim, service, history)
    if settled is None and now >= aim.deadline:
        return DeploymentEnd(outcome=DeploymentOutcome.OVERDUE, detail=_progress(service, aim))
    return settled


def crash_loop(service: Service, failed: int) -> DeploymentEnd | None:
    """Say whether so many of a deployment's tasks failed by themselves that it has failed.

    Args:
        service: what ECS says of it; where its circuit breaker decides, nothing is said.
        failed: how many of the deployment's tasks ended by their own fault.
    """
    if service.has_lasting_breaker or failed < max(LEAST_CRASHES, service.desired):
        return None
    detail = f"{failed} of its tasks failed, and no circuit breaker of ECS ends that."
    return DeploymentEnd(outcome=DeploymentOutcome.FAILED, detail=detail)


def _judge_ours(
    aim: ExpectedDeployment, service: Service, ours: Deployment
) -> DeploymentEnd | None:
    if ours.task_definition != aim.revision:
        detail = f"Its deployment runs {short_name(ours.task_definition)}."
        return DeploymentEnd(outcome=DeploymentOutcome.SUPERSEDED, detail=detail)
    if ours.state == RolloutState.FAILED:
        return DeploymentEnd(outcome=DeploymentOutcome.FAILED, detail=ours.reason)
    if service.desired == 0:
        return DeploymentEnd(
            outcome=DeploymentOutcome.SCALED_TO_ZERO, detail="Its desired count is 0."
        )
    # ECS may complete a deployment while tasks of the one before it run on: with
    # `earlySuccessCriteria` whose clean-up is DEFERRED (API_DeploymentConfiguration), or while a
    # long `stopTimeout` lasts (API_ContainerDefinition).
    if ours.state == RolloutState.COMPLETED and ours.running > 0 and not _others_running(service):
        return DeploymentEnd(outcome=DeploymentOutcome.COMPLETED)
    return None


def _judge_replaced(
    aim: ExpectedDeployment, service: Service, history: Sequence[ServiceDeployment]
) -> DeploymentEnd | None:
    ours, primary = service.deployment(aim.deployment), service.primary
    status = history[0].status if history else ""
    if status and status not in KNOWN_STATUSES:
        # A word that ECS did not have when this was written: wait, and never call it a success.
        return None
    if status in ROLLED_BACK_STATUSES and _is_by_hand(history[0].reason):
        return DeploymentEnd(outcome=DeploymentOutcome.STOPPED, detail=history[0].reason)
    returning = primary is not None and primary.task_definition == aim.previous
    if status in ROLLED_BACK_STATUSES or (
        ours is not None and ours.state == RolloutState.FAILED and returning
    ):
        told = history[0].reason if history else ""
        said = (ours.reason if ours else "") or (primary.reason if primary else "") or told
        return DeploymentEnd(outcome=DeploymentOutcome.ROLLED_BACK, detail=said)
    if status in STOPPED_STATUSES and len(history) == 1:
        return DeploymentEnd(
            outcome=DeploymentOutcome.STOPPED, detail="Its deployment was stopped in ECS."
        )
    if primary is None:
        return DeploymentEnd(
            outcome=DeploymentOutcome.FAILED, detail="The service has no deployment."
        )
    detail = f"Someone else deployed {short_name(primary.task_definition)} to it ({primary.id})."
    return DeploymentEnd(outcome=DeploymentOutcome.SUPERSEDED, detail=detail)


def _is_by_hand(reason: str) -> bool:
    """Tell whether somebody had a deployment rolled back, by ECS's reason for that."""
    return bool(_BY_HAND.search(reason)) and not _BY_ECS.search(reason)


def old_tasks_text(service: Service, deployment: str) -> str:
    """Say how many tasks of another revision serve on although ECS has completed a deployment."""
    ours, others = service.deployment(deployment), _others_running(service)
    is_completed = ours is not None and ours.state == RolloutState.COMPLETED
    is_ours = is_completed and ours is service.primary
    return f"{others} tasks of another revision still serve." if is_ours and others else ""


def _progress(service: Service, aim: ExpectedDeployment) -> str:
    ours = service.deployment(aim.deployment)
    running, failed = (ours.running, ours.failed_tasks) if ours else (0, 0)
    others = _others_running(service)
    left = f" {others} of another revision still serve." if others else ""
    return f"{running} of {service.desired} tasks run, {failed} failed to start.{left}"


def _others_running(service: Service) -> int:
    """Count the running tasks of revisions other than the one that is deployed."""
    wanted = service.primary.task_definition if service.primary else ""
    return sum(each.running for each in service.deployments if each.task_definition != wanted)
