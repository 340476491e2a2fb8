"""Everything outside of the handlers, in memory, put where `runtime` would build the real one."""

from dataclasses import dataclass, field

from handlers import runtime
from handlers.domain.verification.observation_window import ObservationTools
from handlers.services.boards import Teller
from handlers.services.group_board import GroupTeller
from tests.support.builders import NOW, a_lock, an_application
from tests.support.fake_ecs import FakeEcs
from tests.support.fake_fleets import FakeFleets, FakeHosts
from tests.support.fakes import (
    FakeApprovals,
    FakeAudit,
    FakeBalancers,
    FakeExecutions,
    FakeGroupRecords,
    FakeImages,
    FakeInstances,
    FakeLocks,
    FakeLogs,
    FakeMetrics,
    FakeRollouts,
    FakeSecret,
    FakeSlack,
    FakeSmoke,
    FakeWaits,
)

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
"""What the recorded requests are signed with."""


@dataclass
class Outside:
    """The outside as the handlers see it. A test sets what it is about, and looks at the rest."""

    time: object = NOW
    apps: dict = field(default_factory=lambda: {"api": an_application()})
    rollouts: FakeRollouts = field(default_factory=FakeRollouts)
    approvals: FakeApprovals = field(default_factory=FakeApprovals)
    audit: FakeAudit = field(default_factory=FakeAudit)
    waits: FakeWaits = field(default_factory=FakeWaits)
    locks: FakeLocks = field(default_factory=FakeLocks)
    ecs: FakeEcs = field(default_factory=FakeEcs)
    instances: FakeInstances = field(default_factory=FakeInstances)
    balancers: FakeBalancers = field(default_factory=FakeBalancers)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    logs: FakeLogs = field(default_factory=FakeLogs)
    smoke: FakeSmoke = field(default_factory=FakeSmoke)
    images: FakeImages = field(default_factory=FakeImages)
    clusters: dict = field(default_factory=dict)
    hosts: FakeHosts = field(default_factory=FakeHosts)
    fleets: FakeFleets = field(default_factory=FakeFleets)
    executions: FakeExecutions = field(default_factory=FakeExecutions)
    group_executions: FakeExecutions = field(default_factory=FakeExecutions)
    releases: FakeGroupRecords = field(default_factory=FakeGroupRecords)
    """The groups of applications; `groups` are Slack's."""
    slack: FakeSlack = field(default_factory=FakeSlack)
    secret: FakeSecret = field(default_factory=lambda: FakeSecret(SECRET))
    whispers: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    groups: dict = field(default_factory=dict)
    dialogs: list = field(default_factory=list)

    def install(self, monkeypatch):
        for name in (
            "rollouts",
            "approvals",
            "audit",
            "waits",
            "locks",
            "ecs",
            "instances",
            "balancers",
            "images",
            "executions",
            "group_executions",
        ):
            monkeypatch.setattr(runtime, name, lambda name=name: getattr(self, name))
        monkeypatch.setattr(runtime, "clusters", lambda: self.clusters)
        monkeypatch.setattr(runtime, "hosts", lambda: self.hosts)
        monkeypatch.setattr(runtime, "auto_scaling", lambda: self.fleets)
        monkeypatch.setattr(runtime, "fleets", self.fleets.of)
        monkeypatch.setattr(runtime, "quick_ecs", lambda: self.ecs)
        monkeypatch.setattr(runtime, "quick_balancers", lambda: self.balancers)
        monkeypatch.setattr(runtime, "metrics", lambda: self.metrics)
        monkeypatch.setattr(runtime, "looking", self._looking)
        monkeypatch.setattr(runtime, "now", lambda: self.time)
        monkeypatch.setattr(runtime, "team", lambda: "T0RECIPES")
        monkeypatch.setattr(runtime, "applications", lambda: self.apps)
        monkeypatch.setattr(runtime, "signing_secret", lambda: self.secret)
        monkeypatch.setattr(runtime, "group_records", lambda: self.releases)
        monkeypatch.setattr(runtime, "group_teller", self._group_teller)
        monkeypatch.setattr(runtime, "quick_slack", lambda: Light(self))
        for name in ("teller", "quick_teller"):
            monkeypatch.setattr(runtime, name, self._teller)

    def _looking(self):
        return ObservationTools(
            ecs=self.ecs,
            balancers=self.balancers,
            metrics=self.metrics,
            logs=self.logs,
            smoke=self.smoke,
        )

    def _teller(self):
        return Teller(self.slack, self.rollouts, lambda _: "C0ROLLOUTS", self.complaints.append)

    def _group_teller(self):
        return GroupTeller(
            self.slack, self.releases, lambda _: "C0ROLLOUTS", self.complaints.append
        )

    def hold(self, rollout):
        """Have a rollout on record that has its application."""
        self.locks.take(a_lock(rollout.id, application=rollout.application))
        return self.rollouts.create(rollout)

    @property
    def rollout(self):
        """The one rollout that a test is about, as it is recorded now."""
        return next(iter(self.rollouts.records.values()))


@dataclass
class Light:
    """Slack while people wait."""

    outside: Outside

    def whisper(self, url, text):
        self.outside.whispers.append((url, text))
        return True

    def members(self, group):
        return frozenset(self.outside.groups.get(group, ()))

    def open_dialog(self, trigger, view):
        self.outside.dialogs.append((trigger, view))
