"""What AWS does by itself: hosts, network interfaces, early success, addresses, other controllers.

Where handlers read it, it is read by their own gateway.
"""

from dataclasses import replace

import pytest

from handlers.domain.deployments.service_kind import unsupported_kind
from handlers.domain.deployments.stop_causes import StopCause, stop_cause
from handlers.domain.deployments.target_health import judge_health
from handlers.domain.model.outcomes import Verdict
from handlers.gateways.ecs import Ecs
from handlers.gateways.load_balancers import LoadBalancers
from sandbox.world.deployment_configuration import (
    CircuitBreaker,
    DeploymentConfiguration,
    EarlySuccess,
)
from sandbox.world.image_behaviour import Behaviour
from simulator.simulated_aws import EcsClient, ElbClient
from tests.support.world_stage import BREAKER, GOOD, Stage

EARLY = replace(BREAKER, early_success=EarlySuccess(healthy_percent=50, cleanup_after=300))


def read(stage, **asked):
    return Ecs(EcsClient(stage.world)).tasks("recipes", "shop", **asked)


def judged(stage):
    service = Ecs(EcsClient(stage.world)).service("recipes", "shop")
    group = stage.group
    return judge_health(
        service=service,
        deployment=service.primary.id,
        revision=service.primary.task_definition,
        tasks=read(stage),
        targets={group.arn: LoadBalancers(ElbClient(stage.world)).targets(group.arn)}
        if group
        else {},
        settled=True,
    )


def test_a_host_that_is_maintained_loses_its_tasks_only_once_others_serve():
    stage = Stage(desired=2)
    (left, *_) = [each for each in stage.instances if each.tasks]
    before = set(left.tasks)

    stage.world.maintain_host(left)
    fewest = min(_serving(stage) for _ in range(300) if stage.later(seconds=1) is None)

    assert fewest == 2
    assert not before & {task.id for task in stage.tasks()}
    stopped = [task for task in read(stage, stopped=True) if task.stopped_at]
    assert {stop_cause(task) for task in stopped} == {StopCause.MOVED}
    assert stage.service.primary.failed_tasks == 0


def _serving(stage):
    return sum(task.healthy for task in stage.tasks())


def test_a_network_interface_that_does_not_come_is_the_platforms_trouble():
    stage = Stage()
    stage.service.interfaces_to_fail = 1
    stage.release("good")
    stage.until(lambda: stage.service.primary.rollout == "COMPLETED")

    (failed,) = [
        task for task in read(stage, stopped=True) if task.stop_code == "TaskFailedToStart"
    ]
    assert stop_cause(failed) is StopCause.PLATFORM
    assert judged(stage).verdict is Verdict.HEALTHY


def test_an_early_success_leaves_old_tasks_beside_the_new_ones_for_a_while():
    stage = Stage(desired=4, configuration=EARLY)
    before = stage.service.primary

    made = stage.release("good")
    stage.until(lambda: made.rollout == "COMPLETED")
    assert sum(task.running for task in before.active_tasks()) == 4
    stage.later(minutes=2)
    assert judged(stage).verdict is Verdict.INCONCLUSIVE
    assert judged(stage).detail == "4 tasks of another revision still serve beside 4 of its own."

    stage.later(minutes=6)
    assert judged(stage).verdict is Verdict.HEALTHY
    assert stage.service.deployments == [made]


def test_a_blocking_clean_up_comes_before_the_success():
    early = EarlySuccess(healthy_percent=50, cleanup="BLOCKING")
    stage = Stage(desired=4, configuration=replace(BREAKER, early_success=early))

    made = stage.release("good")
    stage.until(lambda: made.rollout == "COMPLETED")

    assert stage.service.deployments == [made]


def test_containers_that_fail_their_own_checks_are_unhealthy_and_replaced():
    stage = Stage(balanced=False)
    sick = Behaviour(starts_after_seconds=10, fails_own_check_after_seconds=120)
    stage.world.images.by_tag = {"sick": sick, "good": GOOD}

    made = stage.release("sick")
    stage.until(lambda: made.rollout == "COMPLETED")
    assert judged(stage).verdict is Verdict.HEALTHY
    stage.until(lambda: any(task.health == "UNHEALTHY" for task in stage.tasks()))

    assert judged(stage).verdict is Verdict.UNHEALTHY
    assert judged(stage).detail == "1 of 1 tasks fail their containers' health checks."
    stage.until(lambda: [task for task in read(stage, stopped=True) if task.started_by == made.id])
    ended = [task for task in read(stage, stopped=True) if task.started_by == made.id]
    assert {stop_cause(task) for task in ended} == {StopCause.RELEASE}


@pytest.mark.parametrize(
    ("addresses", "targets"),
    [("ipv4", "ipv4"), ("ipv6", "ipv6"), ("dualstack", "ipv6"), ("dualstack", "ipv4")],
)
def test_tasks_are_found_among_the_targets_by_whatever_address_they_have(addresses, targets):
    stage = Stage(desired=2)
    stage.service.addresses, stage.group.addresses = addresses, targets

    stage.release("good")
    stage.until(lambda: stage.service.primary.rollout == "COMPLETED")

    assert judged(stage).detail == "2 of 2 tasks run, 2 targets healthy."
    assert all((":" in target_id) is (targets == "ipv6") for target_id, _ in stage.group.targets)


def test_a_range_of_ports_has_no_port_of_its_own():
    stage = Stage(mode="bridge")
    container = {
        "name": "app",
        "image": "registry/shop:good",
        "memory": 256,
        "portMappings": [
            {"containerPort": 8080},
            {"containerPortRange": "10000-10010", "protocol": "udp"},
        ],
    }
    content = {"family": "shop", "networkMode": "bridge", "containerDefinitions": [container]}
    stage.change(task_definition=stage.world.register_task_definition(content).arn)
    stage.until(lambda: stage.service.primary.rollout == "COMPLETED")

    answer = EcsClient(stage.world).describe_tasks(cluster="recipes", tasks=[stage.tasks()[0].arn])
    (_, ranged) = answer["tasks"][0]["containers"][0]["networkBindings"]
    assert "hostPort" not in ranged
    assert judged(stage).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"controller": "CODE_DEPLOY"}, "CODE_DEPLOY"),
        ({"controller": "EXTERNAL"}, "EXTERNAL"),
        ({"scheduling": "DAEMON"}, "DAEMON"),
    ],
)
def test_services_of_other_kinds_are_known_by_name(given, said):
    stage = Stage()
    for name, value in given.items():
        setattr(stage.service, name, value)

    service = Ecs(EcsClient(stage.world)).service("recipes", "shop")

    assert said in unsupported_kind(service)


def test_a_crash_loop_without_a_breaker_goes_on():
    stage = Stage(configuration=DeploymentConfiguration(circuit_breaker=CircuitBreaker()))

    made = stage.release("crash")
    stage.until(lambda: made.failed_tasks >= 5)

    assert made.rollout == "IN_PROGRESS"
