"""The sandbox: MiniStack with the product deployed to it, a world and a Slack workspace.

Tested in `tests/e2e`.
"""

import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Final

from starlette.routing import BaseRoute

from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.clusters import Cluster, load_clusters
from handlers.domain.config.grants import GRANTS_FILE, grants_as_toml
from handlers.domain.model.image_reference import digest_of
from operations.local_aws import aws_client
from operations.package import build_package
from sandbox.host.accelerated_clock import WorldClock
from sandbox.host.event_delivery import EventBridge
from sandbox.host.heartbeat import Heartbeat
from sandbox.host.image_registry import pushed, put_image, scanned, seed_images
from sandbox.host.loopback_server import address, loopback_socket, running_server
from sandbox.host.ministack import MiniStack, running_ministack
from sandbox.host.sandbox_configuration import accelerated_document, as_toml
from sandbox.host.stack import DeployedStack, StackSettings, deploy, grants_of
from sandbox.page.ecs_overview import world_view
from sandbox.page.page_routes import page_routes
from sandbox.page.page_world import WorldView
from sandbox.wire.aws.auto_scaling_api import auto_scaling_routes
from sandbox.wire.aws.aws_routes import Access
from sandbox.wire.aws.cloudwatch_api import cloudwatch_routes
from sandbox.wire.aws.ec2_api import ec2_routes
from sandbox.wire.aws.ecr_api import Findings, ecr_routes
from sandbox.wire.aws.elb_api import elb_routes
from sandbox.wire.aws.logs_api import logs_routes
from sandbox.wire.aws.step_functions_api import states_routes
from sandbox.wire.ecs.ecs_api import ecs_routes
from sandbox.wire.fault_injection import CallInterceptor
from sandbox.wire.slack.slack_directory import TEAM_ID
from sandbox.wire.slack.slack_rates import RateLimits
from sandbox.wire.slack.slack_routes import Callbacks, People, Workspace, slack_routes
from sandbox.world.example_fleets import add_fleets
from sandbox.world.example_world import RUNNING_TAG, example_world
from sandbox.world.image_behaviour import load_images
from sandbox.world.world import World

CLUSTERS: Final = Path(__file__).parents[1] / "clusters.toml"
IMAGES: Final = Path(__file__).parents[1] / "images.toml"
ACCELERATION: Final = 60.0
"""World seconds in one of ours: a deployment of a minute takes a second."""
RELEASES: Final = (
    "v1.42.0",
    "v1.42.1",
    "v1.43.0-crash",
    "v1.43.0-crash-in-api",
    "v1.43.0-slow",
    "v1.43.0-unhealthy",
    "v1.43.0-unhealthy-on-yellow",
    "v1.43.0-sick-on-red",
    "v1.43.0-crash-on-green",
    "v1.43.0-errors-on-red",
    "v1.43.0-slow-on-yellow",
    "v1.43.0-leak",
    "v1.43.0-late",
    "v1.43.0-worse-on-green",
)
"""The tags that are pushed and not yet released."""

Progress = Callable[[str], None]
Digests = Mapping[str, Mapping[str, str]]
"""Repository → tag → digest."""


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
        return _environment(self.address)

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


@contextmanager
def running_sandbox(
    acceleration: float = ACCELERATION,
    progress: Progress = lambda _: None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    people_acceleration: float = 1,
    alarms: bool = True,
) -> Iterator[Sandbox]:
    """Run a sandbox until the block ends; nothing of it is left afterwards.

    Args:
        acceleration: world seconds in one real second.
        progress: called with a few words at each step of the start.
        settings: application → settings in place of the committed file's; an application that
            the file does not have is added.
        people_acceleration: divides the waits of questions to people.
        alarms: whether every service has an alarm, which is evaluated each minute of the world.
    """
    with ExitStack() as stack:
        document = accelerated_document(acceleration, settings or {})
        applications = load_applications(document, timedelta(seconds=1))
        workspace = Workspace()
        listener = loopback_socket()
        workspace.address = address(listener)
        progress("building the Lambda package")
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="shingo-sandbox-")))
        (folder / "applications.toml").write_text(as_toml(document))
        (folder / GRANTS_FILE).write_text(grants_as_toml(grants_of(applications)))
        package = build_package(
            folder / "applications.toml", folder / "lambda.zip", CLUSTERS, folder / GRANTS_FILE
        )
        progress("starting MiniStack")
        ministack = stack.enter_context(running_ministack(_environment(workspace.address)))
        progress("deploying the template, the definition and the package")
        wanted = _stack_settings(workspace, applications, acceleration, package)
        wanted = replace(wanted, people_acceleration=people_acceleration)
        deployed = deploy(ministack.endpoint, wanted)
        given = (workspace, applications, ministack, deployed, acceleration)
        sandbox = _composed(*given, package=package, alarms=alarms)
        heart = Heartbeat(sandbox.world, sandbox.lock, sandbox.clock, sandbox.events)
        stack.enter_context(running_server(_routes(sandbox, heart), listener))
        stack.callback(workspace.close)
        stack.enter_context(heart.running())
        yield sandbox


def _composed(
    workspace: Workspace,
    applications: Mapping[str, Application],
    ministack: MiniStack,
    deployed: DeployedStack,
    acceleration: float,
    *,
    package: Path,
    alarms: bool,
) -> Sandbox:
    """Make a sandbox of the deployed stack, a new world and the workspace."""
    clock = WorldClock(acceleration)
    workspace.callbacks = Callbacks(deployed.commands_url, deployed.interactions_url)
    # Slack limits per second of the world, where a rollout's messages lie further apart.
    workspace.rates = RateLimits(lambda: clock.now().timestamp())
    digests = _seeded(ministack.endpoint, applications)
    tags = {digest: tag for by_tag in digests.values() for tag, digest in by_tag.items()}
    return Sandbox(
        address=workspace.address,
        ministack=ministack,
        stack=deployed,
        applications=applications,
        clusters=_clusters(),
        world=_world(digests, tags, clock, alarms=alarms),
        lock=RLock(),
        events=EventBridge(deployed.endpoint),
        workspace=workspace,
        people=People(workspace),
        ecs_calls=CallInterceptor(),
        metric_calls=CallInterceptor(),
        log_calls=CallInterceptor(),
        machine_calls=CallInterceptor(),
        clock=clock,
        tags=tags,
        package=package,
    )


def _routes(sandbox: Sandbox, heart: Heartbeat) -> list[BaseRoute]:
    world, times = sandbox.world, sandbox.clock.translation
    counted = partial(_access, sandbox, heart)
    uncounted = counted(CallInterceptor())
    return [
        *ecr_routes(sandbox.stack.endpoint, sandbox.scans),
        *ecs_routes(world, counted(sandbox.ecs_calls), times),
        *elb_routes(world, uncounted),
        *ec2_routes(world, uncounted),
        *auto_scaling_routes(world, uncounted),
        *cloudwatch_routes(world, counted(sandbox.metric_calls), times),
        *logs_routes(world, counted(sandbox.log_calls), times),
        *states_routes(sandbox.stack.endpoint, sandbox.machine_calls),
        *slack_routes(sandbox.workspace),
        *page_routes(sandbox.workspace, sandbox.view, sandbox.people),
    ]


def _access(sandbox: Sandbox, heart: Heartbeat, interceptor: CallInterceptor) -> Access:
    return Access(lock=sandbox.lock, tick=heart.tick, interceptor=interceptor)


def _environment(where: str) -> dict[str, str]:
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


def _stack_settings(
    workspace: Workspace,
    applications: Mapping[str, Application],
    acceleration: float,
    package: Path,
) -> StackSettings:
    return StackSettings(
        applications=applications,
        clusters=_clusters(),
        bot_token=workspace.bot_token,
        signing_secret=workspace.signing_secret,
        slack_api_url=f"{workspace.address}/slack/api/",
        slack_channel=workspace.directory.channels[0].id,
        slack_team=TEAM_ID,
        acceleration=acceleration,
        package=package,
    )


def _clusters() -> dict[str, Cluster]:
    return load_clusters(tomllib.loads(CLUSTERS.read_text()))


def _seeded(endpoint: str, applications: Mapping[str, Application]) -> Digests:
    tags = {a.repository: (RUNNING_TAG, *RELEASES) for a in applications.values()}
    return seed_images(endpoint, tags)


def _world(digests: Digests, tags: Mapping[str, str], clock: WorldClock, *, alarms: bool) -> World:
    images = load_images(IMAGES)
    for digest, tag in tags.items():
        images.pin(digest, tag)
    running = {repository: by_tag[RUNNING_TAG] for repository, by_tag in digests.items()}
    world = example_world(clock.now(), images, digests=running, alarms=alarms)
    add_fleets(world)
    return world
