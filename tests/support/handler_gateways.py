"""Everything outside of the handlers, in memory, put where `runtime` would build the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

import pytest

from handlers import runtime
from handlers.domain.config.applications import Application
from handlers.domain.config.clusters import Cluster, FleetKind
from handlers.domain.config.grants import Grants
from handlers.domain.config.people import People
from handlers.domain.model.account import Account
from handlers.domain.model.rollout import Board, Rollout
from handlers.services.context import Context
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
)
from simulator.slack_requests import SECRET
from tests.support.builders import NOW, a_lock, an_application
from tests.support.fake_ecs import FakeEcs
from tests.support.fake_fleets import FakeFleets, FakeHosts
from tests.support.fakes import FakeBalancers, FakeExecutions, FakeInstances, FakeLogs, FakeMetrics


@dataclass
class Outside:
    """The outside as the handlers see it. A test sets what it is about, and looks at the rest."""

    time: datetime = NOW
    apps: dict[str, Application] = field(default_factory=lambda: {"api": an_application()})
    rollouts: InMemoryRollouts = field(default_factory=InMemoryRollouts)
    approvals: InMemoryApprovals = field(default_factory=InMemoryApprovals)
    audit: InMemoryAudit = field(default_factory=InMemoryAudit)
    waits: InMemoryWaits = field(default_factory=InMemoryWaits)
    locks: InMemoryLocks = field(default_factory=InMemoryLocks)
    ecs: FakeEcs = field(default_factory=FakeEcs)
    instances: FakeInstances = field(default_factory=FakeInstances)
    balancers: FakeBalancers = field(default_factory=FakeBalancers)
    metrics: Any = field(default_factory=FakeMetrics)
    logs: Any = field(default_factory=FakeLogs)
    smoke: Any = field(default_factory=FakeSmoke)
    images: FakeImages = field(default_factory=FakeImages)
    lost_events: FakeLostEvents = field(default_factory=FakeLostEvents)
    clusters: dict[str, Cluster] = field(default_factory=dict)
    grants: Grants | None = None
    hosts: FakeHosts = field(default_factory=FakeHosts)
    fleets: FakeFleets = field(default_factory=FakeFleets)
    executions: FakeExecutions = field(default_factory=FakeExecutions)
    group_executions: FakeExecutions = field(default_factory=FakeExecutions)
    releases: InMemoryGroups = field(default_factory=InMemoryGroups)
    """The groups of applications; `groups` are Slack's."""
    slack: FakeSlack = field(default_factory=FakeSlack)
    secret: FakeSecret = field(default_factory=lambda: FakeSecret(SECRET))
    open_answers: list[tuple[str, str, Any]] = field(default_factory=list)
    """What the channel was shown by response URLs."""
    ephemeral_posts: list[tuple[str, str]] = field(default_factory=list)
    ephemeral_blocks: list[Any] = field(default_factory=list)
    """The blocks of each of these, in their order."""
    groups: dict[str, Sequence[str]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    """What Slack knows of people who are no ordinary members of the workspace."""
    dialogs: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    people: Any = None
    """What stands for Slack in place of `Light`."""
    who: People = field(default_factory=People)
    """Who is who."""

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("context", "quick_context"):
            monkeypatch.setattr(runtime, name, self.context)

    def context(self) -> Context:
        return Context(
            now=lambda: self.time,
            new_id=lambda: token_urlsafe(18),
            settings=Configured(self),
            gateways=Gateways(self),
        )

    def hold(self, rollout: Rollout) -> Rollout:
        """Have a rollout on record that has its application."""
        self.locks.take(a_lock(rollout.id, application=rollout.application))
        return self.rollouts.create(rollout)

    @property
    def rollout(self) -> Rollout:
        """The one rollout that a test is about, as it is recorded now."""
        return next(iter(self.rollouts.records.values()))


class Configured:
    """The settings of a test."""

    team, channel = "T0RECIPES", "C0ROLLOUTS"
    applications = property(lambda self: self._outside.apps)
    clusters = property(lambda self: self._outside.clusters)
    people = property(lambda self: self._outside.who)
    grants = property(lambda self: self._outside.grants)

    def __init__(self, outside: Outside) -> None:
        self._outside = outside


class Gateways:
    """What a test has put in place, by the names of the ports."""

    groups = property(lambda self: self._outside.releases)
    cluster_capacity = property(lambda self: self._outside.instances)
    container_instances = property(lambda self: self._outside.hosts)
    load_balancers = property(lambda self: self._outside.balancers)
    auto_scaling = property(lambda self: self._outside.fleets)
    smoke_check = property(lambda self: self._outside.smoke)
    signing_secret = property(lambda self: self._outside.secret)
    slack = property(lambda self: self._outside.people or Light(self._outside))

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def spot_fleets(self, kind: FleetKind) -> FakeFleets:
        return self._outside.fleets.of(kind)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outside, name)


@dataclass
class Light:
    """The Slack channel and, while people wait, what only they see."""

    outside: Outside

    def post(self, *args: Any, **kwargs: Any) -> Board:
        return self.outside.slack.post(*args, **kwargs)

    def edit(self, *args: Any, **kwargs: Any) -> None:
        return self.outside.slack.edit(*args, **kwargs)

    def permalink(self, message: Board) -> str:
        return self.outside.slack.permalink(message)

    def answer_openly(self, url: str, text: str, blocks: Any) -> bool:
        self.outside.open_answers.append((url, text, blocks))
        return True

    def post_ephemeral(self, url: str, text: str, blocks: Any = ()) -> bool:
        self.outside.ephemeral_posts.append((url, text))
        self.outside.ephemeral_blocks.append(blocks)
        return True

    def members(self, group: str) -> frozenset[str]:
        return frozenset(self.outside.groups.get(group, ()))

    def members_of(self, groups: Any) -> dict[str, frozenset[str]]:
        return {group: self.members(group) for group in groups}

    def account(self, user: str) -> Account:
        return self.outside.accounts.get(user, Account(team=Configured.team))

    def open_dialog(self, trigger: str, view: Mapping[str, Any]) -> None:
        self.outside.dialogs.append((trigger, view))
