"""The scenarios of several rollouts at once in one channel, and their runner.

Tested in `tests/e2e/test_channel_scenarios.py`.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actors import POLL_SECONDS, TIMEOUT_SECONDS, Actors, ScenarioTimeoutError
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start
from sandbox.stories.right_end import live_buttons
from sandbox.stories.story import Story

IN_THE_CHANNEL: Final = 1 + len(COLORS) + 1
"""Messages of one rollout: its board, a question about each color, and its end."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelScenario(Story):
    """A story of rollouts that have nothing to do with each other."""

    description: str
    outcome: str = RolloutOutcome.COMPLETED
    reason: str = "faster search"


CHANNEL_SCENARIOS: Final[Mapping[str, ChannelScenario]] = {
    "three-at-once": ChannelScenario(
        description="three applications are rolled out at once: whose question is whose?",
        applications=("api", "web", "search"),
    ),
}
"""Name → scenario."""


def run_at_once(
    sandbox: Sandbox,
    name: str,
    scenario: ChannelScenario,
    *,
    automatic: bool = True,
    show: Callable[[list[Rollout]], None] = lambda _: None,
) -> list[str]:
    """Start a rollout of each application, and play their people until all have ended.

    Args:
        sandbox: where they run; it must have the applications.
        name: the scenario's.
        scenario: the story.
        automatic: whether the people are played too.
        show: called with the records at each poll.

    Returns:
        What differs from the right end.

    Raises:
        ScenarioTimeoutError: an automatic run did not end in time.
    """
    began, seen = time.monotonic(), len(sandbox.workspace.timeline.messages)
    actors = [
        Actors(
            sandbox,
            SCENARIOS["happy"],
            start(sandbox, f"{name}-{application}", scenario.input_for(application)),
            automatic,
        )
        for application in scenario.applications
    ]
    while True:
        records = [each.rollouts.get(each.name) for each in actors]
        known = [record for record in records if record is not None]
        show(known)
        if not any(_runs(sandbox, each.execution) for each in actors):
            return list(_problems(sandbox, scenario, known, seen))
        for each, record in zip(actors, records, strict=True):
            if record is not None and record.is_open:
                each.act(record)
        if automatic and time.monotonic() - began > TIMEOUT_SECONDS:
            raise ScenarioTimeoutError(f"{name} has not ended within {TIMEOUT_SECONDS:.0f} s")
        sandbox.pause(POLL_SECONDS)


def _runs(sandbox: Sandbox, execution: str) -> bool:
    described = sandbox.client("stepfunctions").describe_execution(executionArn=execution)
    return bool(described["status"] == "RUNNING")


def _problems(
    sandbox: Sandbox, scenario: ChannelScenario, ended: Iterable[Rollout], seen: int
) -> Iterable[str]:
    """Yield what is wrong with the ends, and with what the channel has of them."""
    own = sandbox.workspace.timeline.messages[seen:]
    for rollout in ended:
        if rollout.outcome != scenario.outcome:
            yield f"{rollout.id} is {rollout.outcome}, expected {scenario.outcome}: {rollout.cause}"
        told = [one for one in own if f"{rollout.application} {scenario.tag}" in one.text]
        shown = [one for one in told if not one.thread or one.in_channel_too]
        if len(shown) != IN_THE_CHANNEL:
            yield f"{rollout.id} has {len(shown)} messages in the channel, not {IN_THE_CHANNEL}"
    for message in own:
        if live := live_buttons(message.blocks):
            yield f"a message has live buttons: {live}: {message.text}"
