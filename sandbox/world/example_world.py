"""The world that the example configuration talks about: cluster `recipes`, web and api.

Tested in `tests/sandbox/world/test_world_example.py`.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.world.deployment_configuration import CircuitBreaker, DeploymentConfiguration
from sandbox.world.identifiers import Identifiers
from sandbox.world.image_behaviour import ImageBehaviours
from sandbox.world.metric_alarms import AlarmRule
from sandbox.world.metric_store import APPLICATION_NAMESPACE, Metric
from sandbox.world.service_requests import ServiceRequest
from sandbox.world.telemetry import MetricQuery
from sandbox.world.timings import Timings
from sandbox.world.world import DEFAULT_ACCOUNT, DEFAULT_REGION, World
from sandbox.world.world_records import Cluster

CLUSTER: Final = "recipes"
RUNNING_TAG: Final = "v1.41.0"
DESIRED_COUNTS: Final[Mapping[str, int]] = {"red": 1, "yellow": 1, "green": 4}
OWN_MEMORY: Final[Mapping[str, str]] = {"red": "384", "yellow": "512", "green": "640"}
"""MiB of a task, where each color has a family of its own."""
NETWORK_MODES: Final[Mapping[str, str]] = {"web": "bridge", "api": "awsvpc"}
PORT: Final = 8080

_SETTLED: Final = timedelta(minutes=100)
"""Longer than the hour before a deployment that its verification looks at."""
_ZONES: Final = "acd"


def example_world(
    now: datetime,
    images: ImageBehaviours,
    *,
    digests: Mapping[str, str] | None = None,
    timings: Timings | None = None,
    alarms: bool = True,
    seed: int = 0,
) -> World:
    """Make the example's applications, all colors steady on v1.41.0 at `now`.

    Args:
        now: The world's present when it is handed over; it began 100 minutes earlier.
        images: What each image does.
        digests: Repository → digest (`sha256:…`) of v1.41.0, where the running task
            definitions are to be pinned by digest. Others name the tag. A repository that the
            example does not have makes an application of its name.
        timings: How long things take.
        alarms: Whether every service has an alarm, `<service>-5xx`, which costs a look a minute.
        seed: Of its identifiers and of the noise in its traffic.
    """
    identifiers = Identifiers(DEFAULT_REGION, DEFAULT_ACCOUNT, seed)
    world = World(now - _SETTLED, images, timings=timings, identifiers=identifiers)
    cluster = world.add_cluster(CLUSTER)
    applications = list(dict.fromkeys((*NETWORK_MODES, *(digests or {}))))
    # One of each zone takes what two applications run, and all that they start meanwhile.
    for zone in _ZONES * math.ceil(len(applications) / 2):
        world.add_container_instance(cluster, f"{world.identifiers.region}{zone}")
    for application in applications:
        digest = (digests or {}).get(application, "")
        if digest:
            images.pin(digest, RUNNING_TAG)
        add_application(world, cluster, application, digest)
    world.advance(now)
    for service in world.services() if alarms else ():
        world.alarms.add(errors_alarm(service.name))
    world.alarms.evaluate_due()
    world.take_events()
    return world


def add_application(
    world: World, cluster: Cluster, name: str, digest: str = "", *, has_families: bool = False
) -> None:
    """Add a target group, a task definition and the three services of one application.

    Applications that are not in `NETWORK_MODES` get addresses of their own (awsvpc). With
    `has_families` each color has a task definition family of its own, as the usual Terraform
    modules make them.
    """
    mode = NETWORK_MODES.get(name, "awsvpc")
    content = task_definition(world, name, digest)
    shared = None if has_families else world.register_task_definition(content, tags(name))
    group = world.add_target_group(name, "instance" if mode == "bridge" else "ip", PORT)
    breaker = CircuitBreaker(enable=True, rollback=True)
    for color, desired in DESIRED_COUNTS.items():
        own = own_definition(content, color)
        definition = shared or world.register_task_definition(own, tags(own["family"]))
        request = ServiceRequest(
            name=f"{name}-{color}",
            task_definition=definition.arn,
            desired_count=desired,
            target_group=group,
            container_port=PORT,
            configuration=DeploymentConfiguration(circuit_breaker=breaker),
        )
        world.create_service(cluster, request)


def tags(name: str) -> list[dict[str, str]]:
    """Return the tags of an application that CloudFormation made: its owner's and its own."""
    return [
        {"key": "CostCenter", "value": "42"},
        {"key": "aws:cloudformation:stack-name", "value": name},
    ]


def own_definition(content: Mapping[str, Any], color: str) -> dict[str, Any]:
    """Return a task definition as a family of one color: its role, memory and environment.

    Args:
        content: that of the application.
        color: whose it is to be.
    """
    family = f"{content['family']}-{color}"
    app, *others = content["containerDefinitions"]
    added = [{"name": "COLOR", "value": color}]
    added += [{"name": "CANARY_DB", "value": "canary"}] if color == "red" else []
    return {
        **content,
        "family": family,
        "taskRoleArn": f"{content['taskRoleArn']}-{color}",
        "memory": OWN_MEMORY[color],
        "containerDefinitions": [{**app, "environment": [*app["environment"], *added]}, *others],
    }


def errors_alarm(service: str) -> AlarmRule:
    """Return an alarm that goes off when 5 % of a service's requests fail for three minutes."""
    queries = (
        MetricQuery(id="share", expression="100 * errors / requests", label="5xx share"),
        _sum("errors", "Errors", service),
        _sum("requests", "Requests", service),
    )
    return AlarmRule(
        name=f"{service}-5xx",
        queries=queries,
        threshold=5.0,
        missing="notBreaching",
        description=f"More than 5 % of the requests to {service} fail.",
    )


def _sum(ident: str, metric: str, service: str) -> MetricQuery:
    about = Metric(APPLICATION_NAMESPACE, metric, {"Service": service})
    return MetricQuery(id=ident, metric=about, statistic="Sum", returns_data=False)


def task_definition(world: World, name: str, digest: str = "") -> dict[str, Any]:
    """Return what an application's running task definition was registered with."""
    registry = f"{world.identifiers.account}.dkr.ecr.{world.identifiers.region}.amazonaws.com"
    image = f"{registry}/{name}@{digest}" if digest else f"{registry}/{name}:{RUNNING_TAG}"
    mode = NETWORK_MODES.get(name, "awsvpc")
    role = f"arn:aws:iam::{world.identifiers.account}:role"
    return {
        "family": name,
        "networkMode": mode,
        "executionRoleArn": f"{role}/ecsTaskExecutionRole",
        "taskRoleArn": f"{role}/{name}",
        "requiresCompatibilities": ["EC2"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {
                "name": "app",
                "image": image,
                "essential": True,
                "portMappings": [
                    {
                        "containerPort": PORT,
                        "hostPort": 0 if mode == "bridge" else PORT,
                        "protocol": "tcp",
                    }
                ],
                "environment": [{"name": "RAILS_ENV", "value": "production"}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": f"/ecs/{name}",
                        "awslogs-region": world.identifiers.region,
                        "awslogs-stream-prefix": "app",
                    },
                },
            }
        ],
        "volumes": [],
        "placementConstraints": [],
    }
