"""The sandbox: MiniStack with the product deployed to it, a world and a Slack workspace.

Tested in `tests/e2e`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Final

from handlers.domain.config.applications import Application
from handlers.domain.config.clusters import Cluster
from handlers.domain.model.image_reference import digest_of
from operations.local_aws import aws_client
from sandbox.host.accelerated_clock import WorldClock
from sandbox.host.event_delivery import EventBridge
from sandbox.host.image_registry import pushed, put_image, scanned
from sandbox.host.ministack import MiniStack
from sandbox.host.stack import DeployedStack
from sandbox.page.ecs_overview import world_view
from sandbox.page.page_world import WorldView
from sandbox.wire.aws.ecr_api import Findings
from sandbox.wire.fault_injection import CallInterceptor
from sandbox.wire.slack.slack_routes import People, Workspace
from sandbox.world.world import World

ACCELERATION: Final = 60.0
"""World seconds in one of ours: a deployment of a minute takes a second."""


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox.

    It has two CloudWatch Logs. Handlers log to MiniStack's, which `client` talks to. The
    applications' tasks log to the world's, at `/logs` of `address`, which handlers read.
    """

    address: str
    ministack: MiniStack
    stack: DeployedStack
    applications: Mapping[str, Application]
    clusters: Mapping[str, Cluster]
    world: World
    lock: RLock
    events: EventBridge
    workspace: Workspace
    people: People
    ecs_calls: CallInterceptor
    metric_calls: CallInterceptor
    log_calls: CallInterceptor
    machine_calls: CallInterceptor
    """Calls of Step Functions through `states_endpoint`."""
    clock: WorldClock
    tags: dict[str, str]
    """Image digest → tag."""
    package: Path
    """The Lambda package that was deployed."""
    scans: dict[str, Findings] = field(default_factory=dict)
    """Image digest → findings of its scan; an image that was not scanned is not in it."""

    @property
    def ecs_endpoint(self) -> str:
        """The endpoint of ECS."""
        return f"{self.address}/ecs"

    @property
    def endpoints(self) -> dict[str, str]:
        """What the environment tells handlers: endpoints that MiniStack lacks, and periods."""
        return handler_environment(self.address)

    @property
    def states_endpoint(self) -> str:
        """The endpoint of Step Functions at which calls are counted and can be throttled."""
        return f"{self.address}/states"

    def client(self, service: str) -> Any:  # noqa: ANN401 - which client depends on the name
        """Make a boto3 client of one of the sandbox's services."""
        places = {
            "ecs": self.ecs_endpoint,
            "elbv2": f"{self.address}/elb",
            "cloudwatch": f"{self.address}/cloudwatch",
        }
        return aws_client(service, places.get(service, self.stack.endpoint))

    def pause(self, seconds: float) -> None:
        """Sleep for real seconds between two polls of the actors."""
        time.sleep(seconds)

    def logged_lines(self) -> str:
        """Return everything that the functions have logged."""
        logs = self.client("logs")
        groups = logs.get_paginator("describe_log_groups").paginate()
        names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
        search = logs.get_paginator("filter_log_events")
        pages = (page for name in names for page in search.paginate(logGroupName=name))
        return "\n".join(event["message"] for page in pages for event in page["events"])

    def push(self, application: str, tag: str) -> str:
        """Push an image as a build does, and deliver ECR's event; return the digest."""
        repository = self.applications[application].repository
        digest = put_image(self.client("ecr"), repository, tag)
        with self.lock:
            self.world.images.pin(digest, tag)
            self.tags[digest] = tag
        self.events.deliver(pushed(repository, tag, digest))
        return digest

    def scan(self, application: str, digest: str, findings: Findings) -> None:
        """End the scan of an image, and deliver ECR's event."""
        self.scans[digest] = findings
        repository = self.applications[application].repository
        self.events.deliver(scanned(repository, digest, findings))

    def board_says(self, words: str) -> bool:
        """Return whether a board in the channel contains these words now."""
        messages = list(self.workspace.timeline.messages)
        return any(words in str(message.blocks) for message in messages)

    def view(self) -> WorldView:
        """Return what ECS runs now and its traffic, for the page."""
        with self.lock:
            seen = self.world.snapshot()
            tags = {one.task_definition: self._tag(one.task_definition) for one in seen}
            traffic = {one.name: self.world.traffic.recent(one.name) for one in seen}
        return world_view(seen, self.applications, tags, traffic)

    def runs(self, application: str) -> dict[str, str]:
        """Return the task definition that each color of an application runs now."""
        with self.lock:
            seen = {one.name: one.task_definition for one in self.world.snapshot()}
        return {c: seen[name] for c, name in self.applications[application].services.items()}

    def _tag(self, task_definition: str) -> str:
        image = self.world.task_definitions.find(task_definition).containers[0]["image"]
        return self.tags.get(digest_of(str(image)), "")


def handler_environment(where: str) -> dict[str, str]:
    """Return what the environment tells handlers: endpoints that MiniStack lacks, and periods."""
    return {
        "PERIOD_SECONDS": "1",
        "AWS_ENDPOINT_URL_ECR": f"{where}/ecr",
        "AWS_ENDPOINT_URL_ECS": f"{where}/ecs",
        "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": f"{where}/elb",
        "AWS_ENDPOINT_URL_EC2": f"{where}/ec2",
        "AWS_ENDPOINT_URL_AUTO_SCALING": f"{where}/autoscaling",
        "AWS_ENDPOINT_URL_CLOUDWATCH": f"{where}/cloudwatch",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": f"{where}/logs",
    }
