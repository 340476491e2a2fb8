"""One rollout, shown: `make demo`.

Starts the sandbox, starts a rollout through the API's start-execution, and shows the stages
as they happen. People answer on the channel page; `--auto` plays them.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from handlers.domain.rollout import Rollout
from sandbox.acts import Act
from sandbox.display import stages
from sandbox.players import GivenUp, Play
from sandbox.report import Result, decisions, entry_line, print_summary, untold, wrong
from sandbox.sandbox import Sandbox, running_sandbox
from sandbox.scenarios import SCENARIOS, Scenario
from sandbox.sfn import start, transitions

APPLICATION = "api"
FOLLOWED_WITHIN = 20.0
"""Seconds in which what a button starts must have begun."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one scenario; return the process's exit status."""
    options = _options(arguments)
    console = Console(stderr=options.auto)
    if options.scenario == "help":
        console.print(_listed())
        return 0
    if options.scenario not in SCENARIOS:
        console.print(f"There is no scenario {options.scenario!r}. There are:", _listed())
        return 2
    try:
        return _run(options.scenario, automatic=options.auto, console=console)
    except KeyboardInterrupt:
        console.print("Interrupted; the sandbox is gone.")
        return 130
    except GivenUp as error:
        console.print(f"[red]{error}[/]")
        return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--scenario", default="happy", help="which story; `help` lists them")
    parser.add_argument("--auto", action="store_true", help="play the people too")
    return parser.parse_args(arguments)


def _listed() -> Table:
    table = Table("SCENARIO", "what happens", "how it ends", box=None, pad_edge=False)
    for name, scenario in SCENARIOS.items():
        table.add_row(name, scenario.says, scenario.outcome)
    return table


def _run(name: str, *, automatic: bool, console: Console) -> int:
    scenario = SCENARIOS[name]
    with ExitStack() as stack:
        began = time.monotonic()
        with console.status("starting the sandbox") as status:
            opening = running_sandbox(
                progress=lambda doing: status.update(f"{doing} ..."),
                settings={APPLICATION: {"approvals": dict(scenario.approvals)}},
                people_acceleration=scenario.people_acceleration,
            )
            sandbox = stack.enter_context(opening)
        console.print(f"The sandbox is up after {time.monotonic() - began:.1f} s.")
        console.print(f"The Slack channel: [bold]{sandbox.address}[/]")
        return _play(sandbox, name, scenario, automatic=automatic, console=console)


def _play(
    sandbox: Sandbox, name: str, scenario: Scenario, *, automatic: bool, console: Console
) -> int:
    sandbox.events.fate = scenario.fate
    sandbox.ecs_calls.calls.clear()
    document = {"application": APPLICATION, "tag": scenario.tag, "requestedBy": "U0ALICE"}
    console.print(f"start-execution --input '{json.dumps(document)}'", markup=False)
    if not automatic:
        console.print(
            "It asks before each color: answer on the channel's page as bob. Ctrl-C ends it all.\n"
        )
    began = time.monotonic()
    play = Play(sandbox, scenario, start(sandbox, f"demo-{name}", document), automatic)
    described = _watched(play, console)
    rollout = play.rollouts().get(play.name)
    if rollout is None:
        console.print(f"{described['status']}: {described.get('error')}: {described.get('cause')}")
        console.print(sandbox.ministack.log.read_text()[-4000:], markup=False)
        return 1
    if scenario.then is not None:
        _go_on(play, rollout, console)
    result = Result(
        scenario=name,
        outcome=rollout.outcome,
        execution_status=described["status"],
        error=described.get("error", "") if described["status"] == "FAILED" else "",
        cause=rollout.cause,
        colors=sandbox.runs(APPLICATION),
        previous={c: p.previous.rsplit("/", 1)[-1] for c, p in rollout.colors.items()},
        decisions=decisions(rollout),
        audit=[entry_line(entry) for entry in play.audit()],
        ecs_calls=dict(sandbox.ecs_calls.calls),
        state_transitions=transitions(sandbox, play.execution),
        seconds=round(time.monotonic() - began, 1),
    )
    print_summary(console, rollout, result)
    problems = wrong(result, scenario) + untold(sandbox, scenario) if automatic else []
    for problem in problems:
        console.print(f"[red]wrong:[/] {problem}")
    if automatic:
        print(result.as_json())
    return 1 if problems else 0


def _watched(play: Play, console: Console) -> dict[str, Any]:
    said: list[str] = []
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(rollout: Rollout | None) -> None:
            if rollout is None:
                return
            live.update(stages(rollout), refresh=True)
            if not console.is_terminal:
                _say_changes(rollout, said, console)

        return play.until_ended(show)


def _say_changes(rollout: Rollout, said: list[str], console: Console) -> None:
    """Where nothing can be redrawn, say each stage once, as it is reached."""
    for color in rollout.colors.values():
        line = f"{color.color}: {color.stage.replace('_', ' ')}"
        if color.stage != "waiting" and line not in said:
            said.append(line)
            console.print(line)


def _go_on(play: Play, rollout: Rollout, console: Console) -> None:
    """Press what the ended rollout's board offers, and wait for what it starts."""
    action = play.scenario.then
    if action is None or not play.automatic:
        return
    until, pressed = time.monotonic() + FOLLOWED_WITHIN, False
    while time.monotonic() < until:
        pressed = pressed or play.do(rollout, Act(person="bob", action=action))
        newest = play.rollouts().newest(rollout.application, 1)[0]
        if newest.rolls_back == rollout.id:
            following = Play(play.sandbox, play.scenario, newest.execution, automatic=True)
            _watched(following, console)
            return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
