"""What a use case is given: the time, the settings and the gateways, in one frozen value.

An entry point gets it from `runtime` and passes it on; a test makes one of fakes. The log and the
metrics are no part of it: they are the process's own output, and nothing is decided by them.

Tested in `test_runtime.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from handlers.domain.config.applications import Application
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.config.clusters import Cluster, FleetKind
from handlers.domain.config.grants import Grants
from handlers.domain.config.people import People
from handlers.services import ports
from handlers.services.boards import GroupBoard, RolloutBoard


class Settings(Protocol):
    """What is configured."""

    @property
    def applications(self) -> Mapping[str, Application]:
        """By name."""

    @property
    def clusters(self) -> Mapping[str, Cluster]:
        """The clusters whose instances are looked after, by name."""

    @property
    def people(self) -> People:
        """Who is who."""

    @property
    def grants(self) -> Grants | None:
        """What the deployment allows; None where that is not known."""

    @property
    def team(self) -> str:
        """The id of the Slack workspace whose people may speak to us."""

    @property
    def channel(self) -> str:
        """The Slack channel of the applications that name none of their own."""


class Gateways(Protocol):
    """The outside, by port. Each client is made when it is first asked for."""

    @property
    def rollouts(self) -> ports.Rollouts: ...
    @property
    def groups(self) -> ports.Groups: ...
    @property
    def approvals(self) -> ports.Approvals: ...
    @property
    def waits(self) -> ports.Waits: ...
    @property
    def locks(self) -> ports.Locks: ...
    @property
    def audit(self) -> ports.Audit: ...
    @property
    def executions(self) -> ports.Executions: ...
    @property
    def group_executions(self) -> ports.Executions: ...
    @property
    def ecs(self) -> ports.Ecs: ...
    @property
    def load_balancers(self) -> ports.LoadBalancers: ...
    @property
    def cluster_capacity(self) -> ports.ClusterCapacity: ...
    @property
    def container_instances(self) -> ports.ContainerInstances: ...
    @property
    def auto_scaling(self) -> ports.AutoScaling: ...
    @property
    def metrics(self) -> ports.Metrics: ...
    @property
    def logs(self) -> ports.Logs: ...
    @property
    def smoke_check(self) -> ports.SmokeCheck: ...
    @property
    def images(self) -> ports.Images: ...
    @property
    def lost_events(self) -> ports.LostEvents: ...
    @property
    def slack(self) -> ports.Slack: ...
    @property
    def signing_secret(self) -> ports.Secret: ...
    def spot_fleets(self, kind: FleetKind) -> ports.SpotFleet: ...


@dataclass(frozen=True, kw_only=True)
class Context:
    now: Callable[[], datetime]
    """Returns the present time, with its time zone."""
    new_id: Callable[[], str]
    """Returns an id that nobody can guess."""
    settings: Settings
    gateways: Gateways

    @cached_property
    def rollout_board(self) -> RolloutBoard:
        gateways = self.gateways
        return RolloutBoard(
            gateways.slack,
            gateways.rollouts,
            gateways.groups,
            channel=self.channel_of,
            fallback=self._fallback,
            rules=self._rules,
        )

    @cached_property
    def group_board(self) -> GroupBoard:
        gateways = self.gateways
        return GroupBoard(
            gateways.slack,
            gateways.groups,
            channel=self.channel_of,
            fallback=self._fallback,
            rules=self._rules,
        )

    def channel_of(self, application: str) -> str:
        """Return where the board of an application is posted."""
        known = self.settings.applications.get(application)
        return (known.channel if known else "") or self.settings.channel

    def _fallback(self) -> str:
        """Return where a board goes whose own channel takes none."""
        return self.settings.channel

    def _rules(self, application: str, color: str) -> ApprovalRules:
        """Return the rules of a color; of no color in particular, of the application's first."""
        known = self.settings.applications.get(application)
        rules = known.rules if known else {}
        return rules.get(color) or next(iter(rules.values()), ApprovalRules())
