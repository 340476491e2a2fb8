"""Runs one scenario, from start-execution to its result.

Tested in `tests/e2e/test_scenarios.py`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.domain.model.image_reference import SHORT_DIGEST
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actors import POLL_SECONDS, Actors, ScenarioTimeoutError
from sandbox.scenarios.executions import end_of, start, transitions
from sandbox.scenarios.report import Result, decisions, entry_line, evidence, untold, wrong
from sandbox.scenarios.scenario import Scenario
from sandbox.scenarios.secret_scan import leaked_secrets
from sandbox.stories.story import Answer

APPLICATION = "api"
_FOLLOWED_WITHIN = 300.0
"""Seconds in which a button or a push must have started a rollout."""

Show = Callable[[Rollout | None], None]


def _show_nothing(_rollout: Rollout | None) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Run:
    """The result of a scenario."""

    result: Result
    rollout: Rollout | None
    """The record; None where the execution ended before it was made."""
    problems: list[str]
    """Its differences from the scenario's right end."""


def run_scenario(
    sandbox: Sandbox,
    name: str,
    scenario: Scenario,
    *,
    execution: str = "",
    application: str = APPLICATION,
    automatic: bool = True,
    show: Show = _show_nothing,
) -> Run:
    """Start a rollout, and play its actors until its execution has ended and its record is closed.

    Args:
        sandbox: where it runs; calls to ECS are counted from now on.
        name: the scenario's.
        scenario: the story.
        execution: the name of the execution; it must be new to the sandbox.
        application: the one that is rolled out.
        automatic: whether the people are played too.
        show: called with the record at each poll.

    Raises:
        ScenarioTimeoutError: an automatic run did not end in time.
    """
    sandbox.events.delays = scenario.delays
    sandbox.ecs_calls.calls.clear()
    messages = len(sandbox.workspace.timeline.messages)
    began = time.monotonic()
    scenario.prepare(sandbox, application)
    before = sandbox.runs(application)
    arn = _started(sandbox, scenario, execution or f"demo-{name}", application)
    actors = Actors(sandbox, scenario, arn, automatic)
    described = actors.until_ended(show)
    rollout = actors.rollouts.get(actors.name)
    if rollout is not None and automatic:
        for answer in scenario.then:
            _play_sequel(actors, rollout, answer, show)
    said: dict[str, Any] = {**end_of(described, rollout), **_recorded(rollout)}
    result = Result(
        **said,
        scenario=name,
        colors=sandbox.runs(application),
        previous=_previous(rollout) or before,
        audit=[entry_line(entry) for entry in actors.audit()],
        ecs_calls=dict(sandbox.ecs_calls.calls),
        state_transitions=transitions(sandbox, arn),
        seconds=round(time.monotonic() - began, 1),
    )
    problems = (
        wrong(result, scenario) + untold(sandbox, scenario, messages) + leaked_secrets(sandbox, arn)
    )
    if rollout is not None and automatic:
        problems += scenario.check(sandbox, rollout)
    if automatic:
        problems += _play_followers(actors, rollout, show)
    return Run(result=result, rollout=rollout, problems=problems)


def _started(sandbox: Sandbox, scenario: Scenario, execution: str, application: str) -> str:
    """Start the rollout as the scenario says; return its execution (ARN)."""
    if scenario.is_pushed:
        return _start_by_push(sandbox, scenario.tag, application)
    return start(sandbox, execution, scenario.input_for(application))


def _recorded(rollout: Rollout | None) -> dict[str, Any]:
    """Return what a rollout's record says of its questions and its evidence."""
    if rollout is None:
        return {"decisions": [], "evidence": {}}
    return {"decisions": decisions(rollout), "evidence": evidence(rollout)}


def _previous(rollout: Rollout | None) -> Mapping[str, str]:
    colors: Mapping[str, Any] = rollout.colors if rollout else {}
    return {color: progress.previous.rsplit("/", 1)[-1] for color, progress in colors.items()}


def _start_by_push(sandbox: Sandbox, tag: str, application: str) -> str:
    """Push an image, and return the execution (ARN) that this starts.

    Raises:
        ScenarioTimeoutError: it starts none.
    """
    digest = sandbox.push(application, tag)
    begins = f"{application}-{digest.removeprefix('sha256:')[:SHORT_DIGEST]}-"
    states, machine = sandbox.client("stepfunctions"), sandbox.stack.state_machine_arn
    until = time.monotonic() + _FOLLOWED_WITHIN
    while time.monotonic() < until:
        known = states.list_executions(stateMachineArn=machine)["executions"]
        for execution in known:
            if execution["name"].startswith(begins):
                return str(execution["executionArn"])
        sandbox.pause(POLL_SECONDS)
    raise ScenarioTimeoutError(f"the push of {tag} started nothing")


def _play_followers(actors: Actors, rollout: Rollout | None, show: Show) -> list[str]:
    """Play the rollouts that newer pushes started; return a problem for each that fails."""
    problems = []
    for tag in actors.scenario.followers if rollout else ():
        until = time.monotonic() + _FOLLOWED_WITHIN
        found: list[Rollout] = []
        while not found and time.monotonic() < until:
            newest = actors.rollouts.newest(rollout.application, 5) if rollout else []
            found = [each for each in newest if each.release.name == tag]
        if not found:
            problems.append(f"the push of {tag} started nothing")
            continue
        people = replace(actors.scenario, answers={})
        Actors(actors.sandbox, people, found[0].execution, automatic=True).until_ended(show)
        ended = actors.rollouts.read(found[0].id)
        if ended.outcome != RolloutOutcome.COMPLETED:
            problems.append(f"{tag} is {ended.outcome}, expected completed: {ended.cause}")
    return problems


def _play_sequel(actors: Actors, rollout: Rollout, answer: Answer, show: Show) -> None:
    """Press a button of the ended rollout's board, and play the rollout that it starts."""
    until = time.monotonic() + _FOLLOWED_WITHIN
    while not actors.give(rollout, answer) and time.monotonic() < until:
        actors.sandbox.pause(POLL_SECONDS)
    while time.monotonic() < until:
        for newest in actors.rollouts.newest(rollout.application, 1):
            if newest.rolls_back == rollout.id:
                following = Actors(
                    actors.sandbox, actors.scenario, newest.execution, automatic=True
                )
                following.until_ended(show)
                return
        actors.sandbox.pause(POLL_SECONDS)
