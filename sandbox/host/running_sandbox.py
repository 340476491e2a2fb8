"""Starts a sandbox: MiniStack, the stack in it, the world, the page and the wire.

Tested in `tests/e2e`.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
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
from operations.package import build_package
from sandbox.host.accelerated_clock import WorldClock
from sandbox.host.event_delivery import EventBridge
from sandbox.host.heartbeat import Heartbeat
from sandbox.host.image_registry import seed_images
from sandbox.host.loopback_server import address, loopback_socket, running_server
from sandbox.host.ministack import MiniStack, running_ministack
from sandbox.host.sandbox import ACCELERATION, Sandbox, handler_environment
from sandbox.host.sandbox_configuration import accelerated_document, as_toml
from sandbox.host.stack import DeployedStack, StackSettings, deploy, grants_of
from sandbox.page.page_routes import page_routes
from sandbox.wire.aws.auto_scaling_api import auto_scaling_routes
from sandbox.wire.aws.aws_routes import Access
from sandbox.wire.aws.cloudwatch_api import cloudwatch_routes
from sandbox.wire.aws.ec2_api import ec2_routes
from sandbox.wire.aws.ecr_api import ecr_routes
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
        ministack = stack.enter_context(running_ministack(handler_environment(workspace.address)))
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
