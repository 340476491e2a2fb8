"""Deployments of red, for the tests of starting, polling and recording them."""

from datetime import datetime, timedelta
from typing import Any

from handlers.domain.deployments.color_deployment import ColorDeployment
from handlers.domain.deployments.deployment_outcome import DeploymentEnd
from handlers.domain.model.rollout import Rollout
from handlers.domain.model.service import Service
from handlers.services import deployment
from simulator.in_memory_stores import InMemoryRollouts
from tests.support.builders import NOW, OLD, a_color, a_deployment, a_rollout, a_service
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers
from tests.support.handler_gateways import Outside

ALLOWED = timedelta(minutes=30)


def at_rest(revision: str = OLD, **given: Any) -> Service:
    return a_service(a_deployment(id="ecs-svc/before", task_definition=revision), **given)


def deployment_of(rollouts: InMemoryRollouts, *, returning: bool = False) -> ColorDeployment:
    rollout = next(iter(rollouts.records.values()))
    return ColorDeployment(rollout=rollout, color="red", returning=returning, allowed=ALLOWED)


def start(
    of_red: ColorDeployment, ecs: FakeEcs, rollouts: InMemoryRollouts, now: datetime
) -> ColorDeployment | DeploymentEnd:
    return deployment.start(Outside(ecs=ecs, rollouts=rollouts).context(), of_red, now)


def poll(
    of_red: ColorDeployment, ecs: FakeEcs, balancers: FakeBalancers | None, now: datetime
) -> DeploymentEnd | None:
    return deployment.poll(
        Outside(ecs=ecs, balancers=balancers or FakeBalancers()).context(), of_red, now
    )


def record_end(
    of_red: ColorDeployment, end: DeploymentEnd, rollouts: InMemoryRollouts, now: datetime
) -> tuple[Rollout, bool]:
    return deployment.record_end(Outside(rollouts=rollouts).context(), of_red, end, now)


def deploying(
    service: Service, **given: Any
) -> tuple[FakeEcs, InMemoryRollouts, ColorDeployment | DeploymentEnd]:
    """Start red's deployment of the release; return all there is."""
    ecs, rollouts = FakeEcs(service), InMemoryRollouts(a_rollout(a_color("red"), **given))
    return ecs, rollouts, start(deployment_of(rollouts), ecs, rollouts, NOW)
