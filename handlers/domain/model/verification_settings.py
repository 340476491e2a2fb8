"""How a color is verified: what is measured, and what follows from each verdict.

Tested in `test_verdict_record.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from handlers.domain.model.measurements import Query
from handlers.domain.model.outcomes import Verdict


class Reaction(StrEnum):
    """What follows from a verdict."""

    GO_ON = "go on"
    LOOK_AGAIN = "look again"
    """Until the bake's longest end; then people are asked."""
    ASK = "ask"
    ROLL_BACK = "roll back"


@dataclass(frozen=True, kw_only=True)
class Reactions:
    """Verdict → what follows. What is not measured can never go on: that is a dry-run check."""

    unhealthy: Reaction = Reaction.ROLL_BACK
    inconclusive: Reaction = Reaction.LOOK_AGAIN
    no_data: Reaction = Reaction.LOOK_AGAIN
    error: Reaction = Reaction.LOOK_AGAIN

    def to(self, verdict: Verdict) -> Reaction:
        match verdict:
            case Verdict.HEALTHY:
                return Reaction.GO_ON
            case Verdict.UNHEALTHY:
                return self.unhealthy
            case Verdict.INCONCLUSIVE:
                return self.inconclusive
            case Verdict.NO_DATA:
                return self.no_data
            case Verdict.ERROR:
                return self.error
            case Verdict.WATCHING:
                return Reaction.LOOK_AGAIN


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The smallest difference from the control that matters; both parts must be exceeded."""

    times: float
    """As a factor of the control's: 2 is twice as much."""
    by: float
    """And at least by so much, in the metric's own unit; of a share, 0.005 is half a point."""
    at_least: int = 0
    """And at least so many events, of a share: fewer never condemn a release."""


@dataclass(frozen=True, kw_only=True)
class MetricCheck:
    """One metric of a color: what is asked, and between what limits it is healthy."""

    name: str
    query: Query
    unit: str = ""
    """What people read behind a value: `ms`, `%`; empty for a count or a share."""
    of: str = ""
    """The metric that this one is a share of: errors of requests. Both are counts then."""
    sparse: bool = False
    """A share whose metric is only sent when something happened: nothing sent is none, in periods
    in which the metric that it is of was measured."""
    at_most: float | None = None
    at_least: float | None = None
    effect: Effect | None = None
    """Compared with the control, where given. More is worse."""
    dry_run: bool = False
    """Measured and shown, and never decides."""
    reactions: Reactions = field(default_factory=Reactions)

    @property
    def decides(self) -> bool:
        """Whether anything follows from it."""
        has_limit = self.at_most is not None or self.at_least is not None
        return not self.dry_run and (has_limit or self.effect is not None)


@dataclass(frozen=True, kw_only=True)
class LogCheck:
    """Lines that match a pattern in a color's logs, compared with the control's."""

    name: str
    pattern: str
    """CloudWatch Logs' filter pattern syntax."""
    effect: Effect
    """Of lines per request, or per task and minute where requests are not measured."""
    dry_run: bool = False
    reactions: Reactions = field(default_factory=Reactions)


@dataclass(frozen=True, kw_only=True)
class SmokeCheck:
    """One HTTP request of our own to the color."""

    url: str
    """With a placeholder for the color or its service."""
    status: int = 200
    contains: str = ""
    """What the answer's body must contain."""
    dry_run: bool = False
    reactions: Reactions = field(default_factory=Reactions)


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How the colors of one application are verified."""

    bake: timedelta
    """How long a deployed color is watched at least."""
    bake_at_most: timedelta
    """And at most, while there is too little to judge by; then people are asked."""
    requests: int
    """How many requests it must have answered; 0 where requests are not measured."""
    period: timedelta
    """Of every metric: one value each."""
    compare_with: timedelta
    """How much of the time before the deployment the usual noise is learned from."""
    alarms: tuple[str, ...] = ()
    """Names of CloudWatch alarms, with a placeholder for the color or its service."""
    metrics: Mapping[str, MetricCheck] = field(default_factory=dict)
    logs: Mapping[str, LogCheck] = field(default_factory=dict)
    smoke: SmokeCheck | None = None
    dashboard: str = ""
    """Name of a CloudWatch dashboard that people are led to."""
