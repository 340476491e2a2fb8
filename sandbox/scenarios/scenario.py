"""What a scenario of one rollout is. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from handlers.domain.approvals.approval import Subject
from handlers.domain.history.audit import EventKind
from handlers.domain.model.outcomes import RolloutOutcome, Verdict
from handlers.domain.model.rollout import Rollout
from sandbox.host.event_delivery import DeliveryDelays, no_delay
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actions import do_nothing, keep_world, no_problems
from sandbox.stories.story import APPROVES, HEALTH, LOOKS_AGAIN, RELEASE, Answer, Story

Meanwhile = Callable[[Sandbox, Rollout], bool]
"""Does what others do during the rollout; called at each poll until it returns that it is done."""

Prepare = Callable[[Sandbox, str], None]
"""Prepares the world before the application's rollout starts."""

Check = Callable[[Sandbox, Rollout], list[str]]
"""Returns the problems that only this scenario can have."""

ON_CALL: Final = "arn:aws:iam::123456789012:role/on-call"
BOBS_ROLE: Final = "arn:aws:iam::123456789012:role/bobs-laptop"
ANYBODY: Final = "*"
ANY: Final = "*"
IMPATIENT: Final = 900.0
"""Makes the machine look at its questions each second."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario(Story):
    """A story in the sandbox."""

    description: str
    outcome: str = RolloutOutcome.COMPLETED
    reason: str = "faster search"
    usual_answers: Mapping[Subject, tuple[Answer, ...]] = field(
        default_factory=lambda: {RELEASE: APPROVES, HEALTH: (LOOKS_AGAIN, *APPROVES)}
    )
    people: Mapping[str, list[str]] = field(default_factory=dict)
    """Who is who, beside the settings."""
    delays: DeliveryDelays = no_delay
    """Of the events that AWS sends."""
    prepare: Prepare = keep_world
    meanwhile: Meanwhile = do_nothing
    evidence: tuple[tuple[str, str, Verdict], ...] = ()
    """What the evidence must hold: color, check (or `ANY`) and verdict."""
    followers: tuple[str, ...] = ()
    """Tags of the rollouts that must complete after it, one after the other."""
    people_acceleration: float = 1
    waits_for: Mapping[str, str] = field(default_factory=dict)
    """Color → words that must stand in the channel before anybody answers."""
    at_once: bool = False
    """Whether the people of a color answer all at the same moment."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Person, or `ANYBODY`, → words of a message that only they must have seen."""
    check: Check = no_problems
    audit: tuple[tuple[EventKind, str], ...] = ()
    """What the audit must hold, in this order: kind and who."""

    @property
    def is_about_health(self) -> bool:
        """Whether it is about what verification sees."""
        return bool(self.evidence) or self.outcome == RolloutOutcome.ALREADY_UNHEALTHY

    @property
    def has_rules(self) -> bool:
        """Whether its application has other settings than the committed ones."""
        return bool(self.settings)
