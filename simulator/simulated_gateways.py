"""The gateways of one run. Every call of a handler goes through the simulation first."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from io import StringIO
from itertools import count
from types import SimpleNamespace
from typing import Any

import handlers.observability
from handlers import runtime
from handlers.domain.admission.grant_check import roles_of
from handlers.domain.config.applications import Application, load_applications
from handlers.domain.config.grants import Grants
from handlers.domain.config.people import TABLE as PEOPLE
from handlers.domain.config.people import People, load_people
from handlers.domain.history.audit import LOG as AUDIT_LOG
from handlers.domain.model.account import Account
from handlers.domain.model.errors import SlackUnavailable
from handlers.gateways.container_instances import ContainerInstances
from handlers.gateways.ecs import Ecs
from handlers.gateways.load_balancers import LoadBalancers
from handlers.gateways.step_functions import Executions
from handlers.services.context import Context
from sandbox.world.world import World
from simulator.fake_services import (
    FakeImages,
    FakeLostEvents,
    FakeSecret,
    FakeSlack,
    FakeSmoke,
)
from simulator.in_memory_stores import (
    InMemoryApprovals,
    InMemoryAudit,
    InMemoryGroups,
    InMemoryLocks,
    InMemoryRollouts,
    InMemoryWaits,
    dynamodb,
)
from simulator.lambda_functions import functions
from simulator.simulated_aws import EcsClient, ElbClient, Logs, Metrics, StatesClient
from simulator.simulated_story import SimulatedStory
from simulator.slack_requests import SECRET, TEAM

CHANNEL = "C0ROLLOUTS"
OFF = {"off": True}
STAFF = ("U0BOB", "U0ALICE", "U0DAVE")
"""Who may answer, by name or by being in any user group."""
CONFIGURATION: dict[str, Any] = {
    "cluster": "recipes",
    "approvals": {
        "users": list(STAFF),
        "expires_after": "2 h",
        "remind_every": "1 h",
    },
    "verification": {
        "bake": "2 min",
        "bake_at_most": "4 min",
        "alarms": ["{service}-5xx"],
        "metrics": {"memory": OFF, "cpu": OFF},
        "logs": {"errors": OFF},
    },
}


@cache
def configured(story: SimulatedStory) -> tuple[Mapping[str, Application], People]:
    """Read the configuration of a story's applications, and who is who in it."""
    people = {PEOPLE: story.settings.get(PEOPLE, {})}
    own = {
        table: {**CONFIGURATION[table], **story.settings.get(table, {})}
        if isinstance(CONFIGURATION.get(table), dict)
        else story.settings.get(table) or CONFIGURATION[table]
        for table in (*CONFIGURATION, *story.settings)
        if table != PEOPLE
    }
    document = dict.fromkeys(story.applications, own) | people
    return load_applications(document), load_people(document)


CALLS = {
    "rollouts": (
        "create", "get", "read", "record_revision", "ask_rollback_once", "set_board_once",
        "mark_board", "mark_swept", "change_color", "settle_color", "decide_color", "ask_about",
        "record_asked", "set_question_message_once", "replace_board", "close_question_message",
        "postpone_question",
        "record_doubt_approvals", "decide_doubt", "reopen", "close", "begin", "newest",
    ),
    "approvals": ("ask", "get", "replace_token", "approve", "remind", "postpone", "decide"),
    "audit": ("note", "request", "entries"),
    "waits": ("put", "get"),
    "locks": ("get", "all", "take", "free"),
    "ecs": (
        "services", "service", "deploy", "deployment_history", "tasks", "task_definition",
        "register",
    ),
    "balancers": ("targets",),
    "instances": ("active",),
    "metrics": ("alarms", "series"),
    "images": ("pinned", "scan", "manifests", "media_types"),
    "lost_events": ("take", "delete"),
    "executions": ("start", "answer", "is_running", "status"),
    "group_executions": ("start",),
    "group_records": (
        "move_member", "newest", "create", "get", "read", "set_board_once", "replace_board",
        "mark_board", "mark_swept", "mark_failed_once", "record_arrival", "clear_token",
        "record_board", "close",
    ),
    "slack": ("post", "edit", "permalink", "members", "members_of", "account"),
    "light": (
        "post_ephemeral", "answer_openly", "members", "members_of", "account", "open_dialog", "post", "edit",
        "permalink",
    ),
}  # fmt: skip
"""Port → its methods, each of which is one or a few calls of AWS or Slack."""
EVENTUALLY_CONSISTENT = {
    "rollouts.newest",
    "group_records.newest",
    "executions.status",
    "executions.is_running",
    "images.scan",
    "ecs.services",
    "ecs.service",
    "ecs.tasks",
    "ecs.deployment_history",
    "balancers.targets",
    "instances.active",
    "metrics.alarms",
}
"""Calls whose answer may be of a moment ago: AWS is eventually consistent there."""


def grants_of(world: World, applications: Iterable[str]) -> Grants:
    """Say what `make deploy` would allow: what the world's task definitions name now."""
    contents = [each.content for each in world.task_definitions.all()]
    roles = {role for content in contents for role in roles_of(content, iam="").values()}
    groups = {f"/ecs/{name}" for name in applications}
    return Grants(task_roles=frozenset(roles), log_groups=frozenset(groups))


class Light:
    """Slack's calls that a person waits for."""

    def __init__(self, slack: Any) -> None:
        self.post, self.edit, self.permalink = slack.post, slack.edit, slack.permalink
        self.ephemeral_posts: list[str] = []
        self.dialogs: list[Any] = []
        self._slack = slack

    def post_ephemeral(self, url: str, text: str, blocks: Any = ()) -> bool:
        self.ephemeral_posts.append(text)
        return not self._slack.is_down

    def answer_openly(self, url: str, text: str, blocks: Any) -> bool:
        return not self._slack.is_down

    def members(self, group: str) -> frozenset[str]:
        return frozenset(STAFF)

    def members_of(self, groups: Any) -> dict[str, frozenset[str]]:
        return {group: self.members(group) for group in groups}

    def account(self, user: str) -> Account:
        return Account(team=TEAM)

    def open_dialog(self, trigger: str, view: Any) -> None:
        if self._slack.is_down:
            raise SlackUnavailable("views.open: down")
        self.dialogs.append(view)


class InterceptedPort:
    """A port whose calls the simulation may give a fault."""

    def __init__(self, name: str, target: Any, simulation: Any) -> None:
        self._name, self._target, self._simulation = name, target, simulation

    def __getattr__(self, method: str) -> Any:
        """Return a method that calls through the simulation."""
        if method not in CALLS[self._name]:
            raise AttributeError(f"{self._name}.{method} is not watched")
        label, effect = f"{self._name}.{method}", getattr(self._target, method)
        call = _intercepted(label, effect, self._simulation)
        setattr(self, method, call)
        return call


def _intercepted(label: str, effect: Callable[..., Any], simulation: Any) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return simulation.calls.call(label, effect, args, kwargs)

    return call


class Outside:
    """One run's tables, AWS and Slack."""

    def __init__(self, simulation: Any, digests: dict[str, str]) -> None:
        tables = dynamodb()
        self.rollouts = InMemoryRollouts(client=tables)
        self.group_records = InMemoryGroups(client=tables)
        self.approvals = InMemoryApprovals(client=tables)
        self.audit = InMemoryAudit(client=tables)
        self.waits = InMemoryWaits(client=tables)
        self.locks = InMemoryLocks(client=tables)
        self.images = FakeImages(**digests)
        self.lost_events = FakeLostEvents()
        self.slack = FakeSlack(*STAFF)
        self.light = Light(self.slack)
        self.ecs_client = EcsClient(simulation.world)
        self.ecs = Ecs(self.ecs_client)  # type: ignore[arg-type]
        self.instances = ContainerInstances(self.ecs_client)  # type: ignore[arg-type]
        self.balancers = LoadBalancers(ElbClient(simulation.world))  # type: ignore[arg-type]
        client: Any = StatesClient(simulation.states, simulation.groups.service)
        self.executions = Executions(client, simulation.states.arn)
        self.group_executions = Executions(client, simulation.groups.service.arn)
        self.applications, self.people = configured(simulation.story)
        self.metrics = Metrics(simulation.alarm_state)
        self.intercepted = {
            name: InterceptedPort(name, getattr(self, name), simulation) for name in CALLS
        }
        self.secret = FakeSecret(SECRET)
        self._numbers = count(1)
        self.context = self._context(simulation, "slack")
        self.quick_context = self._context(simulation, "light")

    def _context(self, simulation: Any, slack: str) -> Context:
        seen = self.intercepted
        gateways: Any = SimpleNamespace(
            **{name: seen[name] for name in ("rollouts", "approvals", "waits", "locks", "audit")},
            groups=seen["group_records"],
            executions=seen["executions"],
            group_executions=seen["group_executions"],
            ecs=seen["ecs"],
            load_balancers=seen["balancers"],
            cluster_capacity=seen["instances"],
            metrics=seen["metrics"],
            images=seen["images"],
            lost_events=seen["lost_events"],
            logs=Logs(),
            smoke_check=FakeSmoke(),
            slack=seen[slack],
            signing_secret=self.secret,
        )
        settings = SimpleNamespace(
            applications=self.applications,
            people=self.people,
            clusters={},
            grants=grants_of(simulation.world, self.applications),
            team=TEAM,
            channel=CHANNEL,
        )
        return Context(
            now=lambda: simulation.now,
            new_id=lambda: f"question-{next(self._numbers)}",
            settings=settings,
            gateways=gateways,
        )


CURRENT_RUN: list[Any] = [None]
"""The present run."""
LOG = StringIO()
"""What the handlers log in the present run."""


@contextmanager
def installed() -> Iterator[None]:
    """Have `runtime` return the contexts of the present run."""
    with ExitStack() as undo:
        # Runs make little that lasts: the collector would look through it all, again and again.
        undo.callback(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(500_000, 10, 10)
        undo.callback(gc.unfreeze)
        gc.freeze()

        def put(module: Any, name: str, value: Any) -> None:
            undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)

        for name in ("context", "quick_context"):
            put(runtime, name, lambda name=name: getattr(CURRENT_RUN[0].outside, name))
        functions()  # imports them all
        counted = handlers.observability.count
        for name, module in list(sys.modules.items()):
            if name.startswith("handlers.") and getattr(module, "count", None) is counted:
                put(module, "count", _uncounted)
        put(handlers.observability, "_tracer", lambda: _UNTRACED)
        # Nor do they on what the log says of the audit.
        put(logging.getLogger(AUDIT_LOG), "disabled", True)
        os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "shingo")
        log: Any = handlers.observability.logger().registered_handler
        undo.callback(log.setStream, log.setStream(LOG))
        yield


class _Untraced:
    """A tracer that traces nothing: no decision rests on traces."""

    provider: Any

    @staticmethod
    def in_subsegment(_: str) -> Any:
        return nullcontext()


_UNTRACED = _Untraced()
_UNTRACED.provider = _UNTRACED


def _uncounted(*_: Any, **__: Any) -> None:
    """Count nothing: no decision rests on metrics."""


def start_run(simulation: Any) -> None:
    """Make a run the present one."""
    CURRENT_RUN[0] = simulation
    LOG.seek(0)
    LOG.truncate()
