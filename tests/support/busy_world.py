"""The example's world on the sandbox's own images, and verbs to release and to look."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.world.example_world import example_world, task_definition
from sandbox.world.image_behaviour import load_images
from sandbox.world.metric_store import APPLICATION_NAMESPACE, ECS_NAMESPACE, Metric
from sandbox.world.service_requests import ServiceChange
from sandbox.world.telemetry import MetricQuery, PeriodRange
from sandbox.world.traffic import ServiceMinute
from sandbox.world.world_records import Service

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IMAGES = Path(__file__).parents[2] / "sandbox" / "images.toml"


class Busy:
    """Applications `web` and `api` under their ordinary traffic."""

    def __init__(self, **how: Any) -> None:
        self.world = example_world(NOW, load_images(IMAGES), **how)

    def service(self, name: str) -> Service:
        return self.world.service(self.world.cluster("recipes"), name)

    def release(self, name: str, tag: str) -> None:
        content = task_definition(self.world, name.partition("-")[0])
        (container,) = content["containerDefinitions"]
        container["image"] = f"registry/web:{tag}"
        made = self.world.register_task_definition(content)
        self.world.update_service(self.service(name), ServiceChange(task_definition=made.arn))

    def later(self, **time: float) -> None:
        self.world.advance(self.world.now + timedelta(**time))

    def recent(self, name: str, minutes: int = 10) -> list[ServiceMinute]:
        return self.world.traffic.recent(name, minutes)

    def errors(self, name: str, minutes: int = 10) -> float:
        """Return the share of requests that failed."""
        seen = self.recent(name, minutes)
        return sum(minute.errors for minute in seen) / sum(minute.requests for minute in seen)

    def series(
        self,
        namespace: str,
        metric: str,
        statistic: str,
        *,
        minutes: int = 10,
        name: str = "web-red",
        period: int = 60,
    ) -> list[float]:
        """Return the values of the last minutes, the one that still fills included."""
        names = {"Service": name}
        if namespace == ECS_NAMESPACE:
            names = {"ClusterName": "recipes", "ServiceName": name}
        query = MetricQuery(id="m", metric=Metric(namespace, metric, names), statistic=statistic)
        now = self.world.seconds
        span = PeriodRange(now - minutes * 60, now, period)
        return list(self.world.telemetry.series([query], lambda _: span)["m"].values())

    def own(self, metric: str, statistic: str, **how: Any) -> list[float]:
        return self.series(APPLICATION_NAMESPACE, metric, statistic, **how)

    def ecs(self, metric: str, statistic: str, **how: Any) -> list[float]:
        return self.series(ECS_NAMESPACE, metric, statistic, **how)

    def events(self) -> list[dict[str, Any]]:
        return [item for item in self.world.take_events() if item["source"] == "aws.cloudwatch"]
