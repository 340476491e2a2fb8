"""What one execution of the state machine can hold, and what an application's durations ask of it.

The figures are those of the generated definition; `test_machine_budget.py` walks it and holds them.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol

from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.config.image_rules import ImageRules
from handlers.domain.model.durations import in_words
from handlers.domain.model.verification_settings import Verification

MACHINE_TIMEOUT: Final = timedelta(days=7)
"""Of the whole execution."""
MAX_HISTORY: Final = 25_000
"""Events of one execution; one more, and it fails with nothing put back
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""
HISTORY_RESERVE: Final = 5_000
"""Of these, kept for the steps themselves, for calls that are retried, and for looking again."""
HEALTH_POLL: Final = timedelta(minutes=1)
QUESTION_POLL: Final = timedelta(minutes=15)
DEPLOYMENT_POLL: Final = timedelta(minutes=10)
"""Of the image and the turn that are waited for, too."""
OBSERVATION_EVENTS: Final = 9
"""One turn of watching: two of the wait, five of the function, two of the choice."""
CALLBACK_EVENTS: Final = 8
"""One turn of a wait for an answer: six of the callback, two of the state in between."""


class Durations(Protocol):
    """What an application says."""

    @property
    def deadline(self) -> timedelta: ...
    @property
    def settle(self) -> timedelta: ...
    @property
    def rules(self) -> Mapping[str, ApprovalRules]: ...
    @property
    def verification(self) -> Verification: ...
    @property
    def images(self) -> ImageRules: ...


def longest_rollout(application: Durations) -> timedelta:
    """Return how long a rollout takes in which every wait ends in its last moment.

    Each color's question is waited for once. Where people are asked again in doubt, an execution
    may still end before they answer; its board then offers to roll back.
    """
    waits = 2 * application.images.wait_for_push + application.images.wait_for_turn
    questions = sum((r.expires_after for r in application.rules.values()), timedelta())
    watched = application.settle + application.verification.bake_at_most
    colors = len(application.rules)
    # All colors go back at once.
    return waits + questions + colors * (application.deadline + watched) + application.deadline


def most_events(application: Durations) -> int:
    """Return how many events all waits of a rollout write, in doubt at every color."""
    waits = 2 * application.images.wait_for_push + application.images.wait_for_turn
    questions = 2 * sum((r.expires_after for r in application.rules.values()), timedelta())
    watched = application.settle + application.verification.bake_at_most
    colors = len(application.rules)
    callbacks = (
        _turns(waits, DEPLOYMENT_POLL)
        + _turns(questions, QUESTION_POLL)
        + 2 * colors * _turns(application.deadline, DEPLOYMENT_POLL)
    )
    looks = colors * _turns(watched, HEALTH_POLL)
    return callbacks * CALLBACK_EVENTS + looks * OBSERVATION_EVENTS


def budget_problems(name: str, application: Durations) -> list[str]:
    """Say what of an application's durations one execution cannot hold."""
    problems = []
    total = longest_rollout(application)
    if total > MACHINE_TIMEOUT:
        problems.append(
            f"{name}: found waits of {in_words(total)} in one rollout (wait_for_push, "
            "wait_for_turn, and each color's expires_after, deadline, settle and bake_at_most), "
            f"expected at most {in_words(MACHINE_TIMEOUT)} together, which an execution lasts"
        )
    events, most = most_events(application), MAX_HISTORY - HISTORY_RESERVE
    if events > most:
        problems.append(
            f"{name}.verification.bake_at_most: found "
            f"{in_words(application.verification.bake_at_most)}, expected less: watching every "
            f"color that long writes {events:,} events with all waits, and an execution has room "
            f"for {most:,}"
        )
    return problems


def _turns(duration: timedelta, every: timedelta) -> int:
    return -(-duration // every)
