"""A world with one service in it, steady on `good`, and verbs to play with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sandbox.world.deployment_configuration import CircuitBreaker, DeploymentConfiguration
from sandbox.world.image_behaviour import Behaviour, ImageBehaviours
from sandbox.world.service_requests import ServiceChange, ServiceRequest
from sandbox.world.timings import Timings
from sandbox.world.world import World
from sandbox.world.world_records import Deployment, Task

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BREAKER = DeploymentConfiguration(circuit_breaker=CircuitBreaker(enable=True, rollback=True))
GOOD = Behaviour(starts_after_seconds=10, healthy_after_seconds=20)
BEHAVIOURS = {
    "good": GOOD,
    "slow": replace(GOOD, starts_after_seconds=60, healthy_after_seconds=90),
    "crash": replace(GOOD, exits_after_seconds=5, exit_code=1),
    "unhealthy": replace(GOOD, never_healthy=True, health_description="no answer"),
    "sickens": replace(GOOD, unhealthy_after_seconds=600),
    "unpullable": replace(GOOD, start_error="CannotPullContainerError: not found"),
}


class Stage:
    """One service `shop` of a cluster, and its target group."""

    def __init__(
        self,
        desired: int = 1,
        mode: str = "awsvpc",
        configuration: DeploymentConfiguration = BREAKER,
        balanced: bool = True,
        **timings: float,
    ) -> None:
        self.world = World(START, ImageBehaviours(dict(BEHAVIOURS)), timings=Timings(**timings))
        self.cluster = self.world.add_cluster("recipes")
        self.instances = [self.world.add_container_instance(self.cluster, "a") for _ in range(2)]
        kind = "ip" if mode == "awsvpc" else "instance"
        self.group = self.world.add_target_group("shop", kind) if balanced else None
        self.mode = mode
        self.service = self.world.create_service(
            self.cluster,
            ServiceRequest(
                name="shop",
                task_definition=self.register("good"),
                desired_count=desired,
                target_group=self.group,
                configuration=configuration,
            ),
        )
        self.later(minutes=10)
        self.world.take_events()

    def register(self, tag: str) -> str:
        container = {
            "name": "app",
            "image": f"registry/shop:{tag}",
            "memory": 256,
            "portMappings": [{"containerPort": 8080}],
        }
        content = {
            "family": "shop",
            "networkMode": self.mode,
            "containerDefinitions": [container],
        }
        return self.world.register_task_definition(content).arn

    def release(self, tag: str) -> Deployment:
        return self.change(task_definition=self.register(tag))

    def change(self, **change: Any) -> Deployment:
        self.world.update_service(self.service, ServiceChange(**change))
        return self.service.primary

    def later(self, **time: float) -> None:
        self.world.advance(self.world.now + timedelta(**time))

    def until(self, reached: Callable[[], object], minutes: float = 60) -> float | None:
        """Go on from one happening to the next until `reached()`; say how many seconds it took."""
        began = self.world.seconds
        for _ in count():
            if reached():
                return self.world.seconds - began
            due = self.world.next_event_at()
            assert due is not None, "nothing happens any more"
            assert self.world.seconds - began < 60 * minutes, "it takes too long"
            self.world.advance(due)
        return None

    def tasks(self, status: str = "RUNNING") -> list[Task]:
        return [task for task in self.world.tasks().values() if task.last_status == status]

    def events(self) -> list[dict[str, Any]]:
        return [event["detail"] for event in self.world.take_events()]
